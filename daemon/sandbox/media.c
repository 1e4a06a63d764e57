/* The simulated media store and CDN. */

#include "daemon/sandbox/media.h"

#include "audio/decode.h"
#include "base/crypto.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define HEARD_HZ 24000 /* what sessions are given */
#define MAX_BYTES ((size_t)256 * 1024 * 1024)

struct item {
	SLIST_ENTRY(item) link;
	struct rcd_sb_media_ids id;
	uint8_t digest[RCD_SHA256_N];
	uint8_t heard[RCD_SHA256_N]; /* of the samples at HEARD_HZ, where something is said */
	char *type, *said, *bytes;
	size_t n;
};

struct rcd_sb_media {
	pthread_mutex_t lock;
	SLIST_HEAD(items, item) items;
	size_t total;
};

static struct item *item_free(struct item *i)
{
	if (i == NULL)
		return NULL;
	free(i->type);
	free(i->said);
	free(i->bytes);
	free(i);
	return NULL;
}

int rcd_sb_media_open(struct rcd_sb_media **out, struct rcd_err *err)
{
	struct rcd_sb_media *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return rcd_fail_nomem(err);
	SLIST_INIT(&m->items);
	(void)pthread_mutex_init(&m->lock, NULL);
	*out = m;
	return 0;
}

struct rcd_sb_media *rcd_sb_media_close(struct rcd_sb_media *m)
{
	struct item *i;

	if (m == NULL)
		return NULL;
	while ((i = SLIST_FIRST(&m->items)) != NULL) {
		SLIST_REMOVE_HEAD(&m->items, link);
		(void)item_free(i);
	}
	(void)pthread_mutex_destroy(&m->lock);
	free(m);
	return NULL;
}

/* Notes that are not Ogg/Opus are matched by their bytes, not by their samples. */
static void read_voice(struct item *i)
{
	struct rcd_sv bytes = {i->bytes, i->n};
	struct rcd_pcm pcm = {0};

	if (rcd_decode(NULL, bytes, rcd_sniff(bytes, rcd_sv(i->type)), HEARD_HZ, &pcm,
	               RCD_UNREAD_ERR) != 0)
		return;
	(void)rcd_sha256((struct rcd_sv){(const char *)pcm.s, pcm.n * sizeof(*pcm.s)}, i->heard);
	rcd_pcm_free(&pcm);
}

static struct item *item_new(struct rcd_sv bytes, const char *type, struct rcd_sv said)
{
	struct item *i = calloc(1, sizeof(*i));
	char hex[33];

	if (i == NULL)
		return NULL;
	rcd_random_hex(hex, 16);
	(void)snprintf(i->id.message, sizeof(i->id.message), "MM%s", hex);
	rcd_random_hex(hex, 16);
	(void)snprintf(i->id.media, sizeof(i->id.media), "ME%s", hex);
	rcd_random_hex(i->id.cdn, 16);
	i->n = bytes.n;
	i->type = rcd_sv_dup(rcd_sv(type));
	i->bytes = rcd_sv_dup(bytes.n > 0 ? bytes : RCD_SV(""));
	if (said.p != NULL)
		i->said = rcd_sv_dup(said);
	if (i->type == NULL || i->bytes == NULL || (said.p != NULL && i->said == NULL) ||
	    rcd_sha256(bytes, i->digest) != 0)
		return item_free(i);
	if (i->said != NULL)
		read_voice(i);
	return i;
}

int rcd_sb_media_add(struct rcd_sb_media *m, struct rcd_sv bytes, const char *type,
                     struct rcd_sv said, struct rcd_sb_media_ids *out, struct rcd_err *err)
{
	struct item *i = item_new(bytes, type, said);
	bool fits;

	if (i == NULL)
		return rcd_fail_nomem(err);
	(void)pthread_mutex_lock(&m->lock);
	fits = i->n <= MAX_BYTES - m->total;
	if (fits) {
		m->total += i->n;
		SLIST_INSERT_HEAD(&m->items, i, link);
		*out = i->id;
	}
	(void)pthread_mutex_unlock(&m->lock);
	if (!fits) {
		(void)item_free(i);
		return rcd_fail(err, RCD_LIMIT, 0, "more than %zu bytes of media", MAX_BYTES);
	}
	return 0;
}

/* What an item is looked for by; called with the lock. */
typedef bool match_fn(const struct item *i, const void *what);

static const struct item *find_item(struct rcd_sb_media *m, match_fn *fn, const void *what)
{
	struct item *i;

	SLIST_FOREACH(i, &m->items, link)
	if (fn(i, what))
		return i;
	return NULL;
}

struct sids {
	struct rcd_sv message, media;
};

static bool match_sids(const struct item *i, const void *what)
{
	const struct sids *s = what;

	return rcd_sv_is(s->message, i->id.message) && rcd_sv_is(s->media, i->id.media);
}

static bool match_cdn(const struct item *i, const void *what)
{
	const struct rcd_sv *cdn = what;

	return rcd_sv_is(*cdn, i->id.cdn);
}

static bool match_digest(const struct item *i, const void *what)
{
	return i->said != NULL && (memcmp(what, i->digest, sizeof(i->digest)) == 0 ||
	                           memcmp(what, i->heard, sizeof(i->heard)) == 0);
}

bool rcd_sb_media_find(struct rcd_sb_media *m, struct rcd_sv message, struct rcd_sv media,
                       char cdn[33])
{
	const struct sids sids = {message, media};
	const struct item *i;

	(void)pthread_mutex_lock(&m->lock);
	i = find_item(m, match_sids, &sids);
	if (i != NULL)
		memcpy(cdn, i->id.cdn, sizeof(i->id.cdn));
	(void)pthread_mutex_unlock(&m->lock);
	return i != NULL;
}

json_t *rcd_sb_media_list(struct rcd_sb_media *m, struct rcd_sv message)
{
	json_t *list = json_array();
	const struct item *i;
	bool ok = list != NULL;

	(void)pthread_mutex_lock(&m->lock);
	SLIST_FOREACH(i, &m->items, link)
	if (rcd_sv_is(message, i->id.message))
		ok = json_array_append_new(list, json_pack("{s:s s:s}", "sid", i->id.media, "content_type",
		                                           i->type)) == 0 &&
		     ok;
	(void)pthread_mutex_unlock(&m->lock);
	if (!ok) {
		json_decref(list);
		return NULL;
	}
	return list;
}

const char *rcd_sb_media_get(struct rcd_sb_media *m, struct rcd_sv cdn, struct rcd_buf *out)
{
	const struct item *i;

	(void)pthread_mutex_lock(&m->lock);
	i = find_item(m, match_cdn, &cdn);
	if (i != NULL)
		rcd_buf_add(out, i->bytes, i->n);
	(void)pthread_mutex_unlock(&m->lock);
	return i != NULL ? i->type : NULL; /* items never leave before m does */
}

bool rcd_sb_media_said(struct rcd_sb_media *m, struct rcd_sv bytes, struct rcd_buf *out)
{
	uint8_t digest[RCD_SHA256_N];
	const struct item *i;

	if (rcd_sha256(bytes, digest) != 0)
		return false;
	(void)pthread_mutex_lock(&m->lock);
	i = find_item(m, match_digest, digest);
	if (i != NULL)
		rcd_buf_str(out, i->said);
	(void)pthread_mutex_unlock(&m->lock);
	return i != NULL;
}
