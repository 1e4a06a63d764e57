#include "provider/chat_stream.h"

#include "base/clock.h"
#include "base/limits.h"
#include "provider/openai_api.h"

#include <stdio.h>
#include <string.h>

void rcd_chat_stream_init(struct rcd_chat_stream *s, const char *doing, rcd_text_fn *fn, void *arg)
{
	*s = (struct rcd_chat_stream){.doing = doing, .fn = fn, .arg = arg, .began = rcd_mono_ms()};
	rcd_sse_init(&s->sse);
}

void rcd_chat_stream_done(struct rcd_chat_stream *s)
{
	rcd_sse_done(&s->sse);
}

static int text(struct rcd_chat_stream *s, struct rcd_sv v, struct rcd_err *err)
{
	if (v.n == 0)
		return 0;
	if (s->n == 0)
		s->usage.first_ms = rcd_mono_ms() - s->began;
	if (v.n > RCD_MAX_TEXT - s->n)
		return rcd_fail(err, RCD_LIMIT, 0, "%s: an answer of more than %d bytes", s->doing,
		                RCD_MAX_TEXT);
	s->n += v.n;
	s->words = s->words || rcd_sv_trim(v).n > 0;
	return s->fn(s->arg, v, err);
}

static int64_t count(const json_t *obj, const char *key)
{
	int64_t n = json_integer_value(json_object_get(obj, key)); /* 0 when it is something else */

	return n > 0 ? n : 0;
}

static void tokens(struct rcd_chat_stream *s, const json_t *usage)
{
	if (!json_is_object(usage))
		return;
	s->usage.input_tokens = count(usage, "prompt_tokens");
	s->usage.output_tokens = count(usage, "completion_tokens");
	s->usage.cached_tokens = count(json_object_get(usage, "prompt_tokens_details"), "cached_tokens");
}

static int choice(struct rcd_chat_stream *s, const json_t *c, struct rcd_err *err)
{
	const json_t *piece = json_object_get(c, "delta");
	const json_t *delta = piece != NULL ? piece : json_object_get(c, "message");
	struct rcd_sv finish = rcd_json_sv(c, "finish_reason");

	if (rcd_json_sv(delta, "refusal").n > 0)
		return rcd_fail(err, RCD_PROTO, 0, "%s: the model refused", s->doing);
	if (finish.n > 0) {
		char word[RCD_WORD];

		(void)snprintf(s->usage.finish, sizeof(s->usage.finish), "%.23s",
		               rcd_answer_word(finish, word)[0] != '\0' ? word : "other");
	}
	return text(s, rcd_json_sv(delta, "content"), err);
}

static int chunk(struct rcd_chat_stream *s, const json_t *v, struct rcd_err *err)
{
	const json_t *error = json_object_get(v, "error"), *c;
	size_t i;

	if (error != NULL && !json_is_null(error))
		return rcd_openai_failed(s->doing, 0, error, err);
	tokens(s, json_object_get(v, "usage"));
	json_array_foreach(json_object_get(v, "choices"), i, c)
		if (count(c, "index") == 0 && choice(s, c, err) != 0)
			return -1;
	return 0;
}

static int event(void *arg, struct rcd_sv type, struct rcd_sv data, struct rcd_err *err)
{
	struct rcd_chat_stream *s = arg;
	json_t *v;
	int ret;

	if (s->ended)
		return 0;
	if (rcd_sv_is(rcd_sv_trim(data), "[DONE]")) {
		s->ended = true;
		return 0;
	}
	if (rcd_json_parse(data, RCD_MAX_SSE_EVENT, &v, err) != 0)
		return rcd_answer_lost(s->doing, err);
	if (rcd_sv_is(type, "error") && json_object_get(v, "error") == NULL)
		ret = rcd_openai_failed(s->doing, 0, v, err);
	else
		ret = chunk(s, v, err);
	json_decref(v);
	return ret;
}

int rcd_chat_stream_feed(struct rcd_chat_stream *s, const void *p, size_t n, struct rcd_err *err)
{
	return rcd_sse_feed(&s->sse, p, n, event, s, err);
}

int rcd_chat_stream_whole(struct rcd_chat_stream *s, struct rcd_sv body, struct rcd_err *err)
{
	return event(s, RCD_SV(""), body, err);
}

int rcd_chat_stream_end(const struct rcd_chat_stream *s, struct rcd_chat_usage *usage,
                        struct rcd_err *err)
{
	const char *finish = s->usage.finish;

	if (!s->ended && finish[0] == '\0')
		return rcd_fail(err, RCD_DOWN, 0, "%s: the answer was cut short", s->doing);
	if (strcmp(finish, "content_filter") == 0)
		return rcd_fail(err, RCD_PROTO, 0, "%s: stopped by the content filter", s->doing);
	if (!s->words)
		return rcd_fail(err, RCD_PROTO, 0, "%s: an empty answer%s", s->doing,
		                strcmp(finish, "length") == 0 ? "; the token limit is too small" : "");
	*usage = s->usage;
	return 0;
}
