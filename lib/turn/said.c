#include "turn/said.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "turn/spoken.h"

#include <stdio.h>

int rcd_said_key(const struct rcd_turn_env *env, const struct rcd_voice_ops *voice, struct rcd_sv text,
                 char key[RCD_MEDIA_SAID], struct rcd_err *err)
{
	uint8_t digest[RCD_SHA256_N];
	struct rcd_buf b;
	int ret;

	rcd_buf_init(&b, 2 * RCD_MAX_SPOKEN);
	rcd_voice_line(voice, env->voice, &b);
	rcd_buf_fmt(&b, " %d %d\n", env->conf->bitrate, env->conf->complexity);
	rcd_spoken(text, env->voice->language, true, &b);
	ret = b.bad || rcd_sha256(rcd_buf_view(&b), digest) != 0 ? rcd_fail_nomem(err) : 0;
	rcd_buf_free(&b);
	if (ret == 0)
		rcd_hex(digest, sizeof(digest), key);
	return ret;
}

void rcd_note_name(struct rcd_note *note, char key[RCD_BLOB_KEY])
{
	char hex[33];

	rcd_random_hex(hex, 16);
	(void)snprintf(note->file, sizeof(note->file), "%s.ogg", hex);
	(void)snprintf(key, RCD_BLOB_KEY, RCD_BLOB_AUDIO "%s", note->file);
}

/* A link to the same file would do for files, but not for objects; and its age would be the
 * first one's when files that belong to no row are swept. */
int rcd_said_again(const struct rcd_turn_env *env, int64_t tenant, int64_t deadline, struct rcd_note *note,
                   struct rcd_err *err)
{
	struct rcd_media_found found;
	struct rcd_note made = *note;
	char key[RCD_BLOB_KEY];
	struct rcd_buf bytes;
	int ret;

	if (rcd_media_said(env->db, tenant, note->said, rcd_now_ms(), &found, err) != 0)
		return -1;
	(void)snprintf(key, sizeof(key), RCD_BLOB_AUDIO "%s", found.name);
	rcd_buf_init(&bytes, RCD_MAX_MEDIA);
	ret = rcd_blob_read(env->blobs, key, deadline, &bytes, err);
	if (ret == 0 && (int64_t)bytes.n != found.bytes)
		ret = rcd_fail(err, RCD_NOENT, 0, "a note of another length than it had");
	rcd_note_name(&made, key);
	if (ret == 0)
		ret = rcd_blob_write(env->blobs, key, "audio/ogg", rcd_buf_view(&bytes), deadline, err);
	rcd_buf_free(&bytes);
	if (ret != 0)
		return -1;
	made.bytes = found.bytes;
	made.ms = found.duration_ms;
	made.again = true;
	*note = made;
	return 0;
}
