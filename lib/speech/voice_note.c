#include "speech/voice_note.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"

#include <stdio.h>
#include <string.h>

#define READ_MS 2000 /* for the source of a piece: the voice itself does not take much longer */

void rcd_voice_note_init(struct rcd_voice_note_writer *w, const struct rcd_speech_env *env,
                         int64_t tenant, int hz, int64_t deadline)
{
	*w = (struct rcd_voice_note_writer){.env = env,
	                                    .tenant = tenant,
	                                    .hz = hz,
	                                    .deadline = deadline};
	rcd_buf_init(&w->source.bytes, RCD_MAX_MEDIA);
}

static int write_blob(void *arg, const void *p, size_t n, struct rcd_err *err)
{
	struct rcd_voice_note_writer *w = arg;

	w->note.bytes += (int64_t)n;
	return rcd_blob_add(&w->blob, p, n, err);
}

int rcd_voice_note_begin(struct rcd_voice_note_writer *w, struct rcd_err *err)
{
	const struct rcd_speech_conf *conf = w->env->conf;
	const struct rcd_encoder_conf ec = {w->hz, conf->bitrate, conf->complexity};
	char hex[33], key[RCD_BLOB_KEY];

	if (w->encoder != NULL)
		return 0;
	rcd_random_hex(hex, 16);
	(void)snprintf(w->note.file, sizeof(w->note.file), "%s.ogg", hex);
	(void)snprintf(key, sizeof(key), RCD_BLOB_AUDIO "%s", w->note.file);
	if (rcd_blob_begin(&w->blob, w->env->blobs, key, "audio/ogg", w->deadline, err) != 0)
		return -1;
	return rcd_encoder_open(&w->encoder, &ec, write_blob, w, err);
}

static void mark_sound(struct rcd_voice_note_writer *w)
{
	w->last_us = rcd_mono_us();
	if (w->note.first_us == 0)
		w->note.first_us = w->last_us;
}

int rcd_voice_note_write(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err)
{
	struct rcd_voice_note_writer *w = arg;

	mark_sound(w);
	return rcd_voice_note_begin(w, err) == 0 ? rcd_encoder_write(w->encoder, pcm, n, err) : -1;
}

/* Reads the voice note in which key was spoken. Whatever else fails than memory or the turn makes
 * the voice speak again. */
static int find_source(struct rcd_voice_note_writer *w, const char *key, struct rcd_media_found *at,
                       struct rcd_err *err)
{
	const int64_t soon = rcd_deadline_in(READ_MS);

	if (rcd_reuse_find(w->env, w->tenant, key, soon < w->deadline ? soon : w->deadline, &w->source,
	                   at, err) == 0)
		return 0;
	if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED)
		return -1;
	return rcd_fail(err, RCD_NOENT, 0, "not to be had");
}

int rcd_voice_note_reuse(struct rcd_voice_note_writer *w, const char *key, bool *keep,
                         struct rcd_err *err)
{
	const int64_t half = (int64_t)w->env->conf->keep_days * 86400000 / 2;
	struct rcd_media_found at;

	if (find_source(w, key, &at, err) != 0 || rcd_voice_note_begin(w, err) != 0)
		return -1;
	if (rcd_encoder_copy(w->encoder, rcd_buf_view(&w->source.bytes), at.first, at.packets, err) !=
	    0)
		return err->code == RCD_PROTO ? rcd_fail(err, RCD_NOENT, 0, "not in its note") : -1;
	*keep = at.expires_ms - rcd_now_ms() < half;
	mark_sound(w);
	return 0;
}

int rcd_voice_note_end_piece(struct rcd_voice_note_writer *w, const char *key, struct rcd_err *err)
{
	struct rcd_speech_piece *p = &w->note.piece[w->note.n_pieces];
	int64_t end;

	if (w->encoder == NULL) /* the voice had nothing to say */
		return 0;
	if (rcd_encoder_cut(w->encoder, &end, err) != 0)
		return -1;
	if (key != NULL && end > w->packets && w->note.n_pieces < RCD_VOICE_NOTE_PIECES) {
		memcpy(p->said, key, sizeof(p->said));
		p->first = w->packets;
		p->packets = end - w->packets;
		w->note.n_pieces++;
	}
	w->packets = end;
	return 0;
}

int rcd_voice_note_finish(struct rcd_voice_note_writer *w, struct rcd_err *err)
{
	if (w->encoder == NULL)
		return rcd_fail(err, RCD_INVAL, 0, "nothing to say");
	if (rcd_encoder_finish(w->encoder, &w->note.ms, err) != 0 ||
	    rcd_blob_commit(&w->blob, err) != 0)
		return -1;
	w->note.tail_us = rcd_mono_us() - w->last_us;
	return 0;
}

void rcd_voice_note_drop(struct rcd_voice_note_writer *w)
{
	w->encoder = rcd_encoder_free(w->encoder);
	rcd_blob_drop(&w->blob);
	rcd_buf_free(&w->source.bytes);
}

void rcd_voice_note_remove(const struct rcd_blob_store *blobs, const struct rcd_voice_note *note)
{
	char key[RCD_BLOB_KEY];

	(void)snprintf(key, sizeof(key), RCD_BLOB_AUDIO "%s", note->file);
	(void)rcd_blob_remove(blobs, key, RCD_UNREAD_ERR);
}
