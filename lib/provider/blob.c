#include "provider/blob.h"

#include <stdio.h>
#include <string.h>

void rcd_blob_open(struct rcd_blob_store *s, const struct rcd_blob_conf *conf,
                   struct rcd_http *http)
{
	*s = (struct rcd_blob_store){.driver = conf->s3 != NULL ? &rcd_blob_s3 : &rcd_blob_local,
	                             .conf = conf,
	                             .http = http};
}

int rcd_blob_begin(struct rcd_blob *w, const struct rcd_blob_store *s, const char *key,
                   const char *type, int64_t deadline, struct rcd_err *err)
{
	*w = (struct rcd_blob){.type = type, .deadline = deadline, .file = {.fd = -1}};
	if (strlen(key) >= sizeof(w->key)) {
		(void)rcd_fail(err, RCD_INVAL, 0, "a media key of %zu bytes", strlen(key));
		return -1;
	}
	(void)snprintf(w->key, sizeof(w->key), "%s", key);
	w->store = s;
	if (s->driver->begin(w, err) == 0)
		return 0;
	w->store = NULL;
	return -1;
}

int rcd_blob_add(struct rcd_blob *w, const void *p, size_t n, struct rcd_err *err)
{
	return w->store->driver->add(w, p, n, err);
}

int rcd_blob_commit(struct rcd_blob *w, struct rcd_err *err)
{
	int ret = w->store->driver->commit(w, err);

	rcd_blob_drop(w);
	return ret;
}

void rcd_blob_drop(struct rcd_blob *w)
{
	if (w->store != NULL)
		w->store->driver->drop(w);
	w->store = NULL;
}

int rcd_blob_write(const struct rcd_blob_store *s, const char *key, const char *type,
                   struct rcd_sv bytes, int64_t deadline, struct rcd_err *err)
{
	struct rcd_blob w;
	int ret = rcd_blob_begin(&w, s, key, type, deadline, err);

	if (ret == 0)
		ret = rcd_blob_add(&w, bytes.p, bytes.n, err);
	if (ret == 0)
		ret = rcd_blob_commit(&w, err);
	rcd_blob_drop(&w);
	return ret;
}

int rcd_blob_read(const struct rcd_blob_store *s, const char *key, int64_t deadline,
                  struct rcd_buf *out, struct rcd_err *err)
{
	return s->driver->read(s, key, deadline, out, err);
}

int rcd_blob_remove(const struct rcd_blob_store *s, const char *key, struct rcd_err *err)
{
	return s->driver->remove(s, key, err);
}

int rcd_blob_each(const struct rcd_blob_store *s, const char *prefix, int64_t before_ms,
                  rcd_blob_each_fn *fn, void *arg, struct rcd_err *err)
{
	return s->driver->each(s, prefix, before_ms, fn, arg, err);
}

int rcd_blob_link(const struct rcd_blob_store *s, const char *method, const char *key,
                  char origin[RCD_BLOB_ORIGIN], struct rcd_buf *target, struct rcd_err *err)
{
	return s->driver->link(s, method, key, origin, target, err);
}
