/* The work role: takes jobs by lease and runs each on a thread of its own. */

#include "base/clock.h"
#include "base/crypto.h"
#include "daemon/log.h"
#include "daemon/recadod/child.h"
#include "daemon/recadod/upkeep.h"
#include "memory/memory.h"
#include "store/followup.h"
#include "store/history.h"
#include "store/job.h"
#include "store/memory.h"
#include "store/wake.h"

#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#ifndef RCD_LEASE_MS /* the crash tests have no minutes to wait */
#define RCD_LEASE_MS 30000
#define RCD_RENEW_MS 10000
#define RCD_RETRY_MAX_MS 300000
#endif
#define LOOK_MS 5000 /* the longest sleep: a bell can be lost with its process */
#define CLAIM_MAX 64
#define GIVE_BACK_MS 500
#define BEAT_MS 1000 /* the longest wait without a sign of life for the master */
/* at once in the place of one that died; each that ends makes room for one more, */
#define FIRST_JOBS 32
#define SETTLED_MS 10000  /* and one that has lived this long takes all that it may */
#define MOVED_MS 25       /* how often at most the bell makes us look for turns to stop, and */
#define MOVED_LONG_MS 250 /* how often we look at least */

struct task {
	struct work *work;
	struct rcd_job job;
	struct rcd_cancel cancel; /* set when more came in from the same sender */
	TAILQ_ENTRY(task) link;
};

TAILQ_HEAD(tasks, task);

struct work {
	struct rcd_child *child;
	struct rcd_runtime rt;
	int done_fd; /* a job ended: there is room, and maybe more to do */
	int64_t started_ms;
	_Atomic int running, done;
	_Atomic bool stopping;
	int64_t renewed, looked; /* when: the leases, for turns to stop */
	bool rung;               /* since then */
	pthread_mutex_t lock;    /* of tasks */
	struct tasks tasks;
};

/* Full jitter: anything up to the doubled delay, so that a burst of failures does not come
 * back as a burst. */
static int64_t delay_ms(int attempts, const struct rcd_err *err)
{
	int64_t cap = 1000LL << (attempts < 9 ? attempts : 9);
	uint32_t r;

	if (cap > RCD_RETRY_MAX_MS)
		cap = RCD_RETRY_MAX_MS;
	rcd_random(&r, sizeof(r));
	return (err->retry_after > 0 ? err->retry_after * 1000LL : 200) + (int64_t)(r % (uint64_t)cap);
}

/* It did not fail, but waits for something that has its own end. */
static bool is_waiting(const struct rcd_err *why)
{
	return why->code == RCD_BUSY && why->retry_after > 0;
}

/* How long until a job is tried again, which the provider may have said. */
static int64_t retry_ms(const struct rcd_job *job, const struct rcd_err *why)
{
	return is_waiting(why) ? why->retry_after * 1000LL : delay_ms(job->attempts, why);
}

/* 0 also when another process has it by now. */
static int give_back(struct work *w, const struct rcd_job *job, const struct rcd_err *why)
{
	bool stop = atomic_load(&w->stopping);
	int64_t wait = stop ? 0 : retry_ms(job, why);
	struct rcd_err err;
	int ret;

	if (!stop)
		rcd_log(is_waiting(why) ? RCD_INFO : RCD_WARN, "%s=%lld tries again in %lld ms: %s",
		        job->kind, (long long)job->turn_id, (long long)wait, why->msg);
	ret = is_waiting(why) ? rcd_job_wait(w->rt.db, job, rcd_now_ms() + wait, &err)
	                      : rcd_job_retry(w->rt.db, job, rcd_now_ms() + wait, why->msg, &err);
	if (ret == 0 || err.code == RCD_CANCELLED)
		return 0;
	rcd_log(RCD_ERROR, "a job could not be given back: %s", err.msg);
	return -1;
}

/* --- what there is to do, by kind ----------------------------------------------------- */

static int run_turn(struct work *w, struct task *task, struct rcd_err *err)
{
	return rcd_turn_run(&w->rt.turn, &task->job, NULL, &task->cancel, err);
}

static int end_turn(struct work *w, const struct rcd_job *job, const struct rcd_err *why,
                    struct rcd_err *err)
{
	rcd_log(RCD_ERROR, "%s=%lld goes to the dead letters: %s", job->kind, (long long)job->turn_id,
	        why->msg);
	return rcd_history_die(w->rt.db, job, why->msg, why->sys, err);
}

static int run_summary(struct work *w, struct task *task, struct rcd_err *err)
{
	const struct rcd_memory_env env = rcd_turn_memory_env(&w->rt.turn);

	return rcd_memory_summarise(&env, &task->job, err);
}

