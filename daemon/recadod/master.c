/* The master: a small state machine over a table of children.
 *
 *   running ──SIGHUP──→ reloading (the new generation starts beside the old)
 *      ↑                   │ all ready: the old one drains │ one fails: the new one goes
 *      └───────────────────┴───────────────────────────────┘
 *   any ──SIGTERM──→ stopping (everybody drains, then SIGKILL), SIGINT: the same, quickly */

#include "daemon/recadod/master.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "daemon/lock.h"
#include "daemon/log.h"
#include "daemon/modes.h"
#include "daemon/recadod/child.h"
#include "daemon/recadod/host.h"
#include "daemon/recadod/leases.h"
#include "daemon/recadod/notify.h"
#include "daemon/recadod/socket.h"
#include "daemon/recadod/title.h"
#include "store/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* for a child to say that it is ready: it may have a large folder to read */
#define START_MS 60000
#define STUCK_MS 60000 /* without a sign of life */
#define STORE_MS 60000 /* how long a database server may take to answer at start */
#define LOCK_MS 15000  /* for a dead predecessor's children to go */
#define CRASH_MS 1000  /* an end this soon after the start is a crash */

struct child {
	bool used;
	pid_t pid; /* 0: to be started (again) at start_ms */
	enum rcd_role role;
	int index, generation;
	int ready_fd;
	bool ready, stopping;
	int64_t owner, dead[RCD_MAX_DEAD];
	int64_t started_ms, start_ms, kill_ms; /* rcd_mono_ms() */
	int crashes;
};

enum state { RUNNING, RELOADING, STOPPING };

struct master {
	struct rcd_conf *conf, *next;
	const char *file;
	const char *const *overrides;
	struct rcd_board *board;
	struct child child[RCD_MAX_SLOTS];
	enum state state;
	int generation; /* newest started */
	int listen_fd, signal_fd, lock_fd, bell[2], news_fd;
	int64_t host;      /* see rcd_job_owner */
	int64_t freed;     /* leases of the last run: it did not end well */
	int64_t reload_ms; /* when the reload must be through */
	long watchdog_ms;
	sigset_t signals, before;
};

static void log_note(void *arg, bool error, const char *text)
{
	(void)arg;
	rcd_log(error ? RCD_ERROR : RCD_WARN, "%s", text);
}

/* --- start ---------------------------------------------------------------------------- */

static const struct rcd_conf *conf_of(const struct master *m, const struct child *k)
{
	return m->next != NULL && k->generation == m->generation ? m->next : m->conf;
}

static int run_child(struct master *m, struct child *k, int ready_fd)
{
	struct rcd_child child = {
		.conf = conf_of(m, k),
		.board = m->board,
		.slot = &m->board->slot[k - m->child],
		.role = k->role,
		.index = k->index,
		.listen_fd = m->listen_fd,
		.bell_rx = m->bell[0],
		.bell_tx = m->bell[1],
		.news_fd = m->news_fd,
		.ready_fd = ready_fd,
		.owner = k->owner,
		.after_death = k->dead[0] != 0 || (m->generation == 1 && m->freed > 0),
	};
	sigset_t term;

	/* without a master nobody would replace us: the next master starts clean */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	rcd_title("recadod: %s %d", rcd_role_name[k->role], k->index);
	for (int i = 0; i < RCD_MAX_DEAD; i++)
		child.dead[i] = k->dead[i];
	for (int i = 0; i < RCD_MAX_SLOTS; i++)
		if (m->child[i].used && m->child[i].ready_fd >= 0)
			(void)close(m->child[i].ready_fd);
	(void)close(m->signal_fd);
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	child.signal_fd = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
	rcd_conf_scrub_env(); /* the master keeps them for the next reload; nobody below needs them */
	rcd_log_init(rcd_role_name[k->role], child.conf->log_level);
	return k->role == RCD_ROLE_WEB ? rcd_web_main(&child) : rcd_work_main(&child);
}

