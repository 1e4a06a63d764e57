#ifndef RCD_SB_SERVER_H
#define RCD_SB_SERVER_H

#include "base/buf.h"
#include "base/err.h"
#include "daemon/sandbox/timer.h"

/* The HTTP server under the simulated providers: one event loop on 127.0.0.1 that never
 * blocks. An answer that is late (a delay, speech that is still being made) parks its
 * connection; a parked connection costs its memory and nothing else. */

#define RCD_SB_MAX_BODY ((size_t)32 * 1024 * 1024) /* of a request; OpenAI takes 25 MB */

/* --- a body that may still be growing ------------------------------------------------- */

/* Reference-counted: the producer and the server hold one each. Thread-safe. */
struct rcd_sb_body;

struct rcd_sb_body *rcd_sb_body_new(void); /* NULL when memory is short */
struct rcd_sb_body *rcd_sb_body_ref(struct rcd_sb_body *b);
struct rcd_sb_body *rcd_sb_body_unref(struct rcd_sb_body *b); /* NULL-safe, returns NULL */
/* -1 when memory is short or the client disconnected: the producer stops. */
int rcd_sb_body_add(struct rcd_sb_body *b, const void *p, size_t n);
/* Nothing more comes; failed cuts the connection. */
void rcd_sb_body_end(struct rcd_sb_body *b, bool failed);

/* --- requests and answers ------------------------------------------------------------- */

struct rcd_sb_req; /* lives until its answer is out */

const char *rcd_sb_req_method(const struct rcd_sb_req *r);
const char *rcd_sb_req_path(const struct rcd_sb_req *r); /* percent escapes resolved */
const char *rcd_sb_req_header(struct rcd_sb_req *r, const char *name); /* NULL: none */
const char *rcd_sb_req_arg(struct rcd_sb_req *r, const char *name);    /* of the query */
/* Every pair of the query in the order it came; value NULL for a name without "=". */
typedef void rcd_sb_arg_fn(void *arg, const char *name, const char *value);
void rcd_sb_req_args(struct rcd_sb_req *r, rcd_sb_arg_fn *fn, void *arg);
struct rcd_sv rcd_sb_req_body(const struct rcd_sb_req *r);
bool rcd_sb_req_over(const struct rcd_sb_req *r); /* the body was larger than the maximum */

/* One piece of one part of a multipart body, at offset off of that part. -1 stops. */
typedef int rcd_sb_part_fn(void *arg, const char *name, const char *filename, const char *type,
                           struct rcd_sv piece);
int rcd_sb_req_parts(struct rcd_sb_req *r, rcd_sb_part_fn *fn, void *arg);

#define RCD_SB_MAX_HEADERS 6

/* An upgraded connection: a blocking socket and the bytes already read from it. */
struct rcd_sb_socket;
int rcd_sb_socket_fd(const struct rcd_sb_socket *s);
struct rcd_sv rcd_sb_socket_early(const struct rcd_sb_socket *s);
/* Ends it; from any thread, before rcd_sb_server_stop. NULL-safe, returns NULL. */
struct rcd_sb_socket *rcd_sb_socket_close(struct rcd_sb_socket *s);
/* Takes ownership of s; must not block. NULL: the upgrade failed. Called once. */
typedef void rcd_sb_upgraded_fn(void *arg, struct rcd_sb_socket *s);

struct rcd_sb_answer {
	int status;
	const char *type; /* Content-Type, static; NULL: none */
	struct {
		const char *name; /* static */
		char value[192];
	} header[RCD_SB_MAX_HEADERS];
	size_t n_headers;
	struct rcd_sb_body *body;     /* a reference that the server takes over; NULL: empty */
	bool stream;                  /* chunked even when the length is known */
	bool cut;                     /* half of the body, then the end of the connection */
	bool never;                   /* no answer until the client disconnects */
	int delay_ms;                 /* before the first byte */
	rcd_sb_upgraded_fn *upgraded; /* answers 101 and hands over the socket, instead of a body */
	void *upgraded_arg;
};

/* Says what to answer; runs in the event loop, must not block. -1 closes the connection. */
typedef int rcd_sb_handle_fn(void *arg, struct rcd_sb_req *req, struct rcd_sb_answer *out);

struct rcd_sb_server;

/* Takes the port (0: any free one); clients may connect and wait. */
int rcd_sb_server_open(struct rcd_sb_server **out, int port, struct rcd_err *err);
/* Begins to answer. The timer must be closed before rcd_sb_server_stop, so that nothing is
 * parked then. */
int rcd_sb_server_run(struct rcd_sb_server *s, struct rcd_sb_timer *timer, rcd_sb_handle_fn *fn,
                      void *arg, struct rcd_err *err);
int rcd_sb_server_port(const struct rcd_sb_server *s);
struct rcd_sb_server *rcd_sb_server_stop(struct rcd_sb_server *s); /* NULL-safe, returns NULL */

#endif
