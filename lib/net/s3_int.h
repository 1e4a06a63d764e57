#ifndef RCD_S3_INT_H
#define RCD_S3_INT_H

/* Inside of the S3 client; only s3*.c include this.
 *
 * s3.c          public calls
 * s3_request.c  signed requests and links
 * s3_answer.c   responses: listings and refusals */

#include "net/s3.h"
#include "net/sigv4.h"

#define RCD_S3_MAX_PATH 1600 /* an endpoint's path, bucket and key */
#define RCD_S3_MAX_REFUSAL (64 * 1024)

/* Location of a key. */
struct rcd_s3_target {
	char origin[RCD_S3_ORIGIN]; /* "https://bucket.s3.us-east-1.amazonaws.com" */
	const char *host;           /* the part of origin for the Host header */
	char path[RCD_S3_MAX_PATH];
};
/* key "": the bucket itself. */
int rcd_s3_target(const struct rcd_s3_conf *conf, const char *key, struct rcd_s3_target *out,
                  struct rcd_err *err);

struct rcd_s3_call {
	const char *method, *key;
	const char *query; /* canonical; NULL: none */
	const char *type;  /* of body; NULL: there is none */
	struct rcd_sv body;
	int64_t deadline;
};

/* A signed request. It holds pointers into itself, so it must not be copied. */
struct rcd_s3_request {
	struct rcd_s3_target at;
	struct rcd_buf url, authorization;
	struct rcd_sigv4_time now;
	char payload[65], hash_line[96], date_line[40];
	const char *headers[4];
	struct rcd_http_req http;
};
int rcd_s3_request_init(struct rcd_s3_request *r, const struct rcd_s3_conf *conf,
                        const struct rcd_s3_call *call, struct rcd_err *err);
void rcd_s3_request_done(struct rcd_s3_request *r); /* safe after a failed init */

/* Fills err from a refusal; returns -1. */
int rcd_s3_refused(const struct rcd_s3_conf *conf, const char *method,
                   const struct rcd_http_res *res, struct rcd_sv body, struct rcd_err *err);

#endif
