#ifndef RCD_S3_H
#define RCD_S3_H

#include "base/limits.h"
#include "net/http.h"

/* Objects of one bucket in any store that speaks S3. Without an endpoint it is AWS' and the
 * bucket is a part of the host name (but for a bucket with a dot, whose name no certificate
 * covers); an endpoint gets the bucket as the first part of the path.
 *
 * Keys here are whole, prefix included, of the characters of RCD_S3_KEY_CHARS; no part between
 * two "/" is "", "." or "..". */

#define RCD_S3_KEY_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./"
#define RCD_S3_MAX_BUCKET 63
#define RCD_S3_MAX_PREFIX 200

struct rcd_s3_conf {
	const char *endpoint; /* "": AWS; else an origin, optionally with a path */
	const char *region;
	const char *key_id;
	struct rcd_secret secret;
	struct rcd_secret session; /* of temporary credentials */
	char bucket[RCD_S3_MAX_BUCKET + 1];
	char prefix[RCD_S3_MAX_PREFIX + 1]; /* "" or with a "/" at the end */
};

/* Parses "s3://bucket/prefix" into bucket and prefix; RCD_INVAL. */
int rcd_s3_place(const char *url, struct rcd_s3_conf *conf, struct rcd_err *err);

/* All of them block up to the deadline. Errors: RCD_DENIED (credentials, clock, another
 * region: the text says which), RCD_NOENT (no such object or bucket), RCD_DOWN (unreachable,
 * 5xx, asked to slow down: tried twice already), RCD_INVAL for other refusals, and those of
 * http.h. Texts hold the key's host and the store's code word, no credentials. */
int rcd_s3_put(struct rcd_http *http, const struct rcd_s3_conf *conf, const char *key,
               const char *type, struct rcd_sv bytes, int64_t deadline, struct rcd_err *err);
/* 0 also when there is no such object. */
int rcd_s3_delete(struct rcd_http *http, const struct rcd_s3_conf *conf, const char *key,
                  int64_t deadline, struct rcd_err *err);
/* Streams the object by rcd_http_read; the caller ends the stream. */
int rcd_s3_get(struct rcd_http *http, const struct rcd_s3_conf *conf, const char *key,
               int64_t deadline, struct rcd_http_stream **out, struct rcd_err *err);

struct rcd_s3_object {
	struct rcd_sv key;   /* borrowed for the call */
	int64_t modified_ms; /* UTC, to the second */
};
typedef int rcd_s3_each_fn(void *arg, const struct rcd_s3_object *o); /* -1 ends the listing */
/* Calls fn for every object whose key begins with prefix, sorted by key, one request per thousand.
 * Keys with characters that ours never have are skipped. */
int rcd_s3_list(struct rcd_http *http, const struct rcd_s3_conf *conf, const char *prefix,
                int64_t deadline, rcd_s3_each_fn *fn, void *arg, struct rcd_err *err);

#define RCD_S3_ORIGIN 300
/* A presigned URL for one method, one object and a limited time: origin, and "/path?query" appended
 * to target. A link for GET answers HEAD with 403. No network. */
int rcd_s3_link(const struct rcd_s3_conf *conf, const char *method, const char *key, int seconds,
                int64_t now_ms, char origin[RCD_S3_ORIGIN], struct rcd_buf *target,
                struct rcd_err *err);

/* Parses one page of a listing: calls fn for each object and copies the last key (XML references
 * decoded, any characters) to last. 1: there are more pages; 0: the last page, or fn stopped; -1:
 * RCD_PROTO, RCD_NOMEM. */
#define RCD_S3_MAX_KEY 1024
int rcd_s3_page(struct rcd_sv xml, rcd_s3_each_fn *fn, void *arg, char last[RCD_S3_MAX_KEY + 1],
                struct rcd_err *err);

#endif