static int finish_job(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_job_finish(conn, arg, err);
}

/* Nobody waits for it, and there will be another. */
static int end_summary(struct work *w, const struct rcd_job *job, const struct rcd_err *why,
                       struct rcd_err *err)
{
	struct rcd_job copy = *job;

	rcd_log(RCD_WARN, "no summary was made: %s", why->msg);
	return rcd_db_write(w->rt.db, finish_job, &copy, err);
}

struct kind {
	const char *name;
	int (*run)(struct work *w, struct task *task, struct rcd_err *err);
	/* gives it up, and with it the job */
	int (*end)(struct work *w, const struct rcd_job *job, const struct rcd_err *why,
	           struct rcd_err *err);
	int most; /* attempts */
};
static const struct kind kinds[] = {
	{RCD_JOB_TURN, run_turn, end_turn, 12},
	{RCD_JOB_FOLLOWUP, run_turn, end_turn, 12}, /* a turn that begins with its answer */
	{RCD_JOB_SUMMARY, run_summary, end_summary, 3},
};

/* NULL: of a newer program that shares the store with us. */
static const struct kind *find_kind(const struct rcd_job *job)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(job->kind, kinds[i].name) == 0)
			return &kinds[i];
	return NULL;
}

/* What can never work is tried once; anything else until it has had enough tries. */
static bool is_spent(const struct kind *kind, const struct rcd_job *job, const struct rcd_err *why)
{
	return why->for_good || (job->attempts >= kind->most && !is_waiting(why));
}

static void handle_failure(struct work *w, const struct kind *kind, const struct rcd_job *job,
                           const struct rcd_err *why)
{
	struct rcd_err err;

	if (why->code == RCD_CANCELLED && !atomic_load(&w->stopping))
		return; /* another process has it */
	if (kind != NULL && is_spent(kind, job, why) && !atomic_load(&w->stopping) &&
	    kind->end(w, job, why, &err) == 0)
		return;
	/* its lease is renewed while we live, so no other process would take it up */
	while (give_back(w, job, why) != 0 && !atomic_load(&w->stopping))
		(void)usleep(GIVE_BACK_MS * 1000);
}

static int run_kind(struct work *w, const struct kind *kind, struct task *task, struct rcd_err *err)
{
	return kind != NULL
	           ? kind->run(w, task, err)
	           : rcd_fail(err, RCD_INVAL, 0, "no work of kind %s is known", task->job.kind);
}

static void remove_task(struct work *w, struct task *task)
{
	(void)pthread_mutex_lock(&w->lock);
	TAILQ_REMOVE(&w->tasks, task, link);
	(void)pthread_mutex_unlock(&w->lock);
	rcd_cancel_free(&task->cancel);
	free(task);
}

static void *perform_task(void *arg)
{
	struct task *task = arg;
	struct work *w = task->work;
	const struct kind *kind = find_kind(&task->job);
	struct rcd_err err = {0};

	if (run_kind(w, kind, task, &err) != 0)
		handle_failure(w, kind, &task->job, &err);
	rcd_board_turn_ended(w->child->board);
	remove_task(w, task);
	atomic_fetch_add(&w->child->slot->served, 1);
	atomic_fetch_sub(&w->child->slot->busy, 1);
	atomic_fetch_add(&w->done, 1);
	atomic_fetch_sub(&w->running, 1);
	(void)eventfd_write(w->done_fd, 1);
	return NULL;
}

static void start_task(struct work *w, const struct rcd_job *job)
{
	struct task *task = malloc(sizeof(*task));
	struct rcd_err none = {.msg = "no thread for it"};

	if (task != NULL) {
		*task = (struct task){.work = w, .job = *job};
		rcd_cancel_init(&task->cancel);
		(void)pthread_mutex_lock(&w->lock);
		TAILQ_INSERT_TAIL(&w->tasks, task, link);
		(void)pthread_mutex_unlock(&w->lock);
		atomic_fetch_add(&w->running, 1);
		atomic_fetch_add(&w->child->slot->busy, 1);
		if (rcd_spawn(perform_task, task) == 0)
			return;
		atomic_fetch_sub(&w->running, 1);
		atomic_fetch_sub(&w->child->slot->busy, 1);
		remove_task(w, task);
	}
	(void)give_back(w, job, &none);
}

/* Turns whose sender has written more stop where they are, unless their answer is on its way. */
static void stop_moved(struct work *w)
{
	int64_t fence[CLAIM_MAX];
	struct task *t;
	struct rcd_err err;
	int n = 0;

	if (atomic_load(&w->running) == 0 ||
	    rcd_job_moved(w->rt.db, w->child->owner, w->child->conf->turn.cancels, fence, CLAIM_MAX, &n,
	                  &err) != 0 ||
	    n == 0)
		return;
	(void)pthread_mutex_lock(&w->lock);
	TAILQ_FOREACH(t, &w->tasks, link)
	for (int i = 0; i < n; i++)
		if (t->job.fence == fence[i])
			rcd_cancel_set(&t->cancel);
	(void)pthread_mutex_unlock(&w->lock);
}

