#include "daemon/sandbox/objects.h"

#include "base/clock.h"
#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES ((size_t)256 * 1024 * 1024)

struct item {
	struct item *next;
	struct rcd_sb_object object;
};

struct rcd_sb_objects {
	struct item *first; /* in the order of names */
	size_t total;
};

int rcd_sb_objects_open(struct rcd_sb_objects **out, struct rcd_err *err)
{
	struct rcd_sb_objects *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return rcd_fail_nomem(err);
	*out = o;
	return 0;
}

static struct item *item_free(struct item *i)
{
	if (i == NULL)
		return NULL;
	free(i->object.name);
	free(i->object.type);
	free(i->object.bytes);
	free(i);
	return NULL;
}

struct rcd_sb_objects *rcd_sb_objects_close(struct rcd_sb_objects *o)
{
	if (o == NULL)
		return NULL;
	while (o->first != NULL) {
		struct item *i = o->first;

		o->first = i->next;
		(void)item_free(i);
	}
	free(o);
	return NULL;
}

static int compare_names(struct rcd_sv a, const char *b)
{
	size_t bn = strlen(b), n = a.n < bn ? a.n : bn;
	int d = n > 0 ? memcmp(a.p, b, n) : 0;

	return d != 0 ? d : (a.n > bn) - (a.n < bn);
}

/* The link that holds the object of this name, or where it would be inserted. */
static struct item **find_slot(struct rcd_sb_objects *o, struct rcd_sv name)
{
	struct item **at = &o->first;

	while (*at != NULL && compare_names(name, (*at)->object.name) > 0)
		at = &(*at)->next;
	return at;
}

static bool has_name(struct item *const *at, struct rcd_sv name)
{
	return *at != NULL && rcd_sv_is(name, (*at)->object.name);
}

static struct item *item_new(struct rcd_sv name, struct rcd_sv type, struct rcd_sv bytes)
{
	struct item *i = calloc(1, sizeof(*i));
	uint8_t digest[RCD_SHA256_N];
	char hex[33];

	if (i == NULL)
		return NULL;
	i->object.name = rcd_sv_dup(name);
	i->object.type = rcd_sv_dup(type);
	i->object.bytes = rcd_sv_dup(bytes.n > 0 ? bytes : RCD_SV(""));
	i->object.n = bytes.n;
	i->object.modified_ms = rcd_now_ms();
	if (i->object.name == NULL || i->object.type == NULL || i->object.bytes == NULL ||
	    rcd_sha256(bytes, digest) != 0)
		return item_free(i);
	rcd_hex(digest, 16, hex);
	(void)snprintf(i->object.etag, sizeof(i->object.etag), "\"%s\"", hex);
	return i;
}

int rcd_sb_objects_put(struct rcd_sb_objects *o, struct rcd_sv name, struct rcd_sv type,
                       struct rcd_sv bytes, const struct rcd_sb_object **out, struct rcd_err *err)
{
	struct item *i, **at;

	if (bytes.n > MAX_BYTES - o->total)
		return rcd_fail(err, RCD_LIMIT, 0, "more than %zu bytes of objects", MAX_BYTES);
	i = item_new(name, type, bytes);
	if (i == NULL)
		return rcd_fail_nomem(err);
	rcd_sb_objects_remove(o, name);
	at = find_slot(o, name);
	i->next = *at;
	*at = i;
	o->total += i->object.n;
	*out = &i->object;
	return 0;
}

const struct rcd_sb_object *rcd_sb_objects_get(struct rcd_sb_objects *o, struct rcd_sv name)
{
	struct item **at = find_slot(o, name);

	return has_name(at, name) ? &(*at)->object : NULL;
}

const struct rcd_sb_object *rcd_sb_objects_after(struct rcd_sb_objects *o, struct rcd_sv name)
{
	struct item **at = find_slot(o, name);

	if (has_name(at, name))
		at = &(*at)->next;
	return *at != NULL ? &(*at)->object : NULL;
}

void rcd_sb_objects_remove(struct rcd_sb_objects *o, struct rcd_sv name)
{
	struct item **at = find_slot(o, name), *i = *at;

	if (!has_name(at, name))
		return;
	*at = i->next;
	o->total -= i->object.n;
	(void)item_free(i);
}
