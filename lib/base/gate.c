#include "base/gate.h"

#include "base/cancel.h"
#include "base/wait.h"

struct rcd_gate_waiter {
	struct rcd_gate *gate;
	pthread_cond_t woken;
	bool entered, cancelled;
	TAILQ_ENTRY(rcd_gate_waiter) link;
};

void rcd_gate_init(struct rcd_gate *g, int room)
{
	*g = (struct rcd_gate){.room = room};
	(void)pthread_mutex_init(&g->lock, NULL);
	TAILQ_INIT(&g->queue);
}

void rcd_gate_free(struct rcd_gate *g)
{
	(void)pthread_mutex_destroy(&g->lock);
}

static void cancel_waiter(void *arg)
{
	struct rcd_gate_waiter *w = arg;

	(void)pthread_mutex_lock(&w->gate->lock);
	w->cancelled = true;
	(void)pthread_cond_signal(&w->woken);
	(void)pthread_mutex_unlock(&w->gate->lock);
}

/* True when there was room; otherwise w is in the queue. */
static bool enter_or_queue(struct rcd_gate *g, struct rcd_gate_waiter *w)
{
	bool entered;

	(void)pthread_mutex_lock(&g->lock);
	entered = g->room > 0;
	if (entered) {
		g->room--;
	} else {
		TAILQ_INSERT_TAIL(&g->queue, w, link);
		g->waiting++;
	}
	(void)pthread_mutex_unlock(&g->lock);
	return entered;
}

static void wait_for_room(struct rcd_gate *g, struct rcd_gate_waiter *w, int64_t deadline)
{
	(void)pthread_mutex_lock(&g->lock);
	while (!w->entered && !w->cancelled)
		if (!rcd_cond_wait(&w->woken, &g->lock, deadline))
			break;
	if (!w->entered) {
		TAILQ_REMOVE(&g->queue, w, link);
		g->waiting--;
	}
	(void)pthread_mutex_unlock(&g->lock);
}

int rcd_gate_enter(struct rcd_gate *g, int64_t deadline, struct rcd_err *err)
{
	struct rcd_gate_waiter w = {.gate = g};
	struct rcd_cancel_wait sign;

	if (g == NULL || enter_or_queue(g, &w))
		return 0;
	rcd_cond_init(&w.woken);
	if (!rcd_cancel_wait_begin(&sign, cancel_waiter, &w))
		cancel_waiter(&w);
	wait_for_room(g, &w, deadline);
	rcd_cancel_wait_end(&sign);
	(void)pthread_cond_destroy(&w.woken);
	if (w.entered)
		return 0;
	return w.cancelled ? rcd_fail(err, RCD_CANCELLED, 0, "cancelled in a queue")
	                   : rcd_fail(err, RCD_BUSY, 0, "too many do the same at once");
}

void rcd_gate_leave(struct rcd_gate *g)
{
	struct rcd_gate_waiter *next;

	if (g == NULL)
		return;
	(void)pthread_mutex_lock(&g->lock);
	next = TAILQ_FIRST(&g->queue);
	if (next == NULL) {
		g->room++;
	} else { /* the room is handed over, so that nobody overtakes the queue */
		TAILQ_REMOVE(&g->queue, next, link);
		g->waiting--;
		next->entered = true;
		(void)pthread_cond_signal(&next->woken);
	}
	(void)pthread_mutex_unlock(&g->lock);
}
