/* The sessions of a process: who has one, who waits for one, which are ready. */

#include "provider/openai_realtime.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/thread.h"
#include "base/wait.h"
#include "provider/realtime_live.h"

#include <pthread.h>
#include <stdlib.h>

#define RENEW_S 3300
#define OPEN_MS 10000
#define SETTLE_MS 2000   /* for what was heard to be gone from a session that is used again */
#define BACK_OFF_MS 1000 /* after the first failure, doubled with each */
#define BACK_OFF_MOST 6  /* doublings */

struct waiter {
	TAILQ_ENTRY(waiter) link;
	struct rcd_realtime *pool;
	pthread_cond_t called;
	struct rcd_live *live; /* a session for it, */
	bool slot, cancelled;  /* or the right to open one */
};

TAILQ_HEAD(live_list, rcd_live);
TAILQ_HEAD(waiter_list, waiter);

struct rcd_realtime {
	const struct rcd_realtime_conf *conf;
	struct rcd_realtime_stats own, *stats;
	struct rcd_ws *ws; /* NULL: there is no key */
	pthread_t keeper;
	bool kept;

	pthread_mutex_t lock;
	pthread_cond_t changed; /* for the keeper */
	struct live_list ready; /* the one that was used last comes first */
	struct waiter_list queue;
	int total; /* sessions there are or are being opened */
	int n_ready, n_waiting, failures;
	int64_t next_try; /* of the keeper, after a failure */
	bool closing;
};

static int64_t get_life_ms(const struct rcd_realtime *p)
{
	return (p->conf->renew_s > 0 ? p->conf->renew_s : RENEW_S) * (int64_t)1000;
}

/* With the lock held, after anything changed. */
static void update_stats(struct rcd_realtime *p)
{
	atomic_store(&p->stats->ready, p->n_ready);
	atomic_store(&p->stats->busy, p->total - p->n_ready);
	atomic_store(&p->stats->waiting, p->n_waiting);
}

