#include "daemon/recadod/newer.h"

#include "base/thread.h"

#define ELSEWHERE_MS 1000 /* a message that another machine has stored is told to nobody here */
#define MOST_MOVED 64

static bool has_turns(struct rcd_newer *n)
{
	bool any;

	(void)pthread_mutex_lock(&n->lock);
	any = !LIST_EMPTY(&n->turns);
	(void)pthread_mutex_unlock(&n->lock);
	return any;
}

static void cancel_turn(struct rcd_newer *n, int64_t fence)
{
	struct rcd_newer_turn *t;

	(void)pthread_mutex_lock(&n->lock);
	LIST_FOREACH(t, &n->turns, link)
	if (t->job->fence == fence)
		rcd_cancel_set(t->cancel);
	(void)pthread_mutex_unlock(&n->lock);
}

/* A store that cannot be read now is asked again a moment later. */
static void cancel_moved(struct rcd_newer *n)
{
	int64_t fence[MOST_MOVED];
	struct rcd_err err;
	int moved = 0;

	if (rcd_job_moved(n->db, n->owner, n->cancels, fence, MOST_MOVED, &moved, &err) != 0)
		return;
	while (moved > 0)
		cancel_turn(n, fence[--moved]);
}

static void *watch_messages(void *arg)
{
	struct rcd_newer *n = arg;

	while (!atomic_load(&n->stopping)) {
		uint32_t seen = atomic_load(&n->board->messages);
		bool any = has_turns(n);

		if (any)
			cancel_moved(n);
		rcd_board_await_message(n->board, seen, any ? ELSEWHERE_MS : -1);
	}
	return NULL;
}

int rcd_newer_start(struct rcd_newer *n)
{
	LIST_INIT(&n->turns);
	(void)pthread_mutex_init(&n->lock, NULL);
	return rcd_thread_start(&n->id, 0, watch_messages, n);
}

void rcd_newer_stop(struct rcd_newer *n)
{
	atomic_store(&n->stopping, true);
	rcd_board_message(n->board);
	(void)pthread_join(n->id, NULL);
	(void)pthread_mutex_destroy(&n->lock);
}

void rcd_newer_add(struct rcd_newer *n, struct rcd_newer_turn *t)
{
	(void)pthread_mutex_lock(&n->lock);
	LIST_INSERT_HEAD(&n->turns, t, link);
	(void)pthread_mutex_unlock(&n->lock);
	rcd_board_message(n->board); /* one may have come before this was watched */
}

void rcd_newer_remove(struct rcd_newer *n, struct rcd_newer_turn *t)
{
	(void)pthread_mutex_lock(&n->lock);
	LIST_REMOVE(t, link);
	(void)pthread_mutex_unlock(&n->lock);
}
