/* Media as objects of an S3-compatible store. An object is sent in one piece, because its hash
 * is signed before its first byte leaves: what is being written waits in memory. */

#include "base/clock.h"
#include "base/limits.h"
#include "net/s3.h"
#include "provider/blob.h"

#include <stdio.h>
#include <string.h>

#define REMOVE_MS 20000
#define LIST_MS 120000
#define LINK_S 900 /* nginx follows it at once; the rest is for clocks that differ */
#define NAME (RCD_S3_MAX_PREFIX + RCD_BLOB_KEY)

static void make_name(const struct rcd_blob_store *s, const char *key, char out[NAME])
{
	(void)snprintf(out, NAME, "%s%s", s->conf->s3->prefix, key);
}

static int begin_object(struct rcd_blob *w, struct rcd_err *err)
{
	(void)err;
	rcd_buf_init(&w->bytes, RCD_MAX_MEDIA);
	return 0;
}

static int add_bytes(struct rcd_blob *w, const void *p, size_t n, struct rcd_err *err)
{
	rcd_buf_add(&w->bytes, p, n);
	if (!w->bytes.bad)
		return 0;
	return w->bytes.over ? rcd_fail(err, RCD_LIMIT, 0, "media of more than %d bytes", RCD_MAX_MEDIA)
	                     : rcd_fail_nomem(err);
}

static int commit_object(struct rcd_blob *w, struct rcd_err *err)
{
	char name[NAME];

	make_name(w->store, w->key, name);
	return rcd_s3_put(w->store->http, w->store->conf->s3, name, w->type, rcd_buf_view(&w->bytes),
	                  w->deadline, err);
}

static void drop_object(struct rcd_blob *w)
{
	rcd_buf_free(&w->bytes);
}

static int read_object(const struct rcd_blob_store *s, const char *key, int64_t deadline,
                       struct rcd_buf *out, struct rcd_err *err)
{
	struct rcd_http_stream *stream = NULL;
	char name[NAME], piece[16384];
	size_t n = 1;
	int ret;

	make_name(s, key, name);
	ret = rcd_s3_get(s->http, s->conf->s3, name, deadline, &stream, err);
	while (ret == 0 && n > 0 && !out->bad) {
		ret = rcd_http_read(stream, piece, sizeof(piece), &n, err);
		if (ret == 0)
			rcd_buf_add(out, piece, n);
	}
	(void)rcd_http_end(stream);
	if (ret == 0 && out->bad)
		ret = out->over ? rcd_fail(err, RCD_LIMIT, 0, "%s has more than %zu bytes", key, out->max)
		                : rcd_fail_nomem(err);
	return ret;
}

static int remove_object(const struct rcd_blob_store *s, const char *key, struct rcd_err *err)
{
	char name[NAME];

	make_name(s, key, name);
	return rcd_s3_delete(s->http, s->conf->s3, name, rcd_deadline_in(REMOVE_MS), err);
}

struct each {
	size_t prefix_n;
	int64_t before_ms;
	rcd_blob_each_fn *fn;
	void *arg;
};

static int visit_object(void *arg, const struct rcd_s3_object *o)
{
	const struct each *e = arg;
	char name[RCD_BLOB_KEY];

	if (o->modified_ms >= e->before_ms || o->key.n <= e->prefix_n ||
	    o->key.n - e->prefix_n >= sizeof(name))
		return 0;
	(void)snprintf(name, sizeof(name), "%.*s", RCD_SV_ARG(rcd_sv_skip(o->key, e->prefix_n)));
	return e->fn(e->arg, name);
}

static int visit_objects(const struct rcd_blob_store *s, const char *prefix, int64_t before_ms,
                         rcd_blob_each_fn *fn, void *arg, struct rcd_err *err)
{
	char name[NAME];
	struct each e = {.before_ms = before_ms, .fn = fn, .arg = arg};

	make_name(s, prefix, name);
	e.prefix_n = strlen(name);
	return rcd_s3_list(s->http, s->conf->s3, name, rcd_deadline_in(LIST_MS), visit_object, &e, err);
}

static int make_link(const struct rcd_blob_store *s, const char *method, const char *key,
                     char origin[RCD_BLOB_ORIGIN], struct rcd_buf *target, struct rcd_err *err)
{
	char name[NAME];

	_Static_assert(RCD_BLOB_ORIGIN >= RCD_S3_ORIGIN, "an origin fits");
	make_name(s, key, name);
	return rcd_s3_link(s->conf->s3, method, name, LINK_S, rcd_now_ms(), origin, target, err);
}

const struct rcd_blob_driver rcd_blob_s3 = {
	.begin = begin_object,
	.add = add_bytes,
	.commit = commit_object,
	.drop = drop_object,
	.read = read_object,
	.remove = remove_object,
	.each = visit_objects,
	.link = make_link,
};
