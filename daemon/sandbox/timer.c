/* Timers of the sandbox: a binary heap by time, and a thread that sleeps until its top. */

#include "daemon/sandbox/timer.h"

#include "base/clock.h"
#include "base/wait.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct entry {
	int64_t at;
	uint64_t seq; /* equal times keep their order */
	rcd_sb_timer_fn *fn;
	void *arg;
};

struct rcd_sb_timer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct entry *heap;
	size_t n, cap;
	uint64_t seq;
	bool closing;
};

static bool is_before(const struct entry *a, const struct entry *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void swap_entries(struct entry *a, struct entry *b)
{
	struct entry x = *a;

	*a = *b;
	*b = x;
}

static void push_entry(struct rcd_sb_timer *t, struct entry e)
{
	size_t i = t->n++;

	t->heap[i] = e;
	for (; i > 0 && is_before(&t->heap[i], &t->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap_entries(&t->heap[i], &t->heap[(i - 1) / 2]);
}

static struct entry pop_entry(struct rcd_sb_timer *t)
{
	struct entry top = t->heap[0];
	size_t i = 0;

	t->heap[0] = t->heap[--t->n];
	for (;;) {
		size_t least = i;

		for (size_t c = 2 * i + 1; c <= 2 * i + 2 && c < t->n; c++)
			if (is_before(&t->heap[c], &t->heap[least]))
				least = c;
		if (least == i)
			return top;
		swap_entries(&t->heap[i], &t->heap[least]);
		i = least;
	}
}

/* Sleeps until the first timer is due or the heap changes. */
static void wait_until_due(struct rcd_sb_timer *t)
{
	(void)rcd_cond_wait(&t->changed, &t->lock, t->n > 0 ? t->heap[0].at : 0);
}

static void *run_timer(void *arg)
{
	struct rcd_sb_timer *t = arg;

	(void)pthread_mutex_lock(&t->lock);
	while (!t->closing || t->n > 0) {
		if (t->n > 0 && (t->closing || t->heap[0].at <= rcd_mono_ms())) {
			struct entry e = pop_entry(t);

			(void)pthread_mutex_unlock(&t->lock);
			e.fn(e.arg);
			(void)pthread_mutex_lock(&t->lock);
		} else {
			wait_until_due(t);
		}
	}
	(void)pthread_mutex_unlock(&t->lock);
	return NULL;
}

int rcd_sb_timer_open(struct rcd_sb_timer **out, struct rcd_err *err)
{
	struct rcd_sb_timer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return rcd_fail_nomem(err);
	(void)pthread_mutex_init(&t->lock, NULL);
	rcd_cond_init(&t->changed);
	if (pthread_create(&t->thread, NULL, run_timer, t) != 0) {
		(void)pthread_cond_destroy(&t->changed);
		(void)pthread_mutex_destroy(&t->lock);
		free(t);
		return rcd_fail(err, RCD_IO, 0, "cannot start the timer's thread");
	}
	*out = t;
	return 0;
}

static int grow_heap(struct rcd_sb_timer *t)
{
	size_t cap = t->cap > 0 ? 2 * t->cap : 64;
	struct entry *heap;

	if (t->n < t->cap)
		return 0;
	heap = realloc(t->heap, cap * sizeof(*heap));
	if (heap == NULL)
		return -1;
	t->heap = heap;
	t->cap = cap;
	return 0;
}

int rcd_sb_timer_add(struct rcd_sb_timer *t, int ms, rcd_sb_timer_fn *fn, void *arg)
{
	int ret = -1;

	(void)pthread_mutex_lock(&t->lock);
	if (!t->closing && grow_heap(t) == 0) {
		push_entry(t, (struct entry){rcd_mono_ms() + ms, t->seq++, fn, arg});
		if (t->heap[0].seq == t->seq - 1)
			(void)pthread_cond_signal(&t->changed);
		ret = 0;
	}
	(void)pthread_mutex_unlock(&t->lock);
	return ret;
}

struct rcd_sb_timer *rcd_sb_timer_close(struct rcd_sb_timer *t)
{
	if (t == NULL)
		return NULL;
	(void)pthread_mutex_lock(&t->lock);
	t->closing = true;
	(void)pthread_cond_signal(&t->changed);
	(void)pthread_mutex_unlock(&t->lock);
	(void)pthread_join(t->thread, NULL);
	(void)pthread_cond_destroy(&t->changed);
	(void)pthread_mutex_destroy(&t->lock);
	free(t->heap);
	free(t);
	return NULL;
}
