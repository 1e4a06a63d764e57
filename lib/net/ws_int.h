#ifndef RCD_WS_INT_H
#define RCD_WS_INT_H

/* Inside of the WebSocket client; only ws*.c include this.
 *
 * ws.c         what callers see: make a connection, post it, wait in it
 * ws_engine.c  the thread: libwebsockets, its callbacks, the beginning and end of connections
 *
 * Locks: ws->lock guards the queue of commands, the references and who still lives; c->lock
 * what the engine and the callers hand each other. They are never held together. */

#include "net/ws.h"

#include <pthread.h>
#include <sys/queue.h>

#define RCD_WS_ROOM 32                /* before an outgoing message, for its frame's head */
#define RCD_WS_OUT ((size_t)1 << 20)  /* bytes that wait to go out before senders wait too */
#define RCD_WS_IN ((size_t)256 << 10) /* bytes kept for the reader before the peer has to wait */
/* that a message counts for beside its own: an empty one costs memory too */
#define RCD_WS_COST 128
/* messages kept for the reader; one more ends the connection */
#define RCD_WS_IN_MOST 16384

enum rcd_ws_want {
	RCD_WS_START = 1,
	RCD_WS_WRITE = 2,  /* there is something to send */
	RCD_WS_RESUME = 4, /* there is room again */
	RCD_WS_BYE = 8,    /* close with good manners */
	RCD_WS_KILL = 16,  /* and without */
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
	struct rcd_secret key; /* wiped once it was sent */
	size_t max_message;
	void (*gone)(void *arg);
	void *gone_arg;

	/* the engine's */
	struct rcd_ws_link *link;
	struct rcd_buf part; /* of a message that is not complete */
	int close_code;

	/* under ws->lock */
	TAILQ_ENTRY(rcd_ws_conn) queue_link;
	unsigned wants; /* not 0: in the queue */
	int refs;       /* the caller's and, until it has let go, the engine's */
	bool closed;    /* the engine has let go: nothing may be queued any more */

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
	size_t users; /* the owner and every connection: the last one frees */
	bool closing;

	struct lws_context *lws; /* the engine's, but for waking it, which is done under lock */
};

int rcd_ws_engine_open(struct rcd_ws *ws, struct rcd_err *err); /* starts the thread */
void rcd_ws_engine_close(struct rcd_ws *ws);                    /* ends and joins it */
/* false: the connection is over, or the client is closing. */
bool rcd_ws_post(struct rcd_ws_conn *c, enum rcd_ws_want want);
/* Drops one reference. */
void rcd_ws_unref(struct rcd_ws_conn *c);

#endif
