#ifndef RCD_REQ_H
#define RCD_REQ_H

#include "base/err.h"
#include "base/json.h"
#include "base/sv.h"

/* One FastCGI request while it is answered; the only file that knows libfcgi is req.c. */

struct rcd_req; /* borrowed from the thread that accepted it */

/* A thread's place to accept in. */
struct rcd_acceptor;
int rcd_acceptor_init(void); /* once per process, before the threads */
struct rcd_acceptor *rcd_acceptor_new(int listen_fd);
struct rcd_acceptor *rcd_acceptor_free(struct rcd_acceptor *a);
/* Takes a waiting connection and reads the head of its request; NULL when another thread was
 * quicker, or when the peer was no web server. Blocks for at most RCD_SLOW_MS (slow.h). */
struct rcd_req *rcd_accept(struct rcd_acceptor *a);
/* Sends what was written so far; -1 when the web server is gone. */
int rcd_req_flush(struct rcd_req *req);
/* Ends the request; -1 when the answer could not be handed over. */
int rcd_req_end(struct rcd_req *req);

struct rcd_sv rcd_req_param(struct rcd_req *req, const char *name); /* absent if none */
/* How often the parameter was sent: nginx 1.22 passes doubled headers on as they came. */
int rcd_req_count(struct rcd_req *req, const char *name);
struct rcd_sv rcd_req_method(struct rcd_req *req);
struct rcd_sv rcd_req_target(struct rcd_req *req); /* as it came: path and query */
struct rcd_sv rcd_req_path(struct rcd_req *req);   /* without the query */
/* The whole body (exactly CONTENT_LENGTH bytes), at most max. RCD_LIMIT, RCD_PROTO. */
int rcd_req_body(struct rcd_req *req, size_t max, struct rcd_buf *out, struct rcd_err *err);
/* Comes from this machine, and not through a proxy that says otherwise. */
bool rcd_req_local(struct rcd_req *req);

/* The answer; once per request. HEAD gets the head only. -1 when the web server is gone. */
int rcd_reply(struct rcd_req *req, int status, const char *type, struct rcd_sv body);
int rcd_reply_json(struct rcd_req *req, int status, json_t *take);
/* Lets nginx fetch origin ("https://host") + target ("/path?query") and answer with what it gets;
 * nginx/recado-media-s3.conf is the other half. Both are printable and made by us. */
int rcd_reply_elsewhere(struct rcd_req *req, const char *origin, const char *target);
/* {"error": text} with the status that belongs to the code. */
int rcd_reply_error(struct rcd_req *req, int status, const char *text);

#endif
