/* recado up: one instance from one folder, in the foreground, without root. */

#include "daemon/place.h"
#include "daemon/recado/cmd.h"
#include "daemon/recado/up.h"

#include "base/clock.h"
#include "daemon/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PROBE_EVERY_MS = 50,
	PROBE_PATIENCE_MS = 2000,
	HINT_AFTER_MS = 10000,
	NGINX_STOP_MS = 15000, /* its requests take at most 13 s */
	PORT_WAIT_MS = 1500,   /* for the port of an earlier run that was killed */
	MAX_ARGS = 16,
};

enum phase { STARTING, READY, STOPPING_NGINX, STOPPING_RECADOD, DONE };

struct up {
	const struct rcd_cli *cli;
	int port;
	enum phase phase;
	int status; /* to end with */
	bool fast;  /* asked to stop for the second time */
	struct rcd_conf *conf;
	struct rcd_up_set set;
	struct rcd_up_child recadod, nginx;
	struct rcd_up_log log;
	int lock_fd, listen_fd, signal_fd;
	int probe_fd;
	int64_t probe_at_ms; /* time of the next probe, or timeout of the one in flight */
	int64_t hint_at_ms;  /* when to print that it takes long; 0: printed */
	int64_t kill_at_ms;  /* when to kill a child that does not stop */
	char recadod_path[PATH_MAX], nginx_path[PATH_MAX];
	const char *recadod_argv[MAX_ARGS], *nginx_argv[8];
};

/* --- preparing -------------------------------------------------------------------------- */

static void set_arguments(struct up *up)
{
	size_t n = 0;

	up->recadod_argv[n++] = up->recadod_path;
	up->recadod_argv[n++] = "-c";
	up->recadod_argv[n++] = RCD_UP_CONF;
	for (size_t i = 0; up->set.list[i] != NULL; i++) {
		up->recadod_argv[n++] = "-s";
		up->recadod_argv[n++] = up->set.list[i];
	}
	up->recadod_argv[n] = NULL;
	n = 0;
	up->nginx_argv[n++] = up->nginx_path;
	up->nginx_argv[n++] = "-p";
	up->nginx_argv[n++] = "./";
	up->nginx_argv[n++] = "-e";
	up->nginx_argv[n++] = RCD_UP_NGINX_LOG;
	up->nginx_argv[n++] = "-c";
	up->nginx_argv[n++] = RCD_UP_NGINX_CONF;
	up->nginx_argv[n] = NULL;
}