/* Where processes keep dying, one that takes hundreds of jobs at once finishes none of them: its
 * successor would begin them all anew. So a successor begins with few, and doubles with each round
 * that it lives to see the end of. Where nobody died there is nothing to be careful of. */
static int most_jobs(struct work *w)
{
	int most = w->child->conf->work_threads, some = FIRST_JOBS + atomic_load(&w->done);

	return !w->child->after_death || some > most || rcd_mono_ms() - w->started_ms >= SETTLED_MS
	           ? most
	           : some;
}

/* How many more turns may begin while their window is still open. Most of their time they wait for
 * its end, so they may have half of the threads: a turn that is due always finds one. What does not
 * fit begins when its window closes. */
static int most_ahead(struct work *w)
{
	int64_t now = rcd_now_ms();
	int n = most_jobs(w) / 2;
	struct task *t;

	if (w->child->conf->turn.ahead == RCD_AHEAD_OFF)
		return 0;
	(void)pthread_mutex_lock(&w->lock);
	TAILQ_FOREACH(t, &w->tasks, link)
	n -= t->job.ahead && t->job.due_ms > now;
	(void)pthread_mutex_unlock(&w->lock);
	return n > 0 ? n : 0;
}

/* Takes all that is due and fits, and behind that what may run ahead. Gives how long there is
 * nothing more to do, in ms. */
static int64_t claim_jobs(struct work *w)
{
	struct rcd_job job[CLAIM_MAX];
	struct rcd_err err = {0};
	int64_t next = INT64_MAX, now;
	int n = CLAIM_MAX;

	while (n == CLAIM_MAX) {
		int room = most_jobs(w) - atomic_load(&w->running);

		if (room <= 0)
			return LOOK_MS; /* done_fd wakes us */
		if (rcd_job_claim_ahead(w->rt.db, w->child->owner, RCD_LEASE_MS, job,
		                        room < CLAIM_MAX ? room : CLAIM_MAX, most_ahead(w), &n,
		                        &err) != 0) {
			rcd_log(RCD_ERROR, "no job could be claimed: %s", err.msg);
			return 1000;
		}
		for (int i = 0; i < n; i++)
			start_task(w, &job[i]);
		if (room < CLAIM_MAX && n == room)
			return LOOK_MS;
	}
	if (rcd_job_next(w->rt.db, &next, &err) != 0)
		return 1000;
	now = rcd_now_ms();
	if (next <= now)
		return 0;
	return next - now < LOOK_MS ? next - now : LOOK_MS;
}

/* The leases of the tasks in flight, and no others. */
static void renew_leases(struct work *w)
{
	struct rcd_err err = {.msg = "out of memory"};
	struct rcd_job *job;
	struct task *t;
	size_t n = 0;

	(void)pthread_mutex_lock(&w->lock);
	TAILQ_FOREACH(t, &w->tasks, link)
	n++;
	job = calloc(n + 1, sizeof(*job));
	n = 0;
	TAILQ_FOREACH(t, &w->tasks, link)
	{
		if (job == NULL)
			break;
		/* only what a turn does not change while it runs */
		job[n].tenant = t->job.tenant;
		job[n].fence = t->job.fence;
		memcpy(job[n].kind, t->job.kind, sizeof(job[n].kind));
		memcpy(job[n++].key, t->job.key, sizeof(job[0].key));
	}
	(void)pthread_mutex_unlock(&w->lock);
	if (job == NULL || rcd_job_renew(w->rt.db, job, n, RCD_LEASE_MS, &err) != 0)
		rcd_log(RCD_WARN, "leases not renewed: %s", err.msg);
	free(job);
}

/* What running turns need now and then. The bell may have been heard by another process alone,
 * so it only makes the look come sooner. */
static void tend_leases(struct work *w, bool rung)
{
	int64_t now = rcd_mono_ms();

	w->rung = w->rung || rung;
	if (atomic_load(&w->running) == 0)
		return;
	if (now - w->looked >= (w->rung ? MOVED_MS : MOVED_LONG_MS)) {
		w->looked = now;
		w->rung = false;
		stop_moved(w);
	}
	if (now - w->renewed < RCD_RENEW_MS)
		return;
	w->renewed = now;
	renew_leases(w);
}

