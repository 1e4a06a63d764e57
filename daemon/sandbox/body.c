/* A body of an answer, written by one thread while another sends it. */

#include "daemon/sandbox/server_int.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MAX_KEPT ((size_t)64 * 1024 * 1024)

struct rcd_sb_body {
	atomic_int refs;
	pthread_mutex_t lock;
	struct rcd_buf bytes;
	bool ended, failed, left;
	rcd_sb_wake_fn *wake; /* NULL: nobody sleeps */
	void *wake_arg;
};

struct rcd_sb_body *rcd_sb_body_new(void)
{
	struct rcd_sb_body *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	atomic_init(&b->refs, 1);
	(void)pthread_mutex_init(&b->lock, NULL);
	rcd_buf_init(&b->bytes, MAX_KEPT);
	return b;
}

struct rcd_sb_body *rcd_sb_body_ref(struct rcd_sb_body *b)
{
	(void)atomic_fetch_add(&b->refs, 1);
	return b;
}

struct rcd_sb_body *rcd_sb_body_unref(struct rcd_sb_body *b)
{
	if (b == NULL || atomic_fetch_sub(&b->refs, 1) > 1)
		return NULL;
	rcd_buf_free(&b->bytes);
	(void)pthread_mutex_destroy(&b->lock);
	free(b);
	return NULL;
}

static void wake_reader(struct rcd_sb_body *b)
{
	rcd_sb_wake_fn *fn = b->wake;

	b->wake = NULL;
	if (fn != NULL)
		fn(b->wake_arg);
}

int rcd_sb_body_add(struct rcd_sb_body *b, const void *p, size_t n)
{
	int ret;

	(void)pthread_mutex_lock(&b->lock);
	rcd_buf_add(&b->bytes, p, n);
	if (b->bytes.bad)
		b->failed = b->ended = true;
	ret = b->failed || b->left ? -1 : 0;
	wake_reader(b);
	(void)pthread_mutex_unlock(&b->lock);
	return ret;
}

void rcd_sb_body_end(struct rcd_sb_body *b, bool failed)
{
	(void)pthread_mutex_lock(&b->lock);
	b->ended = true;
	b->failed = b->failed || failed;
	wake_reader(b);
	(void)pthread_mutex_unlock(&b->lock);
}

/* Bytes that may be sent now. 0 for a body that will be cut, until its length is known. */
static size_t count_sendable(const struct rcd_sb_body *b, bool half)
{
	if (!half)
		return b->bytes.n;
	return b->ended ? b->bytes.n / 2 : 0;
}

long rcd_sb_body_read(struct rcd_sb_body *b, size_t pos, char *p, size_t max, bool half)
{
	size_t n;
	long ret = 0;

	(void)pthread_mutex_lock(&b->lock);
	n = count_sendable(b, half);
	if (pos < n) {
		ret = (long)(n - pos < max ? n - pos : max);
		memcpy(p, b->bytes.p + pos, (size_t)ret);
	} else if (b->ended) {
		ret = b->failed || half ? -2 : -1;
	}
	(void)pthread_mutex_unlock(&b->lock);
	return ret;
}

bool rcd_sb_body_wait(struct rcd_sb_body *b, size_t pos, bool half, rcd_sb_wake_fn *fn, void *arg)
{
	bool asleep;

	(void)pthread_mutex_lock(&b->lock);
	asleep = pos >= count_sendable(b, half) && !b->ended;
	if (asleep) {
		b->wake = fn;
		b->wake_arg = arg;
	}
	(void)pthread_mutex_unlock(&b->lock);
	return asleep;
}

long rcd_sb_body_length(struct rcd_sb_body *b)
{
	long n;

	(void)pthread_mutex_lock(&b->lock);
	n = b->ended && !b->failed ? (long)b->bytes.n : -1;
	(void)pthread_mutex_unlock(&b->lock);
	return n;
}

void rcd_sb_body_leave(struct rcd_sb_body *b)
{
	(void)pthread_mutex_lock(&b->lock);
	b->left = true;
	(void)pthread_mutex_unlock(&b->lock);
}
