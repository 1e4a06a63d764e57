#ifndef RCD_SLOW_H
#define RCD_SLOW_H

#include <pthread.h>
#include <stdint.h>
#include <sys/queue.h>

/* A thread that waits for bytes of its web server, seen by a watch: nginx hands over whole requests
 * and takes answers at once, so a peer that does not is not nginx, and must not keep the thread. A
 * timeout of the socket would not do: a byte now and then begins it anew. */

#define RCD_SLOW_MS 5000   /* for the whole request, and again for the whole answer; */
#define RCD_CROWDED_MS 250 /* while more than half of the threads wait like this */

struct rcd_slow {
	pthread_mutex_t lock;
	int fd;        /* a duplicate, so that it is this connection for as long as we say; -1: none */
	int64_t since; /* rcd_mono_ms() of the wait that is under way; 0: none is */
	LIST_ENTRY(rcd_slow) link;
};

void rcd_slow_add(struct rcd_slow *s); /* s is zeroed */
void rcd_slow_remove(struct rcd_slow *s);

void rcd_slow_connect(struct rcd_slow *s, int fd); /* a new connection */
void rcd_slow_close(struct rcd_slow *s);           /* which has ended */
/* A wait that began at since begins or goes on, until rest. */
void rcd_slow_wait(struct rcd_slow *s, int64_t since);
void rcd_slow_rest(struct rcd_slow *s);

/* Ends the connections that have had their time; how many. To be called every second. */
int rcd_slow_end(void);

#endif
