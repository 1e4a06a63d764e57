/* The answer as a voice note: speech is encoded while it still arrives, the audio appears
 * whole or not at all. A failed voice never loses the text. */

#include "audio/encode.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "turn/steps.h"

#include <stdio.h>
#include <string.h>

struct note {
	struct rcd_encoder *encoder;
	struct rcd_blob blob;
	int64_t bytes, samples, last_us; /* when the last sample came */
	int64_t max_samples;
};

static int to_file(void *arg, const void *p, size_t n, struct rcd_err *err)
{
	struct note *note = arg;

	note->bytes += (int64_t)n;
	return rcd_blob_add(&note->blob, p, n, err);
}

static int to_encoder(void *arg, const int16_t *s, size_t n, struct rcd_err *err)
{
	struct note *note = arg;

	note->last_us = rcd_mono_us();
	note->samples += (int64_t)n;
	if (note->samples > note->max_samples)
		return rcd_fail(err, RCD_LIMIT, 0, "a spoken answer of more than %d s", RCD_MAX_SPEECH_SECONDS);
	return rcd_encoder_write(note->encoder, s, n, err);
}

static bool wanted(const struct rcd_turn *t)
{
	const struct rcd_turn_conf *conf = t->env->conf;

	switch (conf->voice_when) {
	case RCD_VOICE_ALWAYS:
		return true;
	case RCD_VOICE_SHORT:
		return rcd_utf8_count(rcd_buf_view(&t->answer)) <= (size_t)conf->short_chars;
	case RCD_VOICE_MIRROR:
		return t->audio;
	default:
		return false;
	}
}

/* Marks that are for the eye are not read aloud. */
static void speakable(struct rcd_sv text, struct rcd_buf *out)
{
	for (size_t i = 0; i < text.n; i++)
		if (strchr("*_#`~", text.p[i]) == NULL)
			rcd_buf_ch(out, text.p[i]);
}

/* Speech into the open blob, and the blob under its name. */
static int record(struct rcd_turn *t, const struct rcd_voice_ops *voice, struct note *note,
                  struct rcd_err *err)
{
	const struct rcd_turn_conf *conf = t->env->conf;
	const struct rcd_encoder_conf ec = {voice->hz, conf->bitrate, conf->complexity};
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	speakable(rcd_buf_view(&t->answer), &text);
	if (text.bad)
		return rcd_fail_nomem(err);
	note->max_samples = (int64_t)voice->hz * RCD_MAX_SPEECH_SECONDS;
	ret = rcd_encoder_open(&note->encoder, &ec, to_file, note, err);
	if (ret == 0)
		ret = voice->speak(t->env->http, t->env->voice, rcd_buf_view(&text), t->deadline, to_encoder,
		                   note, err);
	if (ret == 0)
		ret = rcd_encoder_finish(note->encoder, &t->voice_ms, err);
	if (ret == 0)
		ret = rcd_blob_commit(&note->blob, err);
	if (ret == 0)
		rcd_turn_figure(t, "voice_tail_us", rcd_mono_us() - note->last_us);
	rcd_encoder_free(note->encoder);
	rcd_buf_free(&text);
	return ret;
}

static int make_note(struct rcd_turn *t, const struct rcd_voice_ops *voice, struct rcd_err *err)
{
	struct note note = {0};
	char hex[33], key[RCD_BLOB_KEY];
	int ret;

	rcd_random_hex(hex, 16);
	(void)snprintf(t->voice_file, sizeof(t->voice_file), "%s.ogg", hex);
	(void)snprintf(key, sizeof(key), RCD_BLOB_AUDIO "%s", t->voice_file);
	ret = rcd_blob_begin(&note.blob, t->env->blobs, key, "audio/ogg", t->deadline, err);
	if (ret == 0)
		ret = record(t, voice, &note, err);
	rcd_blob_drop(&note.blob);
	t->voice_bytes = note.bytes;
	return ret;
}

int rcd_turn_speak(struct rcd_turn *t, struct rcd_err *err)
{
	const struct rcd_voice_ops *voice;
	int ret;

	if (!wanted(t))
		return 0;
	voice = rcd_voice_pick(t->env->voice);
	ret = rcd_breaker_enter(t->env->speech, voice->name, err);
	if (ret == 0) {
		ret = make_note(t, voice, err);
		rcd_breaker_done(t->env->speech, ret == 0 || err->code == RCD_CANCELLED);
	}
	if (ret == 0) {
		t->spoken = true;
		rcd_turn_figure(t, "voice_ms", t->voice_ms);
		return 0;
	}
	if (err->code == RCD_CANCELLED || err->code == RCD_NOMEM)
		return -1;
	rcd_turn_note(t, "no voice: %s", err->msg);
	(void)json_object_set_new(t->why, "voice", rcd_json_str(rcd_sv(err->msg)));
	return 0;
}