static void spawn_child(struct master *m, struct child *k)
{
	struct rcd_slot *slot = &m->board->slot[k - m->child];
	pid_t master = getpid();
	int fd[2];

	k->owner = rcd_job_owner(m->host);
	k->start_ms = rcd_mono_ms() + 1000; /* if this fails */
	if (pipe2(fd, O_CLOEXEC) != 0) {
		rcd_log(RCD_ERROR, "pipe: %m");
		return;
	}
	atomic_store(&slot->ready, false);
	atomic_store(&slot->beat_ms, rcd_mono_ms());
	atomic_store(&slot->served, 0);
	atomic_store(&slot->busy, 0);
	atomic_store(&slot->open, 0);
	k->pid = fork();
	if (k->pid == 0) {
		(void)close(fd[0]);
		k->ready_fd = -1;
		if (getppid() != master)
			_exit(1);
		exit(run_child(m, k, fd[1]));
	}
	(void)close(fd[1]);
	if (k->pid < 0) {
		rcd_log(RCD_ERROR, "fork: %m");
		k->pid = 0;
		(void)close(fd[0]);
		return;
	}
	k->ready_fd = fd[0];
	k->ready = k->stopping = false;
	k->started_ms = rcd_mono_ms();
	k->kill_ms = k->started_ms + START_MS;
	atomic_store(&slot->role, (int)k->role);
	atomic_store(&slot->generation, k->generation);
	atomic_store(&slot->pid, k->pid);
	rcd_log(RCD_INFO, "%s %d is pid %d, generation %d", rcd_role_name[k->role], k->index,
	        (int)k->pid, k->generation);
}

static void add_children(struct master *m, enum rcd_role role, int count)
{
	for (int i = 0, index = 0; i < RCD_MAX_SLOTS && index < count; i++) {
		struct child *k = &m->child[i];

		if (k->used)
			continue;
		*k = (struct child){.used = true,
		                    .role = role,
		                    .index = index,
		                    .generation = m->generation,
		                    .ready_fd = -1};
		spawn_child(m, k);
		index++;
	}
}

static int count_free_slots(const struct master *m)
{
	int n = 0;

	for (int i = 0; i < RCD_MAX_SLOTS; i++)
		n += !m->child[i].used;
	return n;
}

static void start_generation(struct master *m, const struct rcd_conf *conf)
{
	m->generation++;
	add_children(m, RCD_ROLE_WEB, conf->web_processes);
	add_children(m, RCD_ROLE_WORK, conf->work_processes);
}

/* --- end ------------------------------------------------------------------------------ */

static void stop_child(const struct master *m, struct child *k)
{
	if (k->stopping)
		return;
	k->stopping = true;
	if (k->pid == 0) {
		k->used = false;
		return;
	}
	k->kill_ms = rcd_mono_ms() + m->conf->drain_ms + 2000;
	(void)kill(k->pid, SIGTERM);
}

static void stop_generation(struct master *m, int generation)
{
	for (int i = 0; i < RCD_MAX_SLOTS; i++)
		if (m->child[i].used && m->child[i].generation == generation)
			stop_child(m, &m->child[i]);
}

static void give_up_reload(struct master *m, const char *why)
{
	rcd_log(RCD_ERROR, "reload failed: %s; generation %d goes on", why,
	        atomic_load(&m->board->generation));
	stop_generation(m, m->generation);
	m->next = rcd_conf_free(m->next);
	m->state = RUNNING;
	rcd_notify("READY=1");
}

static void remember_owner(struct child *k)
{
	for (int i = RCD_MAX_DEAD - 1; i > 0; i--)
		k->dead[i] = k->dead[i - 1];
	k->dead[0] = k->owner;
}

static void log_death(const struct child *k, int status, const struct rcd_slot *slot)
{
	if (WIFSIGNALED(status))
		rcd_log(k->stopping ? RCD_NOTICE : RCD_ERROR,
		        "child_killed role=%s index=%d pid=%d signal=%d in_flight=%d",
		        rcd_role_name[k->role], k->index, (int)k->pid, WTERMSIG(status),
		        atomic_load(&slot->busy));
	else if (WEXITSTATUS(status) != 0 || !k->stopping)
		rcd_log(RCD_ERROR, "child_failed role=%s index=%d pid=%d status=%d", rcd_role_name[k->role],
		        k->index, (int)k->pid, WEXITSTATUS(status));
	else
		rcd_log(RCD_INFO, "child_ended role=%s index=%d pid=%d", rcd_role_name[k->role], k->index,
		        (int)k->pid);
}

