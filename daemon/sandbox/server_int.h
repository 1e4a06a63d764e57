#ifndef RCD_SB_SERVER_INT_H
#define RCD_SB_SERVER_INT_H

#include "daemon/sandbox/server.h"

/* Between the server and its bodies. */

/* Copies at most max bytes from pos on. 0 with *wait true: none yet, and wake(arg) will be
 * called once, from any thread, when that changes. -1: the end; -2: cut the connection. */
typedef void rcd_sb_wake_fn(void *arg);
long rcd_sb_body_read(struct rcd_sb_body *b, size_t pos, char *p, size_t max, bool half);
/* Arms the wake-up unless there is something at pos already (then false). Call it with the
 * reader already asleep: the wake-up may come before this returns. */
bool rcd_sb_body_wait(struct rcd_sb_body *b, size_t pos, bool half, rcd_sb_wake_fn *wake,
                      void *arg);
/* The length when it is known, else -1. */
long rcd_sb_body_length(struct rcd_sb_body *b);
void rcd_sb_body_leave(struct rcd_sb_body *b); /* nobody reads any more */

#endif
