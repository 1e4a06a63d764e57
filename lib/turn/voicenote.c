#include "turn/voicenote.h"

#include "base/clock.h"
#include "base/crypto.h"

#include <stdio.h>
#include <string.h>

#define LOOK_MS 2000 /* for a note to be read: the voice itself does not take much longer */

void rcd_voicenote_init(struct rcd_voicenote *v, const struct rcd_turn_env *env, int64_t tenant,
                        int hz, int64_t deadline)
{
	*v = (struct rcd_voicenote){.env = env, .tenant = tenant, .hz = hz, .deadline = deadline};
	rcd_buf_init(&v->before.bytes, RCD_MAX_MEDIA);
}

static int to_blob(void *arg, const void *p, size_t n, struct rcd_err *err)
{
	struct rcd_voicenote *v = arg;

	v->note.bytes += (int64_t)n;
	return rcd_blob_add(&v->blob, p, n, err);
}

int rcd_voicenote_begin(struct rcd_voicenote *v, struct rcd_err *err)
{
	const struct rcd_turn_conf *conf = v->env->conf;
	const struct rcd_encoder_conf ec = {v->hz, conf->bitrate, conf->complexity};
	char hex[33], key[RCD_BLOB_KEY];

	if (v->encoder != NULL)
		return 0;
	rcd_random_hex(hex, 16);
	(void)snprintf(v->note.file, sizeof(v->note.file), "%s.ogg", hex);
	(void)snprintf(key, sizeof(key), RCD_BLOB_AUDIO "%s", v->note.file);
	if (rcd_blob_begin(&v->blob, v->env->blobs, key, "audio/ogg", v->deadline, err) != 0)
		return -1;
	return rcd_encoder_open(&v->encoder, &ec, to_blob, v, err);
}

static void sounds(struct rcd_voicenote *v)
{
	v->last_us = rcd_mono_us();
	if (v->note.first_us == 0)
		v->note.first_us = v->last_us;
}

int rcd_voicenote_sound(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err)
{
	struct rcd_voicenote *v = arg;

	sounds(v);
	return rcd_voicenote_begin(v, err) == 0 ? rcd_encoder_write(v->encoder, pcm, n, err) : -1;
}

int rcd_voicenote_again(struct rcd_voicenote *v, const char *key, bool *keep, struct rcd_err *err)
{
	const int64_t half = (int64_t)v->env->conf->keep_days * 86400000 / 2;
	const int64_t soon = rcd_deadline_in(LOOK_MS);
	struct rcd_media_found at;

	if (rcd_said_find(v->env, v->tenant, key, soon < v->deadline ? soon : v->deadline, &v->before,
	                  &at, err) != 0)
		return err->code == RCD_NOMEM || err->code == RCD_CANCELLED
		           ? -1
		           : rcd_fail(err, RCD_NOENT, 0, "not to be had");
	if (rcd_voicenote_begin(v, err) != 0)
		return -1;
	if (rcd_encoder_copy(v->encoder, rcd_buf_view(&v->before.bytes), at.first, at.packets, err) !=
	    0)
		return err->code == RCD_PROTO ? rcd_fail(err, RCD_NOENT, 0, "not in its note") : -1;
	*keep = at.expires_ms - rcd_now_ms() < half;
	sounds(v);
	return 0;
}

int rcd_voicenote_piece(struct rcd_voicenote *v, const char *key, struct rcd_err *err)
{
	struct rcd_speech *p = &v->note.piece[v->note.n_pieces];
	int64_t end;

	if (v->encoder == NULL) /* the voice had nothing to say */
		return 0;
	if (rcd_encoder_cut(v->encoder, &end, err) != 0)
		return -1;
	if (key != NULL && end > v->packets && v->note.n_pieces < RCD_NOTE_PIECES) {
		memcpy(p->said, key, sizeof(p->said));
		p->first = v->packets;
		p->packets = end - v->packets;
		v->note.n_pieces++;
	}
	v->packets = end;
	return 0;
}

int rcd_voicenote_finish(struct rcd_voicenote *v, struct rcd_err *err)
{
	if (v->encoder == NULL)
		return rcd_fail(err, RCD_INVAL, 0, "nothing to say");
	if (rcd_encoder_finish(v->encoder, &v->note.ms, err) != 0 ||
	    rcd_blob_commit(&v->blob, err) != 0)
		return -1;
	v->note.tail_us = rcd_mono_us() - v->last_us;
	return 0;
}

void rcd_voicenote_drop(struct rcd_voicenote *v)
{
	v->encoder = rcd_encoder_free(v->encoder);
	rcd_blob_drop(&v->blob);
	rcd_buf_free(&v->before.bytes);
}

void rcd_note_remove(const struct rcd_turn_env *env, const struct rcd_note *note)
{
	char key[RCD_BLOB_KEY];

	/* what cannot be removed now is an orphan, which upkeep finds */
	(void)snprintf(key, sizeof(key), RCD_BLOB_AUDIO "%s", note->file);
	(void)rcd_blob_remove(env->blobs, key, NULL);
}
