#ifndef RCD_THREAD_H
#define RCD_THREAD_H

#include <pthread.h>
#include <stddef.h>

/* Threads that block every signal: the program's own threads handle those. stack is in bytes,
 * 0 means the system's default. Both return 0 or an error number. */
int rcd_thread_start(pthread_t *id, size_t stack, void *(*fn)(void *), void *arg);
int rcd_thread_start_detached(size_t stack, void *(*fn)(void *), void *arg);

#endif
