#ifndef RCD_CANCEL_H
#define RCD_CANCEL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* A stop sign for one piece of work. Whoever owns the work sets it from any thread; the calls
 * that block on the way (lib/net, rcd_cancel_sleep) look at the sign of the thread that makes
 * them and end with RCD_CANCELLED, so that no function in between has to hand it on. */

struct rcd_cancel_wait; /* one blocking call, on its stack */

struct rcd_cancel {
	pthread_mutex_t lock;
	bool set;
	struct rcd_cancel_wait *waits;
};

void rcd_cancel_init(struct rcd_cancel *c);
void rcd_cancel_free(struct rcd_cancel *c); /* nobody works under it any more */
/* Wakes every call that blocks under it; those that begin later end at once. */
void rcd_cancel_set(struct rcd_cancel *c);
bool rcd_cancel_is_set(struct rcd_cancel *c);

/* From now on the calling thread works under c (NULL: under none). Gives what it was under. */
struct rcd_cancel *rcd_cancel_under(struct rcd_cancel *c);
/* That of the calling thread, to be handed to a thread that works for it; NULL for none. */
struct rcd_cancel *rcd_cancel_mine(void);

/* Sleeps; false when the sign was set before the time was over. */
bool rcd_cancel_sleep(int64_t ms);

/* For calls that block: wake(arg) is called once, by the thread that sets the sign and with
 * the sign's lock held, while the call waits between begin and end. begin: false when the
 * sign is set already (wake is not called then; end is needed all the same). */
struct rcd_cancel_wait {
	struct rcd_cancel *of; /* NULL: the thread works under no sign */
	void (*wake)(void *arg);
	void *arg;
	struct rcd_cancel_wait *next, **prev;
};
bool rcd_cancel_wait_begin(struct rcd_cancel_wait *w, void (*wake)(void *arg), void *arg);
void rcd_cancel_wait_end(struct rcd_cancel_wait *w);

#endif
