#ifndef RCD_STORE_WAKE_H
#define RCD_STORE_WAKE_H

#include "store/db.h"

/* Waking other machines that work on the same PostgreSQL database. One process of each machine
 * has one of these: it tells the others that there is work, at most twenty times a second
 * however much comes (NOTIFY takes a lock that all senders share, so it is never part of the
 * transaction of a message), and listens. Where listening is not possible, behind a pooler or
 * while the server is away, it rings once a second instead. */

struct rcd_wake;

struct rcd_wake_conf {
	const char *url;
	int news_fd;             /* an eventfd, written by whoever has added work on this machine */
	void (*ring)(void *arg); /* on a thread of its own: there may be work */
	void (*note)(void *arg, const char *text); /* something to log */
	void *arg;
};

/* A store that is a file has nobody to wake: *out is NULL then, and that is no error. */
int rcd_wake_start(struct rcd_wake **out, const struct rcd_wake_conf *conf, struct rcd_err *err);
struct rcd_wake *rcd_wake_stop(struct rcd_wake *w); /* NULL-safe, returns NULL */

#endif
