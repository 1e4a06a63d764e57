#ifndef RCD_REALTIME_LIVE_H
#define RCD_REALTIME_LIVE_H

#include "net/ws.h"
#include "provider/realtime_event.h"

#include <sys/queue.h>

/* One session, independent of the pool. Inside lib/provider only. */

#define RCD_LIVE_ITEMS 16 /* notes of one turn */

struct rcd_live {
	TAILQ_ENTRY(rcd_live) link; /* the pool's */
	struct rcd_realtime *pool;
	const struct rcd_realtime_conf *conf;
	struct rcd_ws_conn *conn;
	int64_t opened; /* rcd_mono_ms() */
	char doing[96];
	struct rcd_buf in, out; /* the message that is read, and the one that is written */
	char item[RCD_LIVE_ITEMS][RCD_REALTIME_ID]; /* what lies in its conversation */
	size_t n_items;
	bool spoilt; /* in an unknown state, must not be reused */
	unsigned asks;
};

/* Connects and sets up; blocks until the session says that it is as we want it. gone: as in
 * struct rcd_ws_req. */
int rcd_live_open(struct rcd_live **out, struct rcd_ws *ws, const struct rcd_realtime_conf *conf,
                  int64_t deadline, void (*gone)(void *arg), void *arg, struct rcd_err *err);
struct rcd_live *rcd_live_close(struct rcd_live *live); /* NULL-safe, returns NULL */
bool rcd_live_usable(struct rcd_live *live);
/* Asks for everything in its conversation to be deleted; does not wait for it. */
void rcd_live_forget(struct rcd_live *live);
/* Waits until nothing is in its conversation any more. -1: it is not certain. */
int rcd_live_settle(struct rcd_live *live, int64_t deadline, struct rcd_err *err);

#endif
