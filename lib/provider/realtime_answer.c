/* One response of a Realtime session: its events to words, sound and an end. */

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "provider/answer.h"
#include "provider/openai_api.h"
#include "provider/realtime_event.h"
#include "provider/voice_body.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SAMPLES ((size_t)RCD_MAX_SPEECH_SECONDS * RCD_REALTIME_HZ)
#define MAX_DELTA ((size_t)12 * 1024 * 1024) /* bytes of sound in one event */

void rcd_realtime_answer_init(struct rcd_realtime_answer *a, const char *doing, const char *tag,
                              const struct rcd_live_sink *sink, struct rcd_tool_calls *calls)
{
	*a = (struct rcd_realtime_answer){.doing = doing,
	                                  .tag = tag,
	                                  .sink = sink,
	                                  .calls = calls,
	                                  .began = rcd_mono_ms()};
	a->usage.first_ms = -1;
	rcd_buf_init(&a->sound, MAX_DELTA);
}

void rcd_realtime_answer_done(struct rcd_realtime_answer *a)
{
	rcd_buf_free(&a->sound);
}

static void mark_first(struct rcd_realtime_answer *a)
{
	a->works = true;
	if (a->usage.first_ms < 0)
		a->usage.first_ms = rcd_mono_ms() - a->began;
}

static int add_words(struct rcd_realtime_answer *a, struct rcd_sv text, struct rcd_err *err)
{
	if (text.n == 0)
		return 0;
	mark_first(a);
	if (text.n > RCD_MAX_TEXT - a->text_n)
		return rcd_fail(err, RCD_LIMIT, 0, "%s: an answer of more than %d bytes", a->doing,
		                RCD_MAX_TEXT);
	a->text_n += text.n;
	a->words = a->words || rcd_sv_trim(text).n > 0;
	return a->sink->words(a->sink->arg, text, err);
}

/* The samples are little-endian, as is every machine this runs on; a copy because the bytes
 * of a buffer need not lie where samples may. */
static int add_sound(struct rcd_realtime_answer *a, struct rcd_sv code, struct rcd_err *err)
{
	const char *what;
	size_t n;

	if (a->sink->sound == NULL || code.n == 0)
		return 0;
	rcd_buf_reset(&a->sound);
	if (rcd_base64_decode(code, &a->sound) != 0 || a->sound.n % 2 != 0) {
		if (a->sound.bad && !a->sound.over)
			return rcd_fail_nomem(err);
		return rcd_fail(err, RCD_PROTO, 0, "%s: sound that is not 16-bit samples", a->doing);
	}
	what = a->samples == 0 ? rcd_voice_not_pcm(rcd_buf_view(&a->sound)) : NULL;
	if (what != NULL)
		return rcd_fail(err, RCD_PROTO, 0, "%s: the sound is %s, not PCM", a->doing, what);
	mark_first(a);
	n = a->sound.n / 2;
	if (n > MAX_SAMPLES - a->samples)
		return rcd_fail(err, RCD_LIMIT, 0, "%s: more than %d s of speech", a->doing,
		                RCD_MAX_SPEECH_SECONDS);
	a->samples += n;
	return a->sink->sound(a->sink->arg, (const int16_t *)(const void *)a->sound.p, n, err);
}

/* --- calls ------------------------------------------------------------------------------- */

static bool is_call(const json_t *item)
{
	return rcd_sv_is(rcd_json_sv(item, "type"), "function_call");
}

/* Told in two ways, one after the other: both say the same. */
static int read_call(struct rcd_realtime_answer *a, const json_t *body, int64_t at,
                     struct rcd_err *err)
{
	struct rcd_tool_call *c = rcd_tool_call_at(a->calls, at, err);

	if (c == NULL)
		return rcd_answer_lost(a->doing, err);
	rcd_tool_call_named(c, rcd_json_sv(body, "call_id"), rcd_json_sv(body, "name"));
	if (rcd_json_sv(body, "arguments").p != NULL) {
		rcd_buf_reset(&c->args);
		rcd_buf_sv(&c->args, rcd_json_sv(body, "arguments"));
	}
	return 0;
}

static int read_call_event(struct rcd_realtime_answer *a, const struct rcd_realtime_event *e,
                           struct rcd_err *err)
{
	const json_t *at = json_object_get(e->root, "output_index");

	if (a->calls == NULL ||
	    (e->kind != RCD_RT_CALL && e->kind != RCD_RT_CALLING && !is_call(e->body)))
		return 0;
	a->works = true;
	if (e->kind == RCD_RT_CALLING || e->kind == RCD_RT_OUTPUT_ITEM)
		return 0;
	return read_call(a, e->body, json_integer_value(at), err);
}

