/* Group commit. Threads put their functions in a queue and sleep; the committer thread takes
 * the write lock, then everything that waits by then, and commits it as one transaction.
 * While it syncs, the next batch gathers: no linger timer is needed. */
#include "store/committer.h"

#include "base/thread.h"
#include "store/db_sqlite.h"
#include "store/wlock.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOCK_MS 10000
#define THREAD_STACK (512 * 1024)
/* The log is moved into the database from the first mark on in steps, from the second after
 * every commit, until it begins anew, which it can at a moment when no reader is on it. Nobody
 * waits for that moment; but past the second mark readers of all processes are asked to begin
 * a little later, because readers that follow each other without a gap leave none. In pages of
 * 4 KiB: the file is to stay under 16 MB; the more it may hold, the more often a page that
 * changes all the time is copied once instead of each time. */
#define CHECKPOINT_PAGES 2500
#define CHECKPOINT_STEP 250
#define CHECKPOINT_PRESS_PAGES 2750
#define YIELD_US 1000
#define SCRUB_TRIES 20
#define SCRUB_PAUSE_MS 100

struct write {
	rcd_db_fn *fn;
	void *arg;
	int ret;
	struct rcd_err err;
	sem_t done;
	struct write *next;
};

/* Thirty threads come back from a commit at the same moment: they meet in one atomic word,
 * not in a mutex. */
struct rcd_committer {
	pthread_t thread;
	_Atomic(struct write *) waiting; /* newest first */
	sem_t work;                      /* posted by who finds nobody waiting */
	atomic_bool stop;
	atomic_llong commits, writes, checkpoints, largest_batch;

	/* the thread's own */
	char *path;
	struct rcd_wlock *lock;
	struct rcd_conn *conn; /* NULL after a failure that it did not survive */
	int checkpoint_at;
};

/* --- one batch ------------------------------------------------------------------------ */

static void fail_all(struct write *batch, const struct rcd_err *err)
{
	for (struct write *w = batch; w != NULL; w = w->next)
		if (w->ret == 0) {
			w->ret = -1;
			w->err = *err;
		}
}

/* -1 only when the whole transaction is gone. */
static int run_write(struct rcd_conn *conn, struct write *w, struct rcd_err *err)
{
	if (rcd_sqlite_mark(conn, err) != 0)
		return -1;
	w->ret = w->fn(conn, w->arg, &w->err) == 0 ? 0 : -1;
	if (rcd_sqlite_lost(conn)) {
		if (w->ret == 0)
			rcd_fail(&w->err, RCD_IO, 0, "store: the transaction was given up");
		*err = w->err;
		return -1;
	}
	return w->ret == 0 ? rcd_sqlite_keep(conn, err) : rcd_sqlite_undo(conn, err);
}

static int run_batch(struct rcd_conn *conn, struct write *batch, struct rcd_err *err)
{
	if (rcd_sqlite.begin(conn, true, err) != 0)
		return -1;
	for (struct write *w = batch; w != NULL; w = w->next)
		if (run_write(conn, w, err) != 0)
			return -1;
	return rcd_sqlite.commit(conn, err);
}

static void checkpoint_log(struct rcd_committer *c)
{
	int pages = rcd_sqlite_log_pages(c->conn);

	rcd_wlock_request_gap(c->lock, pages >= CHECKPOINT_PRESS_PAGES);
	if (pages < CHECKPOINT_PAGES)
		c->checkpoint_at = CHECKPOINT_PAGES;
	if (pages < c->checkpoint_at)
		return;
	(void)rcd_sqlite_checkpoint(c->conn);
	c->checkpoint_at = pages < CHECKPOINT_PRESS_PAGES ? pages + CHECKPOINT_STEP : 0;
	atomic_fetch_add(&c->checkpoints, 1);
}

