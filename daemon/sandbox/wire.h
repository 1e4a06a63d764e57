#ifndef RCD_SB_WIRE_H
#define RCD_SB_WIRE_H

#include "base/buf.h"
#include "daemon/sandbox/server.h"

/* The server's side of one WebSocket, on a thread of its own that blocks in it. */
struct rcd_sb_wire;

/* The Sec-WebSocket-Accept for a client's key. */
#define RCD_SB_ACCEPT 32
void rcd_sb_wire_accept(const char *key, char out[RCD_SB_ACCEPT]);

/* Takes the socket over, also on failure. NULL: no memory. */
struct rcd_sb_wire *rcd_sb_wire_open(struct rcd_sb_socket *s);
/* The next message, fragments joined. -1: the connection is over. */
int rcd_sb_wire_recv(struct rcd_sb_wire *w, struct rcd_buf *out);
int rcd_sb_wire_send(struct rcd_sb_wire *w, struct rcd_sv text);
int rcd_sb_wire_raw(struct rcd_sb_wire *w, struct rcd_sv bytes); /* no frame around it */
/* Sleeps; -1 when the client disconnected meanwhile. */
int rcd_sb_wire_sleep(struct rcd_sb_wire *w, int ms);
/* Cancels all present and later waits. From any thread. */
void rcd_sb_wire_shut(struct rcd_sb_wire *w);
/* Sends a close frame with this code (0: without one). NULL-safe, returns NULL. */
struct rcd_sb_wire *rcd_sb_wire_close(struct rcd_sb_wire *w, int code);

#endif
