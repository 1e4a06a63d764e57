#include "net/resolve.h"

#include "base/cancel.h"
#include "base/thread.h"
#include "base/wait.h"

#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FOUND 8

/* What the two threads share; the last one out frees it. */
struct lookup {
	pthread_mutex_t lock;
	pthread_cond_t done_cond;
	bool done, left, cancelled;
	int rc; /* getaddrinfo's */
	size_t n;
	struct sockaddr_storage found[FOUND];
	char host[256];
};

static void free_lookup(struct lookup *l)
{
	(void)pthread_cond_destroy(&l->done_cond);
	(void)pthread_mutex_destroy(&l->lock);
	free(l);
}

static size_t copy_addresses(const struct addrinfo *a, struct sockaddr_storage *out, size_t max)
{
	size_t n = 0;

	for (; a != NULL && n < max; a = a->ai_next)
		if (a->ai_addrlen <= sizeof(out[n]))
			memcpy(&out[n++], a->ai_addr, a->ai_addrlen);
	return n;
}

static int query_addresses(const char *host, int flags, struct sockaddr_storage *out, size_t max,
                           size_t *n)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags}, *list = NULL;
	int rc = getaddrinfo(host, NULL, &hints, &list);

	if (rc != 0)
		return rc;
	*n = copy_addresses(list, out, max);
	freeaddrinfo(list);
	return *n > 0 ? 0 : EAI_NONAME;
}

static void *run_lookup(void *arg)
{
	struct lookup *l = arg;
	bool left;
	size_t n = 0;
	int rc = query_addresses(l->host, AI_ADDRCONFIG, l->found, FOUND, &n);

	(void)pthread_mutex_lock(&l->lock);
	l->rc = rc;
	l->n = n;
	l->done = true;
	left = l->left;
	(void)pthread_cond_signal(&l->done_cond);
	(void)pthread_mutex_unlock(&l->lock);
	if (left)
		free_lookup(l);
	return NULL;
}

static struct lookup *start_lookup(const char *host, struct rcd_err *err)
{
	struct lookup *l = calloc(1, sizeof(*l));
	int rc;

	if (l == NULL) {
		(void)rcd_fail_nomem(err);
		return NULL;
	}
	memcpy(l->host, host, strlen(host) + 1);
	(void)pthread_mutex_init(&l->lock, NULL);
	rcd_cond_init(&l->done_cond);
	rc = rcd_thread_start_detached(0, run_lookup, l);
	if (rc != 0) {
		free_lookup(l);
		(void)rcd_fail(err, RCD_IO, rc, "cannot start a thread for a name");
		return NULL;
	}
	return l;
}

static void cancel_lookup(void *arg)
{
	struct lookup *l = arg;

	(void)pthread_mutex_lock(&l->lock);
	l->cancelled = true;
	(void)pthread_cond_signal(&l->done_cond);
	(void)pthread_mutex_unlock(&l->lock);
}

/* Until the thread is done, the deadline has passed or the caller's stop sign is set. */
static void wait_for(struct lookup *l, int64_t deadline)
{
	struct rcd_cancel_wait w;
	bool in_time = true;

	if (!rcd_cancel_wait_begin(&w, cancel_lookup, l))
		cancel_lookup(l);
	(void)pthread_mutex_lock(&l->lock);
	while (!l->done && !l->cancelled && in_time)
		in_time = rcd_cond_wait(&l->done_cond, &l->lock, deadline);
	(void)pthread_mutex_unlock(&l->lock);
	rcd_cancel_wait_end(&w);
}

/* Takes what there is, or leaves the thread to itself; true when it is done with l. */
static bool detach_lookup(struct lookup *l)
{
	bool done;

	(void)pthread_mutex_lock(&l->lock);
	done = l->done;
	l->left = true;
	(void)pthread_mutex_unlock(&l->lock);
	return done;
}

int rcd_resolve(const char *host, int64_t deadline, struct sockaddr_storage *out, size_t max,
                size_t *n, struct rcd_err *err)
{
	struct rcd_cancel *mine = rcd_cancel_mine();
	struct lookup *l;
	int ret = 0;

	if (query_addresses(host, AI_NUMERICHOST, out, max, n) == 0)
		return 0;
	if (strlen(host) >= sizeof(l->host))
		return rcd_fail(err, RCD_LIMIT, 0, "a host name of more than 255 bytes");
	l = start_lookup(host, err);
	if (l == NULL)
		return -1;
	wait_for(l, deadline);
	if (!detach_lookup(l)) {
		if (mine != NULL && rcd_cancel_is_set(mine))
			return rcd_fail(err, RCD_CANCELLED, 0, "%.80s: cancelled", host);
		return rcd_fail(err, RCD_TIMEOUT, 0, "%.80s: looking up the name took too long", host);
	}
	if (l->rc != 0) {
		ret = rcd_fail(err, RCD_DOWN, 0, "%.80s: %s", host, gai_strerror(l->rc));
	} else {
		*n = l->n < max ? l->n : max;
		memcpy(out, l->found, *n * sizeof(*out));
	}
	free_lookup(l);
	return ret;
}
