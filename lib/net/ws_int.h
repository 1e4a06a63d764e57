#ifndef RCD_WS_INT_H
#define RCD_WS_INT_H

/* Inside of the WebSocket client; only ws*.c include this.
 *
 * ws.c         public calls: create a connection, post it, wait in it
 * ws_engine.c  engine thread: libwebsockets, its callbacks, start and end of connections
 * ws_conn.c    memory and references of a connection and of the client, used by both
 *
 * Locks: ws->lock guards the command queue and the references, c->lock the state shared between
 * engine and callers. They are never held together. */

#include "net/ws.h"

#include <pthread.h>
#include <sys/queue.h>

#define RCD_WS_ROOM 32                /* reserved before an outgoing message for its frame header */
#define RCD_WS_OUT ((size_t)1 << 20)  /* outgoing bytes queued before senders block */
#define RCD_WS_IN ((size_t)256 << 10) /* inbound bytes buffered before the peer is paused */
/* accounted per message beside its bytes: an empty one costs memory too */
#define RCD_WS_COST 128
/* messages buffered for the reader; one more ends the connection */
#define RCD_WS_IN_MOST 16384

enum rcd_ws_want {
	RCD_WS_START = 1,
	RCD_WS_WRITE = 2,  /* there is something to send */
	RCD_WS_RESUME = 4, /* there is room again */
	RCD_WS_BYE = 8,    /* close handshake */
	RCD_WS_KILL = 16,  /* close at once */
};

struct rcd_ws_msg {
	STAILQ_ENTRY(rcd_ws_msg) link;
	size_t n;
	char p[]; /* RCD_WS_ROOM bytes, then the n of an outgoing message */
};
STAILQ_HEAD(rcd_ws_msgs, rcd_ws_msg);

struct rcd_ws_link; /* the engine's side of a connection */

struct rcd_ws_conn {
	/* written by the caller before START, only read afterwards */
	struct rcd_ws *ws;
	char name[84];    /* host and port, for the Host header and error texts */
	char address[48]; /* numeric: where to connect */
	char path[1900];  /* with the query */
	int port, ping_s;
	bool tls;
	enum rcd_peer peer;
	char key_header[64];
	struct rcd_secret key; /* wiped after it was sent */
	size_t max_message;
	void (*gone)(void *arg);
	void *gone_arg;

	/* the engine's */
	struct rcd_ws_link *link;
	struct rcd_buf part; /* of an incomplete message */
	int close_code;

	/* under ws->lock */
	TAILQ_ENTRY(rcd_ws_conn) queue_link;
	unsigned wants; /* not 0: in the queue */
	int refs;       /* the caller's and, until it releases the connection, the engine's */
	bool closed;    /* the engine has released it: nothing may be queued any more */

	/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct rcd_ws_msgs out, in;
	size_t out_bytes, in_bytes; /* in_bytes with RCD_WS_COST for each of */
	size_t in_n;                /* the messages that wait for the reader */
	bool up, done, paused, cancelled;
	struct rcd_err err; /* once done */
};

TAILQ_HEAD(rcd_ws_list, rcd_ws_conn);

struct rcd_ws {
	pthread_t thread;
	pthread_mutex_t lock;
	struct rcd_ws_list queue;
	size_t users; /* references: the owner and every connection */
	bool closing;

	struct lws_context *lws; /* the engine's, but for waking it, which is done under lock */
};

int rcd_ws_engine_open(struct rcd_ws *ws, struct rcd_err *err); /* starts the thread */
void rcd_ws_engine_close(struct rcd_ws *ws);                    /* ends and joins it */
/* false: the connection is over, or the client is closing. */
bool rcd_ws_post(struct rcd_ws_conn *c, enum rcd_ws_want want);
/* NULL: out of memory. The new connection has one reference and holds one of ws. */
struct rcd_ws_conn *rcd_ws_conn_new(struct rcd_ws *ws, const struct rcd_ws_req *req);
/* Drop a reference; the last one frees. */
void rcd_ws_release(struct rcd_ws *ws);
void rcd_ws_unref(struct rcd_ws_conn *c);

#endif
