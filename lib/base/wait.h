#ifndef RCD_WAIT_H
#define RCD_WAIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Initialises a condition variable that uses the monotonic clock. */
void rcd_cond_init(pthread_cond_t *c);
/* Waits until c is signalled or deadline (rcd_mono_ms(), 0: none) has passed; false after the
 * deadline. True may be a spurious wakeup: the caller tests its condition again. */
bool rcd_cond_wait(pthread_cond_t *c, pthread_mutex_t *lock, int64_t deadline);

#endif
