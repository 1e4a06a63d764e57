#ifndef RCD_GATE_H
#define RCD_GATE_H

#include "base/err.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/queue.h>

/* A counting semaphore that is first come, first served: how many threads may do a costly thing at
 * once. A thread in the queue leaves it at its deadline, or when its work is cancelled. */
struct rcd_gate_waiter;
TAILQ_HEAD(rcd_gate_queue, rcd_gate_waiter);

struct rcd_gate {
	pthread_mutex_t lock;
	int room;    /* how many more may enter now */
	int waiting; /* in the queue */
	struct rcd_gate_queue queue;
};

void rcd_gate_init(struct rcd_gate *g, int room);
void rcd_gate_free(struct rcd_gate *g); /* nobody is in it or waits any more */
/* Waits for room; 0: rcd_gate_leave is due. RCD_BUSY: there was none until deadline
 * (rcd_mono_ms()). RCD_CANCELLED. g may be NULL: no limit. */
int rcd_gate_enter(struct rcd_gate *g, int64_t deadline, struct rcd_err *err);
void rcd_gate_leave(struct rcd_gate *g); /* NULL-safe */

#endif
