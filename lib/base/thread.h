#ifndef RCD_THREAD_H
#define RCD_THREAD_H

#include <pthread.h>
#include <stddef.h>

/* Starts a thread that blocks every signal, so that signals go to the threads of the program that
 * handle them. stack: bytes, 0 means the system's default. 0 or an error number. */
int rcd_thread_start(pthread_t *id, size_t stack, void *(*fn)(void *), void *arg);
int rcd_thread_start_detached(size_t stack, void *(*fn)(void *), void *arg);

#endif
