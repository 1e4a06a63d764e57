#ifndef RCD_HTTP_H
#define RCD_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "net/peer.h"

/* The HTTP client of a process: one engine thread runs libcurl's multi interface (HTTP/1.1 and
 * HTTP/2, keep-alive, all sockets and timers in one epoll set); any number of other threads block
 * in calls to it. A waiting thread costs only its stack.
 *
 * It never follows a redirect, never speaks anything but https (http to loopback addresses
 * only, checked on the address that is connected to), never reads a proxy from the
 * environment, and keeps no cookies. Open it after fork.
 *
 * A blocking call ends with RCD_CANCELLED when the cancellation token of its thread
 * (base/cancel.h) is set. */

struct rcd_http;

int rcd_http_open(struct rcd_http **out, struct rcd_err *err);
/* Ends current and later requests with RCD_CANCELLED and joins the engine thread; the client stays
 * valid for threads that still use it. Called by the owner before close; repeatable. */
void rcd_http_abort(struct rcd_http *http);
/* Aborts and releases the owner's reference. NULL-safe, returns NULL. */
struct rcd_http *rcd_http_close(struct rcd_http *http);

struct rcd_http_part { /* of multipart/form-data */
	const char *name;
	const char *filename; /* NULL: a plain field */
	const char *type;     /* NULL with a plain field */
	struct rcd_sv data;   /* borrowed until the request ends */
};

/* Borrowed until rcd_http_do or rcd_http_begin returns; body and parts until the request has
 * ended. Zero means the default. */
struct rcd_http_req {
	const char *method; /* NULL: GET, or POST when there is a body */
	const char *url;
	const char *const *headers; /* "Name: value", NULL-terminated; no secrets */
	const char *user;           /* HTTP Basic, with password */
	const struct rcd_secret *password;
	const char *key_header;       /* "Authorization: Bearer " or "xi-api-key: ", */
	const struct rcd_secret *key; /*   followed by this key */
	struct rcd_sv body;
	const char *body_type;             /* Content-Type of body */
	const struct rcd_http_part *parts; /* instead of body */
	size_t n_parts;
	enum rcd_peer peer;
	bool repeatable;  /* idempotent (GET and HEAD always are): may use HTTP/2 and is resent when
	                     a reused connection breaks before the response */
	size_t max_body;  /* of the response; default RCD_MAX_JSON */
	int connect_ms;   /* default 3000, TLS included */
	int first_ms;     /* until the response head is complete; default 20000 */
	int idle_ms;      /* between bytes of the response; default 15000 */
	int64_t deadline; /* rcd_mono_ms() value for the whole; default 120 s */
	int64_t begin_by; /* rcd_mono_ms() after which it is not started: it ends with RCD_TIMEOUT
	                     and res->sent is false; 0: no such limit */
};

struct rcd_http_res {
	int status;
	char type[96];       /* Content-Type, "" when none */
	char location[2048]; /* Location, "" when none (an overlong one is RCD_LIMIT) */
	char request_id[96]; /* x-request-id / request-id / Twilio-Request-Id */
	int retry_after;     /* seconds, capped at 3600; 0 for none or junk */
	bool sent;           /* false: no byte of the request was sent, so a retry is safe */
	struct rcd_buf body; /* rcd_http_do only */
};

/* Sends the request and reads the whole response; blocks. 0 for any status: the caller checks it.
 * -1 without a complete response: RCD_DOWN (cannot connect, reset, cut), RCD_TIMEOUT, RCD_LIMIT,
 * RCD_DENIED (address or scheme), RCD_CANCELLED, RCD_NOMEM; res->sent is valid then too.
 * Free with rcd_http_res_free(). */
int rcd_http_do(struct rcd_http *http, const struct rcd_http_req *req, struct rcd_http_res *res,
                struct rcd_err *err);
void rcd_http_res_free(struct rcd_http_res *res);

/* The same as a stream: begin blocks until the response head is complete, read until bytes are
 * available; a slow reader pauses the transfer (back-pressure). max_body does not apply; the caller
 * counts. end aborts an unfinished transfer and frees. */
struct rcd_http_stream;

int rcd_http_begin(struct rcd_http *http, const struct rcd_http_req *req,
                   struct rcd_http_stream **out, struct rcd_http_res *res, struct rcd_err *err);
/* Reads *n bytes into p (at most cap); *n = 0 at the end. -1 as above; a truncated body is
 * RCD_DOWN. */
int rcd_http_read(struct rcd_http_stream *s, void *p, size_t cap, size_t *n, struct rcd_err *err);
struct rcd_http_stream *rcd_http_end(struct rcd_http_stream *s); /* NULL-safe, returns NULL */
/* Ends the reader of s with RCD_CANCELLED. From any thread, before rcd_http_end. */
void rcd_http_cancel(struct rcd_http_stream *s);

#endif
