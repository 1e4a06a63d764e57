#include "provider/text_stream.h"

#include "base/clock.h"
#include "base/limits.h"
#include "provider/answer.h"

#include <stdio.h>
#include <string.h>

void rcd_text_stream_init(struct rcd_text_stream *s, rcd_text_event_fn *event, const char *doing,
                          rcd_text_fn *fn, void *arg)
{
	*s = (struct rcd_text_stream){.event = event,
	                              .doing = doing,
	                              .fn = fn,
	                              .arg = arg,
	                              .began = rcd_mono_ms(),
	                              .aside = -1};
	rcd_sse_init(&s->sse);
}

void rcd_text_stream_done(struct rcd_text_stream *s)
{
	rcd_sse_done(&s->sse);
}

void rcd_text_stream_again(struct rcd_text_stream *s)
{
	struct rcd_text_stream was = *s;

	rcd_text_stream_done(s);
	rcd_text_stream_init(s, was.event, was.doing, was.fn, was.arg);
	s->calls = was.calls;
	s->began = was.began;
	if (s->calls != NULL)
		rcd_tool_calls_free(s->calls);
}

int rcd_text_stream_say(struct rcd_text_stream *s, struct rcd_sv v, struct rcd_err *err)
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

int64_t rcd_text_stream_count(const json_t *obj, const char *key)
{
	int64_t n = json_integer_value(json_object_get(obj, key));

	return n > 0 ? n : 0;
}

void rcd_text_stream_finish(struct rcd_text_stream *s, struct rcd_sv word)
{
	char plain[RCD_WORD];

	(void)snprintf(s->usage.finish, sizeof(s->usage.finish), "%.23s",
	               rcd_answer_word(word, plain)[0] != '\0' ? plain : "other");
}

static int handle_event(void *arg, struct rcd_sv type, struct rcd_sv data, struct rcd_err *err)
{
	struct rcd_text_stream *s = arg;
	json_t *v;
	int ret;

	s->events++;
	if (s->ended)
		return 0;
	if (rcd_sv_is(rcd_sv_trim(data), "[DONE]")) {
		s->ended = true;
		return 0;
	}
	if (rcd_json_parse(data, RCD_MAX_SSE_EVENT, &v, err) != 0)
		return rcd_answer_lost(s->doing, err);
	ret = s->event(s, type, v, err);
	json_decref(v);
	return ret;
}

int rcd_text_stream_feed(struct rcd_text_stream *s, const void *p, size_t n, struct rcd_err *err)
{
	return rcd_sse_feed(&s->sse, p, n, handle_event, s, err);
}

int rcd_text_stream_whole(struct rcd_text_stream *s, struct rcd_sv body, struct rcd_err *err)
{
	return handle_event(s, RCD_SV(""), body, err);
}

int rcd_text_stream_end(const struct rcd_text_stream *s, struct rcd_chat_usage *usage,
                        struct rcd_err *err)
{
	const char *finish = s->usage.finish;

	if (!s->ended && finish[0] == '\0')
		return rcd_fail(err, RCD_DOWN, 0, "%s: the answer was cut short", s->doing);
	if (strcmp(finish, "content_filter") == 0)
		return rcd_fail(err, RCD_PROTO, 0, "%s: stopped by the content filter", s->doing);
	if (s->calls != NULL) {
		rcd_tool_calls_identify(s->calls);
		if (rcd_tool_calls_whole(s->calls, err) != 0)
			return rcd_answer_lost(s->doing, err);
	}
	if (!s->words && (s->calls == NULL || s->calls->n == 0))
		return rcd_fail(err, RCD_PROTO, 0, "%s: an empty answer%s", s->doing,
		                strcmp(finish, "length") == 0 ? "; the token limit is too small" : "");
	*usage = s->usage;
	return 0;
}
