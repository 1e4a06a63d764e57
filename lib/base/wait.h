#ifndef RCD_WAIT_H
#define RCD_WAIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Condition variables that go by the monotonic clock. */
void rcd_cond_init(pthread_cond_t *c);
/* false when deadline (rcd_mono_ms(), 0: none) has passed; true is no promise that anything
 * changed. */
bool rcd_cond_wait(pthread_cond_t *c, pthread_mutex_t *lock, int64_t deadline);

#endif