static void replace_child(struct master *m, struct child *k, int status)
{
	struct rcd_slot *slot = &m->board->slot[k - m->child];
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	int64_t now = rcd_mono_ms();

	log_death(k, status, slot);
	atomic_store(&slot->pid, 0);
	if (k->ready_fd >= 0)
		(void)close(k->ready_fd);
	k->ready_fd = -1;
	k->pid = 0;
	if (k->stopping) {
		k->used = false;
		if (m->state != STOPPING) /* the next start frees all */
			rcd_leases_release(m->conf->database_url, k->owner, m->bell[1]);
		return;
	}
	if (m->state == RELOADING && k->generation == m->generation) {
		give_up_reload(m, "a process of the new generation did not start");
		return;
	}
	remember_owner(k);
	atomic_fetch_add(&m->board->restarts, 1);
	/* exponential backoff for a crash loop; a SIGKILL comes from elsewhere and is no crash */
	k->crashes = now - k->started_ms < CRASH_MS && !killed ? k->crashes + 1 : 0;
	if (k->crashes < 2)
		spawn_child(m, k);
	else
		k->start_ms = now + (50LL << (k->crashes < 8 ? k->crashes : 8));
}

static void reap_children(struct master *m)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < RCD_MAX_SLOTS; i++)
			if (m->child[i].used && m->child[i].pid == pid)
				replace_child(m, &m->child[i], status);
}

/* --- signals -------------------------------------------------------------------------- */

static void reload_conf(struct master *m)
{
	struct rcd_conf *conf = NULL;
	struct rcd_err err;

	if (m->state != RUNNING) {
		rcd_log(RCD_WARN, "a reload is not begun now: one is under way, or we are stopping");
		return;
	}
	rcd_notify("RELOADING=1");
	if (rcd_conf_load(&conf, m->file, m->overrides, log_note, NULL) != 0) {
		rcd_log(RCD_ERROR, "reload refused: the old configuration stays in force");
		rcd_notify("READY=1");
		return;
	}
	if (rcd_conf_folders(conf, &err) != 0 || rcd_db_migrate(conf->database_url, &err) != 0) {
		rcd_log(RCD_ERROR, "reload refused: %s", err.msg);
		rcd_conf_free(conf);
		rcd_notify("READY=1");
		return;
	}
	if (count_free_slots(m) < conf->web_processes + conf->work_processes) {
		rcd_log(RCD_ERROR,
		        "reload_refused reason=draining free=%d wanted=%d; reload again when earlier "
		        "generations have ended",
		        count_free_slots(m), conf->web_processes + conf->work_processes);
		rcd_conf_free(conf);
		rcd_notify("READY=1");
		return;
	}
	rcd_log(RCD_NOTICE, "reload begins");
	m->next = conf;
	m->state = RELOADING;
	m->reload_ms = rcd_mono_ms() + START_MS;
	start_generation(m, conf);
}

static void stop_all(struct master *m, int64_t patience_ms)
{
	if (m->state != STOPPING)
		rcd_notify("STOPPING=1");
	m->state = STOPPING;
	for (int i = 0; i < RCD_MAX_SLOTS; i++) {
		struct child *k = &m->child[i];

		if (!k->used)
			continue;
		stop_child(m, k);
		if (patience_ms >= 0 && k->kill_ms > rcd_mono_ms() + patience_ms)
			k->kill_ms = rcd_mono_ms() + patience_ms;
	}
}

