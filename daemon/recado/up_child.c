#include "daemon/recado/up.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	QUICK_MS = 1000,   /* a life this short is a crash on start */
	QUICK_DEATHS = 10, /* so many in a row: give up */
	STEP_MS = 50,      /* added to the delay for each quick death … */
	LONGEST_MS = 500,  /* … up to this: a restart comes within a second */
};

/* --- start ------------------------------------------------------------------------------ */

/* systemd's protocol: the socket is fd 3; LISTEN_FDS and LISTEN_PID say so. */
static void pass_listener(int fd)
{
	char pid[16];

	if (fd < 0) {
		unsetenv("LISTEN_FDS");
		unsetenv("LISTEN_PID");
		return;
	}
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (dup2(fd, 3) < 0 || setenv("LISTEN_FDS", "1", 1) != 0 || setenv("LISTEN_PID", pid, 1) != 0 ||
	    setenv("LISTEN_FDNAMES", "fcgi", 1) != 0)
		_exit(126);
}

static void clean_environment(const struct rcd_up_child *c)
{
	/* set by a service manager for this process alone */
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	if (!c->secrets)
		rcd_conf_scrub_env();
}

static _Noreturn void exec_child(const struct rcd_up_child *c, pid_t parent)
{
	sigset_t none;

	/* When this process is killed, the kernel asks the children to stop. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(126);
	(void)setpgid(0, 0);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (c->log_fd >= 0 && dup2(c->log_fd, STDERR_FILENO) < 0)
		_exit(126);
	/* standard output carries the "ready" line alone */
	if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(126);
	clean_environment(c);
	pass_listener(c->listen_fd);
	execv(c->argv[0], (char *const *)c->argv);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", c->argv[0], strerror(errno));
	_exit(127);
}

int rcd_up_start(struct rcd_up_child *c, struct rcd_err *err)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return rcd_fail_errno(err, "cannot start %s", c->name);
	if (pid == 0)
		exec_child(c, parent);
	(void)setpgid(pid, pid); /* both sides: whoever comes first */
	c->pid = pid;
	c->started_ms = rcd_mono_ms();
	c->start_at_ms = 0;
	return 0;
}

/* --- death ------------------------------------------------------------------------------ */

static int give_up(const struct rcd_up_child *c, int status, const char *when, struct rcd_err *err)
{
	const char *log = c->log_fd >= 0 ? RCD_UP_LOG : RCD_UP_NGINX_LOG;

	if (WIFSIGNALED(status))
		return rcd_fail(err, RCD_DOWN, 0, "%s was killed by signal %d %s: see %s", c->name,
		                WTERMSIG(status), when, log);
	return rcd_fail(err, RCD_DOWN, WEXITSTATUS(status), "%s ended with status %d %s: see %s",
	                c->name, WEXITSTATUS(status), when, log);
}

int rcd_up_reap(struct rcd_up_child *c, int status, bool was_ready, struct rcd_err *err)
{
	int64_t now = rcd_mono_ms(), wait;
	pid_t group = c->pid;

	c->pid = 0;
	/* orphans of nginx hold the port and are killed; those of recadod may finish their work */
	(void)kill(-group, c->listen_fd >= 0 ? SIGTERM : SIGKILL);
	if (!was_ready && WIFEXITED(status))
		return give_up(c, status, "before it was ready", err);
	c->quick_deaths = now - c->started_ms < QUICK_MS ? c->quick_deaths + 1 : 0;
	if (c->quick_deaths >= QUICK_DEATHS)
		return give_up(c, status, "ten times in a row", err);
	wait = (int64_t)c->quick_deaths * STEP_MS;
	c->start_at_ms = now + (wait < LONGEST_MS ? wait : LONGEST_MS);
	return 0;
}

/* --- what is left ----------------------------------------------------------------------- */

/* Signals all children, from the list of the kernel: as subreaper this process inherits all
 * orphans. */
static void signal_children(int sig)
{
	char path[64], text[4096];
	struct rcd_sv rest, pid;
	int64_t v;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	if (f == NULL)
		return;
	rest = (struct rcd_sv){text, fread(text, 1, sizeof(text), f)};
	fclose(f);
	while (rcd_sv_cut(&rest, ' ', &pid))
		if (rcd_parse_i64(pid, 1, INT_MAX, &v) == 0)
			(void)kill((pid_t)v, sig);
}

/* Until a child has ended; SIGCHLD is blocked, since cmd_up reads it from a signalfd. */
static void await_child(int64_t left_ms)
{
	const struct timespec ts = {left_ms / 1000, left_ms % 1000 * 1000000};
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigtimedwait(&set, NULL, &ts);
}

/* True when there is no child any more. */
static bool reap_until(int64_t deadline)
{
	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid == 0) {
			if (rcd_deadline_left(deadline, 1) == 0)
				return false;
			await_child(rcd_deadline_left(deadline, INT32_MAX));
		}
	}
}

void rcd_up_end_orphans(void)
{
	if (reap_until(rcd_deadline_in(1)))
		return;
	signal_children(SIGTERM);
	if (reap_until(rcd_deadline_in(2000)))
		return;
	for (int i = 0; i < 20; i++) { /* a grandchild is inherited only once its parent has ended */
		signal_children(SIGKILL);
		if (reap_until(rcd_deadline_in(100)))
			return;
	}
}
