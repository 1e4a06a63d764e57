#include "base/cancel.h"

#include "base/clock.h"
#include "base/wait.h"

#include <stddef.h>

static _Thread_local struct rcd_cancel *mine;

void rcd_cancel_init(struct rcd_cancel *c)
{
	*c = (struct rcd_cancel){.set = false};
	(void)pthread_mutex_init(&c->lock, NULL);
}

void rcd_cancel_free(struct rcd_cancel *c)
{
	(void)pthread_mutex_destroy(&c->lock);
}

void rcd_cancel_set(struct rcd_cancel *c)
{
	(void)pthread_mutex_lock(&c->lock);
	if (!c->set)
		for (struct rcd_cancel_wait *w = c->waits; w != NULL; w = w->next)
			w->wake(w->arg);
	c->set = true;
	(void)pthread_mutex_unlock(&c->lock);
}

bool rcd_cancel_is_set(struct rcd_cancel *c)
{
	bool set;

	(void)pthread_mutex_lock(&c->lock);
	set = c->set;
	(void)pthread_mutex_unlock(&c->lock);
	return set;
}

struct rcd_cancel *rcd_cancel_under(struct rcd_cancel *c)
{
	struct rcd_cancel *was = mine;

	mine = c;
	return was;
}

struct rcd_cancel *rcd_cancel_mine(void)
{
	return mine;
}

/* --- waiting ---------------------------------------------------------------------------- */

bool rcd_cancel_wait_begin(struct rcd_cancel_wait *w, void (*wake)(void *arg), void *arg)
{
	bool set;

	*w = (struct rcd_cancel_wait){.of = mine, .wake = wake, .arg = arg};
	if (w->of == NULL)
		return true;
	(void)pthread_mutex_lock(&w->of->lock);
	set = w->of->set;
	w->next = w->of->waits;
	w->prev = &w->of->waits;
	if (w->next != NULL)
		w->next->prev = &w->next;
	w->of->waits = w;
	(void)pthread_mutex_unlock(&w->of->lock);
	return !set;
}

void rcd_cancel_wait_end(struct rcd_cancel_wait *w)
{
	if (w->of == NULL)
		return;
	(void)pthread_mutex_lock(&w->of->lock);
	*w->prev = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	(void)pthread_mutex_unlock(&w->of->lock);
}

struct sleep {
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool over;
};

static void end_sleep(void *arg)
{
	struct sleep *n = arg;

	(void)pthread_mutex_lock(&n->lock);
	n->over = true;
	(void)pthread_cond_signal(&n->woken);
	(void)pthread_mutex_unlock(&n->lock);
}

bool rcd_cancel_sleep(int64_t ms)
{
	struct sleep n = {.lock = PTHREAD_MUTEX_INITIALIZER};
	int64_t until = rcd_deadline_in(ms > 0 ? ms : 0);
	struct rcd_cancel_wait w;
	bool slept;

	rcd_cond_init(&n.woken);
	slept = rcd_cancel_wait_begin(&w, end_sleep, &n);
	(void)pthread_mutex_lock(&n.lock);
	while (slept && !n.over)
		if (!rcd_cond_wait(&n.woken, &n.lock, until))
			break;
	slept = slept && !n.over;
	(void)pthread_mutex_unlock(&n.lock);
	rcd_cancel_wait_end(&w);
	(void)pthread_cond_destroy(&n.woken);
	(void)pthread_mutex_destroy(&n.lock);
	return slept;
}

bool rcd_cancel_sleep_until(int64_t until)
{
	int64_t left;

	while ((left = until - rcd_mono_ms()) > 0)
		if (!rcd_cancel_sleep(left))
			return false;
	return true;
}
