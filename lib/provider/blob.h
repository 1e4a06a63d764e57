#ifndef RCD_BLOB_H
#define RCD_BLOB_H

#include "base/file.h"

#include <stdbool.h>
#include <stdint.h>

/* Media storage: spoken answers, which are public, and attachments of customers. An object is
 * written atomically once under its key and never changed. Keys are ours: letters, digits, "-",
 * "_", "." and "/":
 *
 *     audio/32 HEX DIGITS.ogg     a spoken answer; a row of media knows the part after "audio/"
 *     inbound/YYYY-MM/ID-PART     an attachment; a row of attachment knows the whole key
 *
 * A driver is one struct of functions; no other code knows where the bytes are. */

#define RCD_BLOB_AUDIO "audio/"
#define RCD_BLOB_INBOUND "inbound/"
#define RCD_BLOB_KEY 96 /* bytes of the longest key, NUL included */

struct rcd_http;
struct rcd_s3_conf;
struct rcd_blob;
struct rcd_blob_store;

struct rcd_blob_conf {
	const struct rcd_s3_conf *s3; /* objects below its prefix; NULL: files, as follows */
	const char *audio_dir; /* "audio/" is this folder, which nginx serves as /static/audio/ */
	const char *state_dir; /* every other key is a path below this one */
};
#define RCD_BLOB_ORIGIN 300

/* Called with the part of a key after the prefix; -1 ends the listing. */
typedef int rcd_blob_each_fn(void *arg, const char *name);

struct rcd_blob_driver {
	int (*begin)(struct rcd_blob *w, struct rcd_err *err);
	int (*add)(struct rcd_blob *w, const void *p, size_t n, struct rcd_err *err);
	int (*commit)(struct rcd_blob *w, struct rcd_err *err);
	void (*drop)(struct rcd_blob *w);
	int (*read)(const struct rcd_blob_store *s, const char *key, int64_t deadline,
	            struct rcd_buf *out, struct rcd_err *err);
	int (*remove)(const struct rcd_blob_store *s, const char *key, struct rcd_err *err);
	int (*each)(const struct rcd_blob_store *s, const char *prefix, int64_t before_ms,
	            rcd_blob_each_fn *fn, void *arg, struct rcd_err *err);
	int (*link)(const struct rcd_blob_store *s, const char *method, const char *key,
	            char origin[RCD_BLOB_ORIGIN], struct rcd_buf *target, struct rcd_err *err);
};
extern const struct rcd_blob_driver rcd_blob_local, rcd_blob_s3;

/* A process's access to the media: shared by its threads, immutable. */
struct rcd_blob_store {
	const struct rcd_blob_driver *driver;
	const struct rcd_blob_conf *conf;
	struct rcd_http *http; /* the drivers that need none take NULL; so does link */
};
void rcd_blob_open(struct rcd_blob_store *s, const struct rcd_blob_conf *conf,
                   struct rcd_http *http);

/* An object being written. Caller's storage, zeroed before begin. */
struct rcd_blob {
	const struct rcd_blob_store *store;
	char key[RCD_BLOB_KEY];
	const char *type; /* Content-Type; static, or the caller's until commit */
	int64_t deadline;
	struct rcd_file file; /* of the local driver */
	struct rcd_buf bytes; /* of the S3 driver */
};

/* The object becomes visible when commit returns 0, and is then durable. commit may block on the
 * network up to the deadline. drop is always safe; after a failed begin or a commit it does
 * nothing. */
int rcd_blob_begin(struct rcd_blob *w, const struct rcd_blob_store *s, const char *key,
                   const char *type, int64_t deadline, struct rcd_err *err);
int rcd_blob_add(struct rcd_blob *w, const void *p, size_t n, struct rcd_err *err);
int rcd_blob_commit(struct rcd_blob *w, struct rcd_err *err);
void rcd_blob_drop(struct rcd_blob *w);
/* begin, add and commit in one call. */
int rcd_blob_write(const struct rcd_blob_store *s, const char *key, const char *type,
                   struct rcd_sv bytes, int64_t deadline, struct rcd_err *err);

/* All its bytes, appended to out. RCD_LIMIT when they come nearer than 4 KB to its maximum, or over
 * it. RCD_NOENT: no such key. */
int rcd_blob_read(const struct rcd_blob_store *s, const char *key, int64_t deadline,
                  struct rcd_buf *out, struct rcd_err *err);
/* 0 also when it does not exist. */
int rcd_blob_remove(const struct rcd_blob_store *s, const char *key, struct rcd_err *err);
/* Lists the objects below prefix ("audio/") written before before_ms (UTC), unordered. fn may
 * remove the object. */
int rcd_blob_each(const struct rcd_blob_store *s, const char *prefix, int64_t before_ms,
                  rcd_blob_each_fn *fn, void *arg, struct rcd_err *err);
/* A link valid for this method and some minutes, by which a web server fetches key for its client:
 * origin ("https://host") and "/path?query" appended to target. No network: the object may not
 * exist. RCD_NOENT: the local driver, whose files are served directly. */
int rcd_blob_link(const struct rcd_blob_store *s, const char *method, const char *key,
                  char origin[RCD_BLOB_ORIGIN], struct rcd_buf *target, struct rcd_err *err);

#endif
