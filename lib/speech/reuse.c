#include "speech/reuse.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "provider/blob.h"

#include <stdio.h>
#include <string.h>

int rcd_reuse_key(const struct rcd_speech_env *env, const struct rcd_voice_ops *voice,
                  struct rcd_sv spoken, char key[RCD_SPEECH_KEY], struct rcd_err *err)
{
	uint8_t digest[RCD_SHA256_N];
	struct rcd_buf b;
	int ret;

	rcd_buf_init(&b, 2 * RCD_MAX_TEXT + spoken.n);
	rcd_voice_line(voice, env->voice, &b);
	rcd_buf_fmt(&b, " %d %d\n", env->conf->bitrate, env->conf->complexity);
	rcd_buf_sv(&b, spoken);
	ret = b.bad || rcd_sha256(rcd_buf_view(&b), digest) != 0 ? rcd_fail_nomem(err) : 0;
	rcd_buf_free(&b);
	if (ret == 0)
		rcd_hex(digest, sizeof(digest), key);
	return ret;
}

static int read_source(const struct rcd_speech_env *env, const struct rcd_media_found *at,
                       int64_t deadline, struct rcd_reuse_source *source, struct rcd_err *err)
{
	char key[RCD_BLOB_KEY];

	source->name[0] = '\0';
	rcd_buf_reset(&source->bytes);
	(void)snprintf(key, sizeof(key), RCD_BLOB_AUDIO "%s", at->name);
	if (rcd_blob_read(env->blobs, key, deadline, &source->bytes, err) != 0)
		return -1;
	if ((int64_t)source->bytes.n != at->bytes)
		return rcd_fail(err, RCD_NOENT, 0, "voice note %s: %zu bytes, its row says %lld", at->name,
		                source->bytes.n, (long long)at->bytes);
	(void)snprintf(source->name, sizeof(source->name), "%s", at->name);
	return 0;
}

int rcd_reuse_find(const struct rcd_speech_env *env, int64_t tenant, const char *key,
                   int64_t deadline, struct rcd_reuse_source *source, struct rcd_media_found *at,
                   struct rcd_err *err)
{
	if (rcd_media_said(env->db, tenant, key, rcd_now_ms(), at, err) != 0)
		return -1;
	return strcmp(source->name, at->name) == 0 ? 0 : read_source(env, at, deadline, source, err);
}