static int wait_for_port(int port, struct rcd_err *err)
{
	const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
	int64_t deadline = rcd_deadline_in(PORT_WAIT_MS);

	while (rcd_up_port_free(port, err)) {
		if (err->code != RCD_BUSY || rcd_deadline_left(deadline, 1) == 0)
			return -1;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

/* What the folder needs before its configuration can be read. */
static int prepare_folder(struct up *up, struct rcd_err *err)
{
	if (rcd_place_recadod(up->recadod_path, sizeof(up->recadod_path), err) ||
	    rcd_place_program("nginx", up->nginx_path, sizeof(up->nginx_path), err) ||
	    rcd_up_enter(up->cli->dir, &up->lock_fd, err))
		return -1;
	return rcd_up_fill(err);
}

static int prepare_sockets(struct up *up, struct rcd_err *err)
{
	int fd;

	if (wait_for_port(up->port, err) || rcd_up_listen(&fd, err))
		return -1;
	up->listen_fd = fcntl(fd, F_DUPFD_CLOEXEC, 10); /* away from 3, its number in the child */
	close(fd);
	if (up->listen_fd < 0)
		return rcd_fail_errno(err, "no file descriptor left");
	up->recadod.listen_fd = up->listen_fd;
	return rcd_up_nginx_conf(up->port, up->conf, geteuid() == 0, err);
}

static int prepare_signals(struct up *up, struct rcd_err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return rcd_fail_errno(err, "sigprocmask");
	(void)signal(SIGPIPE, SIG_IGN);
	up->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (up->signal_fd < 0)
		return rcd_fail_errno(err, "no signalfd");
	/* nginx's workers and recadod's become our children when their parent dies */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return rcd_fail_errno(err, "prctl");
	return 0;
}

/* Thousands of connections need more descriptors than a shell's soft limit. */
static void raise_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= 16384)
		return;
	r.rlim_cur = r.rlim_max < 16384 ? r.rlim_max : 16384;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

/* --- stopping --------------------------------------------------------------------------- */

static void signal_child(const struct rcd_up_child *c, int sig)
{
	if (c->pid > 0)
		(void)kill(c->pid, sig);
}

/* nginx first: it takes no new connection and lets recadod answer what it has. */
static void stop_nginx(struct up *up)
{
	up->phase = STOPPING_NGINX;
	up->nginx.start_at_ms = up->recadod.start_at_ms = 0;
	up->kill_at_ms = rcd_mono_ms() + NGINX_STOP_MS;
	if (up->probe_fd >= 0)
		close(up->probe_fd);
	up->probe_fd = -1;
	signal_child(&up->nginx, SIGQUIT);
}

static void stop_recadod(struct up *up)
{
	up->phase = STOPPING_RECADOD;
	up->kill_at_ms = rcd_mono_ms() + up->conf->drain_ms + 2000;
	signal_child(&up->recadod, up->fast ? SIGINT : SIGTERM);
}

static void handle_stop(struct up *up)
{
	if (up->phase < STOPPING_NGINX) {
		stop_nginx(up);
		return;
	}
	up->fast = true;
	signal_child(&up->nginx, SIGTERM);
	if (up->phase == STOPPING_RECADOD)
		signal_child(&up->recadod, SIGINT);
}

static void kill_slow(struct up *up)
{
	const struct rcd_up_child *c = up->nginx.pid > 0 ? &up->nginx : &up->recadod;

	rcd_cli_fail(up->cli, "%s does not stop: killed", c->name);
	if (c->pid > 0)
		(void)kill(-c->pid, SIGKILL);
	up->kill_at_ms = rcd_mono_ms() + 1000;
}

static void give_up(struct up *up, const struct rcd_err *err)
{
	rcd_up_log_relay(&up->log); /* what it had to say comes first */
	rcd_cli_fail(up->cli, "%s", err->msg);
	/* a bad configuration has its own status: see recadod(8) */
	up->status = err->sys == RCD_EXIT_CONF ? RCD_EXIT_CONF : RCD_EXIT_FAILED;
	stop_nginx(up);
}

/* --- running ---------------------------------------------------------------------------- */

static void handle_death(struct up *up, struct rcd_up_child *c, int status)
{
	struct rcd_err err;

	if (up->phase >= STOPPING_NGINX) {
		(void)kill(-c->pid, SIGTERM);
		c->pid = 0;
	} else if (rcd_up_reap(c, status, up->phase == READY, &err)) {
		give_up(up, &err);
	} else {
		rcd_cli_fail(up->cli, "%s ended (%s %d): started again", c->name,
		             WIFSIGNALED(status) ? "signal" : "status",
		             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
}

static void reap_children(struct up *up)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == up->nginx.pid)
			handle_death(up, &up->nginx, status);
		else if (pid == up->recadod.pid)
			handle_death(up, &up->recadod, status);
	}
}

static void take_signals(struct up *up)
{
	struct signalfd_siginfo si;

	while (read(up->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGHUP)
			signal_child(&up->recadod, SIGHUP);
		else if (si.ssi_signo != SIGCHLD)
			handle_stop(up);
	}
	reap_children(up);
}

static void start_due(struct up *up, struct rcd_up_child *c, int64_t now)
{
	struct rcd_err err;

	if (c->pid > 0 || c->start_at_ms == 0 || now < c->start_at_ms)
		return;
	if (rcd_up_start(c, &err)) { /* out of memory or processes: retried */
		rcd_cli_fail(up->cli, "%s", err.msg);
		c->start_at_ms = now + 500;
	}
}

static void probe_health(struct up *up, int64_t now)
{
	int status = up->probe_fd >= 0 ? rcd_up_probe_read(&up->probe_fd) : 0;

	if (status == 200) {
		up->phase = READY;
		printf("ready http://127.0.0.1:%d\n", up->port);
		fflush(stdout);
		return;
	}
	if (up->hint_at_ms != 0 && now >= up->hint_at_ms) {
		rcd_cli_fail(up->cli, "/health still does not answer 200: see %s/" RCD_UP_LOG,
		             up->cli->dir);
		up->hint_at_ms = 0;
	}
	if (status != 0) /* refused, or not 200: the next one soon */
		up->probe_at_ms = now + PROBE_EVERY_MS;
	if (now < up->probe_at_ms)
		return;
	if (up->probe_fd >= 0)
		close(up->probe_fd);
	up->probe_at_ms = now + (rcd_up_probe_start(up->port, &up->probe_fd) ? PROBE_EVERY_MS
	                                                                     : PROBE_PATIENCE_MS);
}

static void step_phase(struct up *up)
{
	int64_t now = rcd_mono_ms();

	if (up->phase < STOPPING_NGINX) {
		start_due(up, &up->recadod, now);
		start_due(up, &up->nginx, now);
	}
	if (up->phase == STARTING)
		probe_health(up, now);
	if (up->phase == STOPPING_NGINX && up->nginx.pid == 0)
		stop_recadod(up);
	if (up->phase == STOPPING_RECADOD && up->recadod.pid == 0)
		up->phase = DONE;
	if (up->phase >= STOPPING_NGINX && up->phase < DONE && now >= up->kill_at_ms)
		kill_slow(up);
}

