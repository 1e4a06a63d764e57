#include "base/thread.h"

#include <signal.h>

/* The new thread inherits the mask of the thread that creates it. */
static int create_blocked(pthread_t *id, const pthread_attr_t *attr, void *(*fn)(void *), void *arg)
{
	sigset_t all, old;
	int e;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	e = pthread_create(id, attr, fn, arg);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return e;
}

static int start_thread(pthread_t *id, int state, size_t stack, void *(*fn)(void *), void *arg)
{
	pthread_attr_t attr;
	int e = pthread_attr_init(&attr);

	if (e != 0)
		return e;
	e = pthread_attr_setdetachstate(&attr, state);
	if (e == 0 && stack > 0)
		e = pthread_attr_setstacksize(&attr, stack);
	if (e == 0)
		e = create_blocked(id, &attr, fn, arg);
	(void)pthread_attr_destroy(&attr);
	return e;
}

int rcd_thread_start(pthread_t *id, size_t stack, void *(*fn)(void *), void *arg)
{
	return start_thread(id, PTHREAD_CREATE_JOINABLE, stack, fn, arg);
}

int rcd_thread_start_detached(size_t stack, void *(*fn)(void *), void *arg)
{
	pthread_t id;

	return start_thread(&id, PTHREAD_CREATE_DETACHED, stack, fn, arg);
}
