#ifndef RCD_WS_H
#define RCD_WS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "net/peer.h"

/* The one WebSocket client of a process: a thread of its own runs libwebsockets, and any
 * number of other threads park in it.
 *
 * It verifies TLS against the system's authorities, speaks ws:// to loopback addresses only,
 * follows no redirect, reads no proxy from the environment and never offers compression
 * (a peer can crash libwebsockets 4.1.6 through it). Open it after fork, and only one in a
 * process at a time: libwebsockets keeps its place in OpenSSL's objects per process, and with
 * two of them one leaks its certificates. */

struct rcd_ws;

int rcd_ws_open(struct rcd_ws **out, struct rcd_err *err);
/* Ends every connection and everything begun later with RCD_CANCELLED, and joins the thread;
 * the client and its connections stay valid for those who still hold them. */
void rcd_ws_abort(struct rcd_ws *ws);
/* Aborts, and gives the client up. NULL-safe, returns NULL. */
struct rcd_ws *rcd_ws_close(struct rcd_ws *ws);

/* Borrowed until rcd_ws_connect returns, but for gone_arg. Zero means the default. */
struct rcd_ws_req {
	const char *url;              /* wss://…, or ws://… on loopback; no fragment */
	const char *key_header;       /* "Authorization: Bearer ", */
	const struct rcd_secret *key; /*   with this behind it */
	enum rcd_peer peer;
	size_t max_message; /* that the peer may send; default RCD_MAX_WS_MESSAGE */
	int ping_s;         /* silence after which a ping goes out; default 20. No pong
	                       within 10 s more: the connection is given up */
	int64_t deadline;   /* rcd_mono_ms() for the handshake; default 10 s from now */
	/* Called once when the connection is gone, whoever ended it; from the client's thread,
	 * must not block. NULL: nobody. */
	void (*gone)(void *arg);
	void *gone_arg;
};

struct rcd_ws_conn;

/* Blocks until the handshake is over. -1: RCD_DENIED (address or scheme; HTTP 401, 403, 404),
 * RCD_DOWN (no connection, no TLS, HTTP 408, 429, 5xx), RCD_PROTO (any other answer),
 * RCD_TIMEOUT, RCD_CANCELLED, RCD_INVAL, RCD_LIMIT, RCD_NOMEM; err->sys holds the HTTP
 * status when there was one. End with rcd_ws_end. */
int rcd_ws_connect(struct rcd_ws *ws, const struct rcd_ws_req *req, struct rcd_ws_conn **out,
                   struct rcd_err *err);

/* One text message, copied. Blocks while a megabyte waits to go out already. 0 means taken,
 * not arrived. RCD_DOWN: the connection is gone; err->sys is the peer's close code if any. */
int rcd_ws_send(struct rcd_ws_conn *c, struct rcd_sv text, int64_t deadline, struct rcd_err *err);
/* The next whole message, fragments joined, in place of what out held (out's maximum does not
 * matter). What came before the connection went is still given out. RCD_TIMEOUT leaves the
 * connection as it was; RCD_LIMIT: a message over max_message, or more messages than are
 * kept for a reader although the peer was told to wait, and the connection is gone. */
int rcd_ws_recv(struct rcd_ws_conn *c, struct rcd_buf *out, int64_t deadline, struct rcd_err *err);
bool rcd_ws_alive(struct rcd_ws_conn *c);
/* Makes every wait in c end with RCD_CANCELLED. From any thread, while c is not ended. */
void rcd_ws_cancel(struct rcd_ws_conn *c);
/* Says goodbye without waiting for it. NULL-safe, returns NULL. */
struct rcd_ws_conn *rcd_ws_end(struct rcd_ws_conn *c);

#endif
