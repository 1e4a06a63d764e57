#ifndef RCD_SIGV4_H
#define RCD_SIGV4_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"

/* AWS Signature Version 4 in the S3 variant: the path is encoded once. */

struct rcd_sigv4_key {
	const char *id;
	const struct rcd_secret *secret;
	const char *region, *service;
};

/* A time in the two formats that a signature needs. */
struct rcd_sigv4_time {
	char stamp[17]; /* "20130524T000000Z" */
	char day[9];    /* "20130524" */
};
int rcd_sigv4_time(int64_t now_ms, struct rcd_sigv4_time *out, struct rcd_err *err);

/* A request in canonical form: everything encoded, sorted and in lower case already. */
struct rcd_sigv4_req {
	const char *method;
	struct rcd_sv path;         /* "/test.txt" */
	struct rcd_sv query;        /* "a=1&b=2", without "?" */
	struct rcd_sv headers;      /* "host:example.com\nx-amz-date:…\n" */
	const char *signed_headers; /* "host;x-amz-date" */
	const char *payload;        /* the body's SHA-256 in hex, or "UNSIGNED-PAYLOAD" */
};

#define RCD_SIGV4_N 65 /* a signature in hex, with NUL */

/* Appends "KEYID/DAY/REGION/SERVICE/aws4_request". */
void rcd_sigv4_credential(const struct rcd_sigv4_key *key, const struct rcd_sigv4_time *t,
                          struct rcd_buf *out);
int rcd_sigv4_sign(const struct rcd_sigv4_key *key, const struct rcd_sigv4_time *t,
                   const struct rcd_sigv4_req *req, char out[RCD_SIGV4_N], struct rcd_err *err);

#endif
