#ifndef RCD_CANCEL_H
#define RCD_CANCEL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* A cancellation token for one unit of work. Its owner sets it from any thread. Blocking calls
 * (lib/net, rcd_cancel_sleep) watch the token of the calling thread and fail with RCD_CANCELLED, so
 * that functions in between need no parameter for it. */

struct rcd_cancel_wait; /* one blocking call, on its stack */

struct rcd_cancel {
	pthread_mutex_t lock;
	bool set;
	struct rcd_cancel_wait *waits;
};

void rcd_cancel_init(struct rcd_cancel *c);
void rcd_cancel_free(struct rcd_cancel *c); /* no thread may be under it */
/* Wakes every call that blocks under it; later ones return at once. */
void rcd_cancel_set(struct rcd_cancel *c);
bool rcd_cancel_is_set(struct rcd_cancel *c);

/* Sets the token of the calling thread (NULL: none); returns the previous one. */
struct rcd_cancel *rcd_cancel_under(struct rcd_cancel *c);
/* The token of the calling thread, to be given to a thread that works for it; NULL: none. */
struct rcd_cancel *rcd_cancel_mine(void);

/* Sleeps; false when the token was set before ms had passed. */
bool rcd_cancel_sleep(int64_t ms);
/* The same until rcd_mono_ms() is until; true at once when that is past. */
bool rcd_cancel_sleep_until(int64_t until);

/* For blocking calls: wake(arg) is called at most once between begin and end, by the thread that
 * sets the token and with the token's lock held. begin returns false when the token is already set
 * (wake is not called then; end is required all the same). */
struct rcd_cancel_wait {
	struct rcd_cancel *of; /* NULL: the thread has no token */
	void (*wake)(void *arg);
	void *arg;
	struct rcd_cancel_wait *next, **prev;
};
bool rcd_cancel_wait_begin(struct rcd_cancel_wait *w, void (*wake)(void *arg), void *arg);
void rcd_cancel_wait_end(struct rcd_cancel_wait *w);

#endif