/* An engine may have told of them at the end alone. */
static int read_calls(struct rcd_realtime_answer *a, const json_t *response, struct rcd_err *err)
{
	const json_t *item;
	size_t i;

	if (a->calls == NULL)
		return 0;
	if (a->calls->n == 0)
		json_array_foreach (json_object_get(response, "output"), i, item)
			if (is_call(item) && read_call(a, item, (int64_t)i, err) != 0)
				return -1;
	return rcd_tool_calls_whole(a->calls, err) == 0 ? 0 : rcd_answer_lost(a->doing, err);
}

/* --- the end ----------------------------------------------------------------------------- */

static int64_t read_count(const json_t *obj, const char *key)
{
	int64_t n = json_integer_value(json_object_get(obj, key)); /* 0 when it is something else */

	return n > 0 ? n : 0;
}

static void read_usage(struct rcd_live_usage *u, const json_t *usage)
{
	const json_t *in = json_object_get(usage, "input_token_details");
	const json_t *out = json_object_get(usage, "output_token_details");

	u->input_tokens = read_count(usage, "input_tokens");
	u->output_tokens = read_count(usage, "output_tokens");
	u->cached_tokens = read_count(in, "cached_tokens");
	u->heard_tokens = read_count(in, "audio_tokens");
	u->spoken_tokens = read_count(out, "audio_tokens");
}

/* What it means that a response ended otherwise than completed. */
static int fail_ended(const struct rcd_realtime_answer *a, const json_t *response,
                      struct rcd_err *err)
{
	const json_t *details = json_object_get(response, "status_details");
	struct rcd_sv status = rcd_json_sv(response, "status"), reason = rcd_json_sv(details, "reason");

	if (rcd_sv_is(status, "failed"))
		return rcd_openai_failed(a->doing, 0, json_object_get(details, "error"), err);
	if (rcd_sv_is(status, "incomplete") && rcd_sv_is(reason, "max_output_tokens"))
		return rcd_fail(err, RCD_LIMIT, 0, "%s: the answer ran out of tokens", a->doing);
	if (rcd_sv_is(status, "incomplete") && rcd_sv_is(reason, "content_filter"))
		return rcd_fail(err, RCD_PROTO, 0, "%s: stopped by the content filter", a->doing);
	if (rcd_sv_is(status, "incomplete") || rcd_sv_is(status, "cancelled"))
		return rcd_fail(err, RCD_DOWN, 0, "%s: the answer was cut short", a->doing);
	return rcd_fail(err, RCD_PROTO, 0, "%s: a response that ends in no way we know", a->doing);
}

static int finish_response(struct rcd_realtime_answer *a, const json_t *response,
                           struct rcd_err *err)
{
	if (!rcd_sv_is(rcd_json_sv(response, "status"), "completed"))
		return fail_ended(a, response, err);
	if (read_calls(a, response, err) != 0)
		return -1;
	if (!a->words && (a->calls == NULL || a->calls->n == 0))
		return rcd_fail(err, RCD_PROTO, 0, "%s: an empty answer", a->doing);
	read_usage(&a->usage, json_object_get(response, "usage"));
	a->done = true;
	return 0;
}

/* Ours, unless it carries somebody else's tag. */
static void note_created(struct rcd_realtime_answer *a, const struct rcd_realtime_event *e)
{
	struct rcd_sv tag = rcd_json_sv(json_object_get(e->body, "metadata"), "ask");

	if (a->id[0] != '\0' || e->response.n == 0 || (tag.p != NULL && !rcd_sv_is(tag, a->tag)))
		return;
	memcpy(a->id, e->response.p, e->response.n);
	a->id[e->response.n] = '\0';
	a->moved = true;
}

int rcd_realtime_answer_feed(struct rcd_realtime_answer *a, const struct rcd_realtime_event *e,
                             struct rcd_err *err)
{
	a->moved = false;
	if (e->kind == RCD_RT_ERROR)
		return rcd_openai_failed(a->doing, 0, e->body, err);
	if (e->kind == RCD_RT_RESPONSE_CREATED)
		note_created(a, e);
	if (a->id[0] == '\0' || !rcd_sv_is(e->response, a->id))
		return 0;
	a->moved = true;
	if (e->kind == RCD_RT_WORDS)
		return add_words(a, e->text, err);
	if (e->kind == RCD_RT_SOUND)
		return add_sound(a, e->text, err);
	if (e->kind == RCD_RT_RESPONSE_DONE)
		return finish_response(a, e->body, err);
	return e->kind >= RCD_RT_CALLING && e->kind <= RCD_RT_OUTPUT_WHOLE ? read_call_event(a, e, err)
	                                                                   : 0;
}