static void wake_keeper(void *arg)
{
	struct rcd_realtime *p = arg;

	(void)pthread_mutex_lock(&p->lock);
	(void)pthread_cond_signal(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
}

/* --- opening ----------------------------------------------------------------------------- */

/* A place is free: the first in the queue may have it. With the lock held. */
static void free_slot(struct rcd_realtime *p)
{
	struct waiter *w = TAILQ_FIRST(&p->queue);

	if (w != NULL) {
		TAILQ_REMOVE(&p->queue, w, link);
		w->slot = true; /* it stays counted */
		(void)pthread_cond_signal(&w->called);
	} else {
		p->total--;
	}
	(void)pthread_cond_signal(&p->changed);
	update_stats(p);
}

/* The place is counted already; without the lock. */
static int open_one(struct rcd_realtime *p, int64_t deadline, struct rcd_live **out,
                    struct rcd_err *err)
{
	int64_t most = rcd_deadline_in(OPEN_MS);
	struct rcd_live *live = NULL;
	int ret = rcd_live_open(&live, p->ws, p->conf,
	                        deadline > 0 && deadline < most ? deadline : most, wake_keeper, p, err);

	(void)pthread_mutex_lock(&p->lock);
	if (ret == 0) {
		live->pool = p;
		p->failures = 0;
		atomic_fetch_add(&p->stats->opened, 1);
		*out = live;
	} else {
		p->failures += p->failures < BACK_OFF_MOST;
		atomic_fetch_add(&p->stats->failed, 1);
		free_slot(p);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return ret;
}

static void drop_session(struct rcd_live *live)
{
	struct rcd_realtime *p = live->pool;

	(void)rcd_live_close(live);
	(void)pthread_mutex_lock(&p->lock);
	free_slot(p);
	(void)pthread_mutex_unlock(&p->lock);
}

/* --- the keeper -------------------------------------------------------------------------- */

/* One that is too old or gone, taken out of the list; NULL. *due: when the next grows old. */
static struct rcd_live *take_expired(struct rcd_realtime *p, int64_t now, int64_t *due)
{
	struct rcd_live *live;

	*due = INT64_MAX;
	for (live = TAILQ_FIRST(&p->ready); live != NULL; live = TAILQ_NEXT(live, link)) {
		int64_t end = live->opened + get_life_ms(p);

		if (end <= now || !rcd_live_usable(live)) {
			TAILQ_REMOVE(&p->ready, live, link);
			p->n_ready--;
			if (end <= now)
				atomic_fetch_add(&p->stats->renewed, 1);
			update_stats(p);
			return live;
		}
		if (end < *due)
			*due = end;
	}
	return NULL;
}

static bool needs_session(const struct rcd_realtime *p)
{
	return p->n_ready < p->conf->warm && p->total < p->conf->sessions && TAILQ_EMPTY(&p->queue);
}

/* Full jitter, so that the processes of many machines do not come back as one. */
static void delay_next(struct rcd_realtime *p)
{
	uint32_t r, most = (uint32_t)BACK_OFF_MS << p->failures;

	rcd_random(&r, sizeof(r));
	p->next_try = rcd_mono_ms() + BACK_OFF_MS / 2 + r % most;
}

static void put_ready(struct rcd_realtime *p, struct rcd_live *live)
{
	struct waiter *w = TAILQ_FIRST(&p->queue);

	if (w != NULL) {
		TAILQ_REMOVE(&p->queue, w, link);
		w->live = live;
		(void)pthread_cond_signal(&w->called);
	} else {
		TAILQ_INSERT_HEAD(&p->ready, live, link);
		p->n_ready++;
	}
	update_stats(p);
}

/* Opens one more without the lock. */
static void open_warm(struct rcd_realtime *p)
{
	struct rcd_live *live = NULL;
	int ret;

	p->total++;
	update_stats(p);
	(void)pthread_mutex_unlock(&p->lock);
	ret = open_one(p, 0, &live, RCD_UNREAD_ERR);
	(void)pthread_mutex_lock(&p->lock);
	if (ret == 0)
		put_ready(p, live);
	else
		delay_next(p);
}

static void *run_keeper(void *arg)
{
	struct rcd_realtime *p = arg;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->closing) {
		int64_t now = rcd_mono_ms(), due;
		struct rcd_live *old = take_expired(p, now, &due);

		if (old != NULL) {
			(void)pthread_mutex_unlock(&p->lock);
			drop_session(old);
			(void)pthread_mutex_lock(&p->lock);
		} else if (needs_session(p) && p->next_try <= now) {
			open_warm(p);
		} else {
			if (needs_session(p) && p->next_try < due)
				due = p->next_try;
			(void)rcd_cond_wait(&p->changed, &p->lock, due < INT64_MAX ? due : 0);
		}
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* --- the pool ---------------------------------------------------------------------------- */

static int start_keeper(struct rcd_realtime *p)
{
	int rc = rcd_thread_start(&p->keeper, 0, run_keeper, p);

	p->kept = rc == 0;
	return rc;
}

int rcd_realtime_open(struct rcd_realtime **out, const struct rcd_realtime_conf *conf,
                      struct rcd_err *err)
{
	struct rcd_realtime *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return rcd_fail_nomem(err);
	p->conf = conf;
	p->stats = conf->stats != NULL ? conf->stats : &p->own;
	TAILQ_INIT(&p->ready);
	TAILQ_INIT(&p->queue);
	(void)pthread_mutex_init(&p->lock, NULL);
	rcd_cond_init(&p->changed);
	update_stats(p); /* memory that is shared may show what a process before us had */
	if (rcd_secret_set(conf->key) && conf->sessions > 0) {
		if (rcd_ws_open(&p->ws, err) != 0) {
			(void)rcd_realtime_close(p);
			return -1;
		}
		rc = start_keeper(p);
		if (rc != 0) {
			(void)rcd_realtime_close(p);
			return rcd_fail(err, RCD_IO, rc, "cannot start a thread for realtime sessions");
		}
	}
	*out = p;
	return 0;
}

void rcd_realtime_abort(struct rcd_realtime *p)
{
	struct waiter *w;
	bool again;

	if (p == NULL)
		return;
	(void)pthread_mutex_lock(&p->lock);
	again = p->closing;
	p->closing = true;
	(void)pthread_cond_signal(&p->changed);
	TAILQ_FOREACH(w, &p->queue, link)
	(void)pthread_cond_signal(&w->called);
	(void)pthread_mutex_unlock(&p->lock);
	if (again)
		return;
	rcd_ws_abort(p->ws);
	if (p->kept)
		(void)pthread_join(p->keeper, NULL);
}

struct rcd_realtime *rcd_realtime_close(struct rcd_realtime *p)
{
	struct rcd_live *live;

	if (p == NULL)
		return NULL;
	rcd_realtime_abort(p);
	while ((live = TAILQ_FIRST(&p->ready)) != NULL) {
		TAILQ_REMOVE(&p->ready, live, link);
		(void)rcd_live_close(live);
	}
	(void)rcd_ws_close(p->ws);
	(void)pthread_cond_destroy(&p->changed);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
	return NULL;
}

const struct rcd_realtime_conf *rcd_realtime_settings(const struct rcd_realtime *p)
{
	return p->conf;
}

/* --- taking and giving ------------------------------------------------------------------- */

static void wake_waiter(void *arg)
{
	struct waiter *w = arg;

	(void)pthread_mutex_lock(&w->pool->lock);
	w->cancelled = true;
	(void)pthread_cond_signal(&w->called);
	(void)pthread_mutex_unlock(&w->pool->lock);
}

/* With the lock held: waits in the queue for a session or a place. */
static int wait_in_queue(struct rcd_realtime *p, struct waiter *w, int64_t deadline,
                         struct rcd_err *err)
{
	bool in_time = true;

	TAILQ_INSERT_TAIL(&p->queue, w, link);
	p->n_waiting++;
	update_stats(p);
	while (w->live == NULL && !w->slot && !w->cancelled && !p->closing && in_time)
		in_time = rcd_cond_wait(&w->called, &p->lock, deadline);
	p->n_waiting--;
	update_stats(p);
	if (w->live != NULL || w->slot)
		return 0;
	TAILQ_REMOVE(&p->queue, w, link);
	if (w->cancelled || p->closing)
		return rcd_fail(err, RCD_CANCELLED, 0,
		                "openai: waiting for a realtime session was cancelled");
	return rcd_fail(err, RCD_BUSY, 0, "openai: all %d realtime sessions are busy",
	                p->conf->sessions);
}

/* 0 with w->live or w->slot set. */
static int get_session(struct rcd_realtime *p, struct waiter *w, int64_t deadline,
                       struct rcd_err *err)
{
	int ret = 0;

	(void)pthread_mutex_lock(&p->lock);
	if (p->closing || w->cancelled) {
		ret = rcd_fail(err, RCD_CANCELLED, 0, "openai: realtime sessions are shutting down");
	} else if (!TAILQ_EMPTY(&p->ready)) { /* nobody waits while one is ready */
		w->live = TAILQ_FIRST(&p->ready);
		TAILQ_REMOVE(&p->ready, w->live, link);
		p->n_ready--;
	} else if (p->total < p->conf->sessions) {
		p->total++;
		w->slot = true;
	} else {
		ret = wait_in_queue(p, w, deadline, err);
	}
	(void)pthread_cond_signal(&p->changed);
	update_stats(p);
	(void)pthread_mutex_unlock(&p->lock);
	return ret;
}

static bool is_fresh(const struct rcd_realtime *p, struct rcd_live *live)
{
	return rcd_live_usable(live) && live->opened + get_life_ms(p) > rcd_mono_ms();
}

static int get_waiting(struct rcd_realtime *p, int64_t deadline, struct rcd_live **live,
                       struct rcd_err *err)
{
	struct waiter w = {.pool = p};
	struct rcd_cancel_wait sign;
	int ret;

	rcd_cond_init(&w.called);
	if (!rcd_cancel_wait_begin(&sign, wake_waiter, &w))
		wake_waiter(&w);
	ret = get_session(p, &w, deadline, err);
	rcd_cancel_wait_end(&sign);
	(void)pthread_cond_destroy(&w.called);
	*live = w.live;
	return ret;
}

int rcd_realtime_take(struct rcd_realtime *p, int64_t deadline, struct rcd_live **out,
                      struct rcd_err *err)
{
	struct rcd_live *live = NULL;
	struct rcd_err why = {0};

	if (p->ws == NULL)
		return rcd_fail(err, RCD_DENIED, 0,
		                "no OpenAI key is set, or no realtime session is allowed");
	for (;;) {
		int64_t settled;

		if (get_waiting(p, deadline, &live, err) != 0)
			return -1;
		if (live == NULL)
			return open_one(p, deadline, out, err);
		settled = rcd_deadline_in(SETTLE_MS); /* the wait before does not count */
		if (deadline > 0 && deadline < settled)
			settled = deadline;
		if (is_fresh(p, live) && rcd_live_settle(live, settled, &why) == 0)
			break;
		drop_session(live); /* what somebody said may be left in it */
		if (why.code == RCD_CANCELLED || why.code == RCD_NOMEM) {
			*err = why;
			return -1;
		}
	}
	*out = live;
	return 0;
}

struct rcd_live *rcd_realtime_give(struct rcd_live *live)
{
	struct rcd_realtime *p;
	bool good;

	if (live == NULL)
		return NULL;
	p = live->pool;
	rcd_live_forget(live);
	good = is_fresh(p, live);
	if (!good) {
		drop_session(live);
		return NULL;
	}
	(void)pthread_mutex_lock(&p->lock);
	put_ready(p, live);
	(void)pthread_cond_signal(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}