static void handle_signal(struct master *m)
{
	struct signalfd_siginfo si;

	while (read(m->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			reap_children(m);
		else if (si.ssi_signo == SIGHUP)
			reload_conf(m);
		else if (si.ssi_signo == SIGTERM) {
			rcd_log(RCD_NOTICE, "stopping: what is in flight is finished first");
			stop_all(m, -1);
		} else if (si.ssi_signo == SIGINT) {
			rcd_log(RCD_NOTICE, "stopping quickly");
			stop_all(m, 500);
		}
	}
}

/* --- the loop ------------------------------------------------------------------------- */

static void handle_ready(struct master *m, struct child *k)
{
	char c;

	k->ready = read(k->ready_fd, &c, 1) == 1;
	(void)close(k->ready_fd);
	k->ready_fd = -1;
	if (!k->ready)
		return; /* it died: reap_children() hears of it */
	for (int i = 0; i < RCD_MAX_DEAD; i++)
		k->dead[i] = 0;
	k->kill_ms = 0;
	atomic_store(&m->board->slot[k - m->child].ready, true);
}

static bool is_all_ready(const struct master *m, int generation)
{
	for (int i = 0; i < RCD_MAX_SLOTS; i++)
		if (m->child[i].used && m->child[i].generation == generation && !m->child[i].ready)
			return false;
	return true;
}

static void set_wanted(struct master *m, const struct rcd_conf *conf)
{
	atomic_store(&m->board->want[RCD_ROLE_WEB], conf->web_processes);
	atomic_store(&m->board->want[RCD_ROLE_WORK], conf->work_processes);
	atomic_store(&m->board->generation, m->generation);
	for (int i = 0; i < RCD_N_PROVIDERS; i++) /* a new configuration may have another key */
		atomic_store(&m->board->account[i], 0);
}

static void adopt_generation(struct master *m, const struct rcd_conf *conf)
{
	char status[96];

	set_wanted(m, conf);
	(void)snprintf(status, sizeof(status), "READY=1\nSTATUS=generation %d: %d web, %d work",
	               m->generation, conf->web_processes, conf->work_processes);
	rcd_notify(status);
	rcd_log(RCD_NOTICE, "ready: generation %d, %d web, %d work", m->generation, conf->web_processes,
	        conf->work_processes);
}

static void finish_reload(struct master *m)
{
	int old = atomic_load(&m->board->generation);

	adopt_generation(m, m->next);
	stop_generation(m, old);
	rcd_conf_free(m->conf);
	m->conf = m->next;
	m->next = NULL;
	m->state = RUNNING;
	rcd_log(RCD_NOTICE, "reload done: generation %d serves, %d drains", m->generation, old);
}

/* Starts, kills and stuck children that are due. Returns the ms until the next one. */
static int64_t tend_children(struct master *m)
{
	int64_t now = rcd_mono_ms(), next = 5000;

	for (int i = 0; i < RCD_MAX_SLOTS; i++) {
		struct child *k = &m->child[i];

		if (!k->used)
			continue;
		if (k->pid == 0 && now >= k->start_ms)
			spawn_child(m, k);
		if (k->pid != 0 && k->ready && now - atomic_load(&m->board->slot[i].beat_ms) > STUCK_MS) {
			rcd_log(RCD_ERROR, "child_stuck role=%s index=%d action=kill", rcd_role_name[k->role],
			        k->index);
			k->kill_ms = now;
		}
		if (k->pid != 0 && k->kill_ms != 0 && now >= k->kill_ms) {
			(void)kill(k->pid, SIGKILL);
			k->kill_ms = now + 1000;
		}
		if (k->pid == 0 && k->start_ms - now < next)
			next = k->start_ms - now;
		if (k->pid != 0 && k->kill_ms != 0 && k->kill_ms - now < next)
			next = k->kill_ms - now;
	}
	if (m->state == RELOADING && now > m->reload_ms)
		give_up_reload(m, "the new generation did not become ready in time");
	return next < 1 ? 1 : next;
}

static bool has_children(const struct master *m)
{
	for (int i = 0; i < RCD_MAX_SLOTS; i++)
		if (m->child[i].used)
			return true;
	return false;
}

static void poll_once(struct master *m, int64_t wait)
{
	struct pollfd p[RCD_MAX_SLOTS + 1];
	struct child *who[RCD_MAX_SLOTS + 1];
	nfds_t n = 0;

	p[n++] = (struct pollfd){.fd = m->signal_fd, .events = POLLIN};
	for (int i = 0; i < RCD_MAX_SLOTS; i++)
		if (m->child[i].used && m->child[i].ready_fd >= 0) {
			who[n] = &m->child[i];
			p[n++] = (struct pollfd){.fd = m->child[i].ready_fd, .events = POLLIN};
		}
	if (poll(p, n, (int)wait) <= 0)
		return;
	for (nfds_t i = 1; i < n; i++)
		if (p[i].revents != 0)
			handle_ready(m, who[i]);
	if (p[0].revents != 0)
		handle_signal(m);
}

static int run_loop(struct master *m)
{
	bool serving = false;

	set_wanted(m, m->conf); /* a web process may be asked as soon as it lives: none is ready yet */
	start_generation(m, m->conf);
	set_wanted(m, m->conf); /* now of this generation */
	while (m->state != STOPPING || has_children(m)) {
		int64_t wait = tend_children(m);

		if (m->watchdog_ms > 0) {
			rcd_notify("WATCHDOG=1");
			if (wait > m->watchdog_ms / 2)
				wait = m->watchdog_ms / 2;
		}
		poll_once(m, wait);
		if (m->state == RELOADING && is_all_ready(m, m->generation))
			finish_reload(m);
		else if (!serving && m->state == RUNNING && is_all_ready(m, m->generation)) {
			serving = true;
			adopt_generation(m, m->conf);
		}
	}
	rcd_log(RCD_NOTICE, "stopped");
	return 0;
}

/* --- before the first fork ------------------------------------------------------------ */

/* A server that starts again, or wakes up, is waited for; a file that cannot be opened is not. */
static int open_store(struct master *m, struct rcd_err *err)
{
	int64_t until = rcd_deadline_in(STORE_MS);
	bool said = false;

	while (rcd_db_migrate(m->conf->database_url, err) != 0 ||
	       rcd_leases_take_over(m->conf->database_url, m->host, &m->freed, err) != 0) {
		if (err->code != RCD_IO || !rcd_db_on_server(m->conf->database_url) ||
		    rcd_mono_ms() >= until)
			return -1;
		if (!said)
			rcd_log(RCD_WARN, "the database does not answer yet: %s", err->msg);
		said = true;
		rcd_notify("STATUS=waiting for the database\nEXTEND_TIMEOUT_USEC=30000000");
		(void)usleep(250000);
	}
	return 0;
}

static int prepare_state(struct master *m, struct rcd_err *err)
{
	int inherited;

	if (rcd_make_dirs(m->conf->state_dir, 0750, err) != 0 ||
	    rcd_lock_state(m->conf->state_dir, true, LOCK_MS, &m->lock_fd, err) != 0 ||
	    rcd_make_dirs(m->conf->audio_dir, 0755, err) != 0)
		return -1;
	rcd_modes_mend_store(m->conf->database_url);
	m->host = rcd_host_number(m->conf->state_dir);
	if (open_store(m, err) != 0)
		return -1;
	if (rcd_socket_open(m->conf->socket, &m->listen_fd, &inherited, err) != 0)
		return -1;
	rcd_log(RCD_INFO, "FastCGI on %s", inherited ? "the socket we were given" : m->conf->socket);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, m->bell) != 0)
		return rcd_fail_errno(err, "socketpair");
	m->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->news_fd < 0)
		return rcd_fail_errno(err, "eventfd");
	m->board = rcd_board_new();
	if (m->board == NULL)
		return rcd_fail_nomem(err);
	(void)sigemptyset(&m->signals);
	(void)sigaddset(&m->signals, SIGCHLD);
	(void)sigaddset(&m->signals, SIGTERM);
	(void)sigaddset(&m->signals, SIGINT);
	(void)sigaddset(&m->signals, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &m->signals, &m->before);
	m->signal_fd = signalfd(-1, &m->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (m->signal_fd < 0)
		return rcd_fail_errno(err, "signalfd");
	return 0;
}

int rcd_master(struct rcd_conf *conf, const char *file, const char *const *overrides)
{
	struct master m = {.conf = conf,
	                   .file = file,
	                   .overrides = overrides,
	                   .listen_fd = -1,
	                   .watchdog_ms = rcd_notify_watchdog_ms()};
	struct rcd_err err = {0};
	int ret;

	rcd_log(RCD_NOTICE, "recadod %s starts", RCD_VERSION);
	if (!rcd_secret_set(&conf->twilio.token))
		rcd_log(RCD_WARN,
		        "no TWILIO_AUTH_TOKEN: webhooks answer 503, because unsigned ones are never taken");
	if (prepare_state(&m, &err) != 0) {
		rcd_log(RCD_ERROR, "%s", err.msg);
		ret = 1;
	} else {
		ret = run_loop(&m);
	}
	rcd_conf_free(m.conf);
	return ret;
}