/* The poll timeout in ms: until the next deadline. */
static int compute_timeout(const struct up *up)
{
	int64_t at = rcd_mono_ms() + 60000, now = rcd_mono_ms();
	const int64_t due[] = {
		up->recadod.start_at_ms,
		up->nginx.start_at_ms,
		up->phase == STARTING ? up->probe_at_ms : 0,
		up->phase >= STOPPING_NGINX ? up->kill_at_ms : 0,
	};

	for (size_t i = 0; i < sizeof(due) / sizeof(*due); i++)
		if (due[i] != 0 && due[i] < at)
			at = due[i];
	return at > now ? (int)(at - now) : 0;
}

static void run_loop(struct up *up)
{
	up->recadod.start_at_ms = up->nginx.start_at_ms = rcd_mono_ms();
	up->hint_at_ms = rcd_mono_ms() + HINT_AFTER_MS;
	for (step_phase(up); up->phase != DONE; step_phase(up)) {
		struct pollfd p[] = {
			{.fd = up->signal_fd, .events = POLLIN},
			{.fd = up->log.read_fd, .events = POLLIN},
			{.fd = up->probe_fd, .events = POLLIN},
		};

		if (poll(p, 3, compute_timeout(up)) < 0 && errno != EINTR)
			break;
		rcd_up_log_relay(&up->log);
		take_signals(up);
		if (rcd_up_log_rotate_nginx())
			signal_child(&up->nginx, SIGUSR1);
	}
	rcd_up_end_orphans();
	rcd_up_log_relay(&up->log);
}

static int run_up(struct up *up)
{
	struct rcd_err err;

	if (prepare_folder(up, &err))
		return rcd_cli_fail(up->cli, "%s", err.msg);
	rcd_up_set(&up->set, up->port);
	if (rcd_conf_load(&up->conf, RCD_UP_CONF, up->set.list, rcd_cli_errors, NULL)) {
		rcd_cli_fail(up->cli, "%s/" RCD_UP_CONF " cannot be used", up->cli->dir);
		return RCD_EXIT_CONF;
	}
	set_arguments(up);
	if (prepare_sockets(up, &err) || rcd_up_log_open(&up->log, &err) || prepare_signals(up, &err))
		return rcd_cli_fail(up->cli, "%s", err.msg);
	up->recadod.log_fd = up->log.write_fd;
	raise_limit();
	run_loop(up);
	return up->status;
}

static int parse_options(struct up *up, struct rcd_cli *cli, int argc, char **argv)
{
	static const struct option opts[] = {{"port", required_argument, NULL, 'p'}, RCD_CLI_LONG};
	int c;

	while ((c = getopt_long(argc, argv, RCD_CLI_SHORT "p:", opts, NULL)) != -1) {
		if (c == 'p' ? !rcd_cli_number(cli, "--port", optarg, 1, 65535, &up->port)
		             : !rcd_cli_opt(cli, c))
			return RCD_EXIT_USAGE;
	}
	if (cli->dir != NULL && cli->dir[0] != '\0' && cli->file == NULL && optind == argc)
		return RCD_EXIT_OK;
	fputs("recado up: say which folder: recado up --dir DIR [--port P]\n", stderr);
	return RCD_EXIT_USAGE;
}

int rcd_cmd_up(struct rcd_cli *cli, int argc, char **argv)
{
	struct up up = {
		.cli = cli,
		.port = 8080,
		.lock_fd = -1,
		.listen_fd = -1,
		.signal_fd = -1,
		.probe_fd = -1,
		.log = {.read_fd = -1, .write_fd = -1, .file_fd = -1},
	};
	int status = parse_options(&up, cli, argc, argv);

	if (status != RCD_EXIT_OK)
		return status;
	up.recadod = (struct rcd_up_child){.name = "recadod",
	                                   .argv = up.recadod_argv,
	                                   .listen_fd = -1,
	                                   .log_fd = -1,
	                                   .secrets = true};
	up.nginx = (struct rcd_up_child){.name = "nginx",
	                                 .argv = up.nginx_argv,
	                                 .listen_fd = -1,
	                                 .log_fd = -1};
	status = run_up(&up);
	rcd_up_log_close(&up.log);
	if (up.listen_fd >= 0) {
		(void)unlink(RCD_UP_SOCKET);
		close(up.listen_fd);
	}
	if (up.signal_fd >= 0)
		close(up.signal_fd);
	rcd_conf_free(up.conf);
	if (up.lock_fd >= 0)
		close(up.lock_fd);
	return status;
}
