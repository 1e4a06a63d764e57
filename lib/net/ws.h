#ifndef RCD_WS_H
#define RCD_WS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "net/peer.h"

/* The WebSocket client of a process: one engine thread runs libwebsockets; any number of other
 * threads block in calls to it.
 *
 * It verifies TLS against the system's authorities, speaks ws:// to loopback addresses only,
 * follows no redirect, reads no proxy from the environment and never offers compression
 * (a peer can crash libwebsockets 4.1.6 through it). Open it after fork, and only one per process
 * at a time: libwebsockets registers itself once per process with OpenSSL, and a second client
 * would leak its certificates. */

struct rcd_ws;

int rcd_ws_open(struct rcd_ws **out, struct rcd_err *err);
/* Ends current and later connections with RCD_CANCELLED and joins the engine thread; the client and
 * its connections stay valid for threads that still use them. */
void rcd_ws_abort(struct rcd_ws *ws);
/* Aborts and releases the owner's reference. NULL-safe, returns NULL. */
struct rcd_ws *rcd_ws_close(struct rcd_ws *ws);

/* Borrowed until rcd_ws_connect returns, except gone_arg. Zero means the default. */
struct rcd_ws_req {
	const char *url;              /* wss://…, or ws://… on loopback; no fragment */
	const char *key_header;       /* "Authorization: Bearer ", */
	const struct rcd_secret *key; /*   followed by this key */
	enum rcd_peer peer;
	size_t max_message; /* largest inbound message; default RCD_MAX_WS_MESSAGE */
	int ping_s;         /* silence before a ping is sent; default 20. Without a pong within
	                       another 10 s the connection is closed */
	int64_t deadline;   /* rcd_mono_ms() for the handshake; default 10 s from now */
	/* Called once when the connection is closed, by either side; on the engine thread, must not
	 * block. May be NULL. */
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

/* Queues a copy of one text message. Blocks while a megabyte is already queued. 0 means queued, not
 * delivered. RCD_DOWN: the connection is closed; err->sys is the peer's close code if any. */
int rcd_ws_send(struct rcd_ws_conn *c, struct rcd_sv text, int64_t deadline, struct rcd_err *err);
/* The next whole message, fragments joined; replaces the content of out, whose maximum is raised as
 * needed. Messages received before a close are still returned. RCD_TIMEOUT leaves the connection
 * open; RCD_LIMIT closes it: a message over max_message, or a peer that ignores back-pressure. */
int rcd_ws_recv(struct rcd_ws_conn *c, struct rcd_buf *out, int64_t deadline, struct rcd_err *err);
bool rcd_ws_alive(struct rcd_ws_conn *c);
/* Ends every wait in c with RCD_CANCELLED. From any thread, before rcd_ws_end. */
void rcd_ws_cancel(struct rcd_ws_conn *c);
/* Starts the close handshake without waiting for it and releases c. NULL-safe, returns NULL. */
struct rcd_ws_conn *rcd_ws_end(struct rcd_ws_conn *c);

#endif
