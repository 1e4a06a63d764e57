#ifndef RCD_GATE_H
#define RCD_GATE_H

#include "base/err.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/queue.h>

/* A fair (FIFO) counting semaphore that limits how many threads do a costly thing at once. A
 * waiting thread leaves the queue at its deadline or when its work is cancelled. */
struct rcd_gate_waiter;
TAILQ_HEAD(rcd_gate_queue, rcd_gate_waiter);

struct rcd_gate {
	pthread_mutex_t lock;
	int room;    /* how many more may enter now */
	int waiting; /* in the queue */
	struct rcd_gate_queue queue;
};

void rcd_gate_init(struct rcd_gate *g, int room);
void rcd_gate_free(struct rcd_gate *g); /* no thread may be inside or waiting */
/* Blocks until there is room. 0: the caller owes an rcd_gate_leave. RCD_BUSY: no room before
 * deadline (rcd_mono_ms()). RCD_CANCELLED. g may be NULL: no limit. */
int rcd_gate_enter(struct rcd_gate *g, int64_t deadline, struct rcd_err *err);
void rcd_gate_leave(struct rcd_gate *g); /* NULL-safe */

#endif