/* A connection that failed in the middle of a commit is not trusted with the next one. */
static void commit_batch(struct rcd_committer *c, struct write *batch)
{
	struct rcd_err err = {0};

	if (c->conn == NULL && rcd_sqlite.open(&c->conn, c->path, RCD_CONN_WRITE, &err) != 0) {
		fail_all(batch, &err);
		return;
	}
	if (run_batch(c->conn, batch, &err) == 0) {
		checkpoint_log(c);
		if (rcd_sqlite.broken(c->conn))
			c->conn = rcd_conn_close(c->conn);
		return;
	}
	rcd_sqlite.rollback(c->conn);
	fail_all(batch, &err);
	if (err.code != RCD_BUSY || rcd_sqlite.broken(c->conn))
		c->conn = rcd_conn_close(c->conn);
}

/* --- the thread ----------------------------------------------------------------------- */

/* After the exchange w belongs to the committer, who may have answered it already. */
static void push_write(struct rcd_committer *c, struct write *w)
{
	struct write *before = atomic_load(&c->waiting);

	do
		w->next = before;
	while (!atomic_compare_exchange_weak(&c->waiting, &before, w));
	if (before == NULL)
		(void)sem_post(&c->work);
}

/* Oldest first, the order in which they came. */
static struct write *take_all(struct rcd_committer *c)
{
	struct write *w = atomic_exchange(&c->waiting, NULL), *batch = NULL;

	while (w != NULL) {
		struct write *next = w->next;

		w->next = batch;
		batch = w;
		w = next;
	}
	return batch;
}

/* False: there is nothing more to do, ever. */
static bool wait_for_work(struct rcd_committer *c)
{
	while (atomic_load(&c->waiting) == NULL) {
		if (atomic_load(&c->stop))
			return false;
		(void)sem_wait(&c->work);
	}
	return true;
}

static void count_batch(struct rcd_committer *c, const struct write *batch)
{
	long long n = 0;

	for (const struct write *w = batch; w != NULL; w = w->next)
		n++;
	atomic_fetch_add(&c->commits, 1);
	atomic_fetch_add(&c->writes, n);
	if (n > atomic_load(&c->largest_batch)) /* only this thread stores it */
		atomic_store(&c->largest_batch, n);
}

/* A write lives on its caller's stack: after the post it is gone. */
static void answer_batch(struct write *batch)
{
	while (batch != NULL) {
		struct write *w = batch;

		batch = w->next;
		(void)sem_post(&w->done);
	}
}

static void *run_thread(void *arg)
{
	struct rcd_committer *c = arg;

	while (wait_for_work(c)) {
		struct rcd_err err = {0};
		int locked = rcd_wlock_take(c->lock, LOCK_MS, &err);
		struct write *batch = take_all(c);

		if (locked == 0) {
			commit_batch(c, batch);
			rcd_wlock_drop(c->lock);
		} else {
			fail_all(batch, &err);
		}
		count_batch(c, batch);
		answer_batch(batch);
	}
	return NULL;
}

/* --- the callers' side ---------------------------------------------------------------- */

int rcd_committer_run(struct rcd_committer *c, rcd_db_fn *fn, void *arg, struct rcd_err *err)
{
	struct write w = {.fn = fn, .arg = arg};

	if (pthread_equal(pthread_self(), c->thread))
		return rcd_fail(err, RCD_INVAL, 0, "store: a write inside a write");
	(void)sem_init(&w.done, 0, 0);
	push_write(c, &w);
	while (sem_wait(&w.done) != 0)
		continue; /* a signal */
	(void)sem_destroy(&w.done);
	if (w.ret != 0)
		*err = w.err;
	return w.ret;
}

void rcd_committer_yield(const struct rcd_committer *c)
{
	const struct timespec some = {.tv_nsec = YIELD_US * 1000};

	if (rcd_wlock_gap_requested(c->lock))
		(void)nanosleep(&some, NULL);
}

void rcd_committer_stats(struct rcd_committer *c, struct rcd_committer_stats *out)
{
	*out = (struct rcd_committer_stats){
		.commits = atomic_load(&c->commits),
		.writes = atomic_load(&c->writes),
		.checkpoints = atomic_load(&c->checkpoints),
		.largest_batch = atomic_load(&c->largest_batch),
	};
}