/* How long to sleep: at most a second, because the master expects a heartbeat. */
static int pause_ms(struct work *w, int64_t wait)
{
	int64_t most = w->rung ? MOVED_MS : MOVED_LONG_MS;

	if (atomic_load(&w->running) == 0)
		most = 1000;
	return (int)(wait < most ? wait : most);
}

/* Until SIGTERM. */
static void dispatch_jobs(struct work *w)
{
	int64_t next = rcd_mono_ms() + claim_jobs(w); /* when there may be something to claim */

	w->renewed = rcd_mono_ms();
	for (;;) {
		struct pollfd p[3] = {{.fd = w->child->signal_fd, .events = POLLIN},
		                      {.fd = w->child->bell_rx, .events = POLLIN},
		                      {.fd = w->done_fd, .events = POLLIN}};
		eventfd_t count;

		(void)poll(p, 3, pause_ms(w, rcd_deadline_left(next, LOOK_MS)));
		rcd_child_beat(w->child);
		if (p[0].revents != 0)
			return;
		if (p[1].revents != 0)
			rcd_bell_drain(w->child->bell_rx);
		if (p[2].revents != 0)
			(void)eventfd_read(w->done_fd, &count);
		tend_leases(w, p[1].revents != 0);
		if (p[1].revents != 0 || p[2].revents != 0 || rcd_mono_ms() >= next)
			next = rcd_mono_ms() + claim_jobs(w);
	}
}

static bool wait_for_tasks(struct work *w, int64_t ms)
{
	int64_t until = rcd_mono_ms() + ms;

	while (atomic_load(&w->running) > 0 && rcd_mono_ms() < until) {
		struct pollfd p = {.fd = w->done_fd, .events = POLLIN};
		eventfd_t count;

		rcd_child_beat(w->child);
		if (poll(&p, 1, (int)rcd_deadline_left(until, BEAT_MS)) > 0)
			(void)eventfd_read(w->done_fd, &count);
	}
	return atomic_load(&w->running) == 0;
}

/* What is in flight is finished if it can be in time; the rest is given back: aborting the
 * client ends every wait in it. */
static void drain_tasks(struct work *w)
{
	if (wait_for_tasks(w, w->child->conf->drain_ms))
		return;
	atomic_store(&w->stopping, true);
	rcd_log(RCD_NOTICE, "%d turns are given back unfinished", atomic_load(&w->running));
	rcd_http_abort(w->rt.http);
	rcd_realtime_abort(w->rt.sessions);
	if (!wait_for_tasks(w, 1000))
		_exit(0); /* their leases and the outbox say where to go on */
}

/* --- other machines --------------------------------------------------------------------- */

static void ring_bell(void *arg)
{
	const struct rcd_child *child = arg;
	const struct rcd_child here = {.bell_tx = child->bell_tx, .news_fd = -1}; /* they know */

	rcd_bell_ring(&here);
}

static void log_note(void *arg, const char *text)
{
	(void)arg;
	rcd_log(RCD_NOTICE, "%s", text);
}

/* One process of a machine speaks for it. */
static int start_wake(struct rcd_wake **wake, struct rcd_child *child, struct rcd_err *err)
{
	const struct rcd_wake_conf conf = {.url = child->conf->database_url,
	                                   .news_fd = child->news_fd,
	                                   .ring = ring_bell,
	                                   .note = log_note,
	                                   .arg = child};

	return child->index == 0 ? rcd_wake_start(wake, &conf, err) : 0;
}

int rcd_work_main(struct rcd_child *child)
{
	struct work w = {.child = child, .started_ms = rcd_mono_ms()};
	struct rcd_upkeep *upkeep = NULL;
	struct rcd_wake *wake = NULL;
	struct rcd_err err = {0};

	(void)mallopt(M_ARENA_MAX, 4); /* hundreds of mostly waiting threads want no arena each */
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 20); /* notes go back to the system when they are freed */
	(void)pthread_mutex_init(&w.lock, NULL);
	TAILQ_INIT(&w.tasks);
	w.done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w.done_fd < 0 || rcd_child_runtime(&w.rt, child, true, &err) != 0 ||
	    (child->index == 0 && rcd_upkeep_start(&upkeep, child, &w.rt, &err) != 0) ||
	    start_wake(&wake, child, &err) != 0) {
		rcd_log(RCD_ERROR, "%s", err.msg);
		_exit(1); /* threads that did start use w, which lives on this stack */
	}
	rcd_upkeep_knowledge(child->conf, &w.rt);
	rcd_child_ready(child);
	dispatch_jobs(&w);
	rcd_wake_stop(wake);
	rcd_upkeep_stop(upkeep);
	drain_tasks(&w);
	rcd_runtime_close(&w.rt);
	/* done_fd stays open: the last task may be about to write to it */
	return 0;
}
