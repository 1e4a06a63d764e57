/* Simulated ElevenLabs: text to speech as raw PCM, sent while it is being made. */

#include "daemon/sandbox/box.h"
#include "daemon/sandbox/speech.h"

#include "base/crypto.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CHARACTERS 10000
#define MAX_TEXT_BYTES ((size_t)64 * 1024)

static const struct {
	const char *name;
	int hz;
} formats[] = {
	{"pcm_8000", 8000},   {"pcm_16000", 16000}, {"pcm_22050", 22050}, {"pcm_24000", 24000},
	{"pcm_32000", 32000}, {"pcm_44100", 44100}, {"pcm_48000", 48000},
};

static int parse_rate(const char *format)
{
	for (size_t i = 0; format != NULL && i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(format, formats[i].name) == 0)
			return formats[i].hz;
	return 0;
}

/* What a worker needs to speak. */
struct speech {
	struct rcd_sb_body *body;
	char *text;
	int hz;
};

static void speech_free(struct speech *s)
{
	(void)rcd_sb_body_unref(s->body);
	free(s->text);
	free(s);
}

static int on_pcm(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err)
{
	if (rcd_sb_body_add(arg, pcm, n * sizeof(*pcm)) != 0)
		return rcd_fail(err, RCD_CANCELLED, 0, "nobody listens any more");
	return 0;
}

static void make_speech(void *arg, const atomic_bool *stopping)
{
	struct speech *s = arg;
	bool failed = atomic_load(stopping) || rcd_sb_speech(rcd_sv(s->text), s->hz, on_pcm, s->body,
	                                                     stopping, RCD_UNREAD_ERR) != 0;

	rcd_sb_body_end(s->body, failed);
	speech_free(s);
}

static int start_speech(struct rcd_sb_call *c, struct rcd_sv text, int hz)
{
	struct speech *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -1;
	s->hz = hz;
	s->text = rcd_sv_dup(text);
	s->body = rcd_sb_body_new();
	if (s->text == NULL || s->body == NULL) {
		speech_free(s);
		return -1;
	}
	c->out->body = rcd_sb_body_ref(s->body);
	if (rcd_sb_pool_add(c->box->speech, make_speech, s) != 0) {
		speech_free(s);
		return rcd_sb_refuse(c, 429, "system_busy", "Too much is being said already");
	}
	c->out->status = 200;
	c->out->type = "audio/pcm";
	c->out->stream = true;
	return 0;
}

static int check_request(struct rcd_sb_call *c, struct rcd_sv text, struct rcd_sv voice, int hz)
{
	for (size_t i = 0; i < voice.n; i++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", voice.p[i]) ==
		    NULL)
			return rcd_sb_refuse(c, 404, "voice_not_found", "There is no such voice");
	if (text.n == 0)
		return rcd_sb_refuse(c, 422, "invalid_text", "The text is missing or empty");
	if (rcd_utf8_count(text) > MAX_CHARACTERS || text.n > MAX_TEXT_BYTES)
		return rcd_sb_refuse(c, 400, "max_character_limit_exceeded", "The text is too long");
	if (hz == 0)
		return rcd_sb_refuse(c, 400, "output_format_not_allowed", "The sandbox speaks pcm_* only");
	if (c->dry)
		return 0;
	return start_speech(c, text, hz);
}

int rcd_sb_elevenlabs_speak(struct rcd_sb_call *c)
{
	const char *format = rcd_sb_req_arg(c->req, "output_format");
	char id[33];
	bool nomem;
	json_t *req = rcd_sb_json(c, &nomem);
	int ret;

	if (req == NULL)
		return nomem ? -1 : rcd_sb_refuse(c, 422, "invalid_body", "The body is not a JSON object");
	rcd_sb_note_sv(c, "voice", c->star[0]);
	rcd_sb_note_sv(c, "model", rcd_json_sv(req, "model_id"));
	rcd_sb_note_sv(c, "format", rcd_sv(format));
	rcd_sb_note_sv(c, "text", rcd_json_sv(req, "text"));
	rcd_random_hex(id, 16);
	rcd_sb_header(c, "request-id", "%s", id);
	ret = check_request(c, rcd_json_sv(req, "text"), c->star[0], parse_rate(format));
	json_decref(req);
	return ret;
}

int rcd_sb_elevenlabs_voices(struct rcd_sb_call *c)
{
	return rcd_sb_reply_json(c, 200,
	                         json_pack("{s:[{s:s s:s s:s}]}", "voices", "voice_id",
	                                   c->box->value[RCD_SB_ELEVENLABS_VOICE], "name", "Sandbox",
	                                   "category", "cloned"));
}