/* Writers wait for as long as one try takes, and come in between two. */
static bool empty_the_log(struct rcd_committer *c, struct rcd_conn *conn, struct rcd_err *err)
{
	const struct timespec pause = {.tv_nsec = SCRUB_PAUSE_MS * 1000000L};
	bool empty = false;

	for (int i = 0; !empty && i < SCRUB_TRIES; i++) {
		if (i > 0)
			(void)nanosleep(&pause, NULL);
		if (rcd_wlock_take(c->lock, LOCK_MS, err) != 0)
			return false;
		rcd_wlock_request_gap(c->lock, true);
		empty = rcd_sqlite_truncate(conn);
		rcd_wlock_request_gap(c->lock, false);
		rcd_wlock_drop(c->lock);
	}
	if (!empty)
		rcd_fail(
			err, RCD_BUSY, 0,
			"readers do not leave the database's log: what was deleted is in it until it begins "
			"anew");
	return empty;
}

int rcd_committer_scrub(struct rcd_committer *c, struct rcd_err *err)
{
	struct rcd_conn *conn = NULL;
	struct rcd_err whole = {0};
	int ret;

	if (rcd_sqlite.open(&conn, c->path, RCD_CONN_WRITE, err) != 0)
		return -1;
	ret = rcd_wlock_take(c->lock, LOCK_MS, err);
	if (ret == 0) {
		ret = rcd_sqlite_rewrite(conn, &whole);
		rcd_wlock_drop(c->lock);
		if (!empty_the_log(c, conn, err))
			ret = -1;
		else if (ret != 0)
			*err = whole;
	}
	rcd_conn_close(conn);
	return ret;
}

/* --- opening and closing -------------------------------------------------------------- */

static int start_thread(struct rcd_committer *c, struct rcd_err *err)
{
	int e = rcd_thread_start(&c->thread, THREAD_STACK, run_thread, c);

	return e == 0 ? 0 : rcd_fail(err, RCD_NOMEM, e, "store: no thread");
}

/* A checkpoint at closing: a copy of the file of a stopped daemon holds every commit. */
static void empty_log(struct rcd_committer *c)
{
	if (c->conn == NULL || rcd_sqlite_log_pages(c->conn) == 0 ||
	    rcd_wlock_take(c->lock, 1000, RCD_UNREAD_ERR) != 0)
		return;
	(void)rcd_sqlite_checkpoint(c->conn);
	rcd_wlock_drop(c->lock);
}

static void free_committer(struct rcd_committer *c)
{
	rcd_conn_close(c->conn);
	rcd_wlock_close(c->lock);
	(void)sem_destroy(&c->work);
	free(c->path);
	free(c);
}

int rcd_committer_open(struct rcd_committer **out, const char *path, struct rcd_err *err)
{
	struct rcd_committer *c = calloc(1, sizeof(*c));
	char *lock_path = rcd_wlock_path(path);
	int ret = -1;

	if (c == NULL || lock_path == NULL || (c->path = strdup(path)) == NULL) {
		free(lock_path);
		free(c);
		return rcd_fail_nomem(err);
	}
	c->checkpoint_at = CHECKPOINT_PAGES;
	(void)sem_init(&c->work, 0, 0);
	if (rcd_wlock_open(&c->lock, lock_path, err) == 0 &&
	    rcd_sqlite.open(&c->conn, path, RCD_CONN_WRITE, err) == 0 && start_thread(c, err) == 0) {
		*out = c;
		ret = 0;
	} else {
		free_committer(c);
	}
	free(lock_path);
	return ret;
}

struct rcd_committer *rcd_committer_close(struct rcd_committer *c)
{
	if (c == NULL)
		return NULL;
	atomic_store(&c->stop, true);
	(void)sem_post(&c->work);
	(void)pthread_join(c->thread, NULL);
	empty_log(c);
	free_committer(c);
	return NULL;
}
