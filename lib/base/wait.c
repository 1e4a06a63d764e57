#include "base/wait.h"

#include <errno.h>
#include <time.h>

void rcd_cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(c, &attr);
	(void)pthread_condattr_destroy(&attr);
}

bool rcd_cond_wait(pthread_cond_t *c, pthread_mutex_t *lock, int64_t deadline)
{
	struct timespec until = {.tv_sec = (time_t)(deadline / 1000),
	                         .tv_nsec = (long)(deadline % 1000) * 1000000};

	if (deadline == 0) {
		(void)pthread_cond_wait(c, lock);
		return true;
	}
	return pthread_cond_timedwait(c, lock, &until) != ETIMEDOUT;
}
