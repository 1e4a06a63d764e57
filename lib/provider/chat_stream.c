/* What the chunks of Chat Completions mean. */

#include "provider/openai_api.h"
#include "provider/text_stream.h"

static void tokens(struct rcd_text_stream *s, const json_t *usage)
{
	if (!json_is_object(usage))
		return;
	s->usage.input_tokens = rcd_text_stream_count(usage, "prompt_tokens");
	s->usage.output_tokens = rcd_text_stream_count(usage, "completion_tokens");
	s->usage.cached_tokens =
		rcd_text_stream_count(json_object_get(usage, "prompt_tokens_details"), "cached_tokens");
}

/* The pieces of calls: who it is comes with the first of each, the arguments bit by bit. */
static int calls(struct rcd_text_stream *s, const json_t *pieces, struct rcd_err *err)
{
	const json_t *piece;
	size_t i;

	json_array_foreach(pieces, i, piece) {
		const json_t *number = json_object_get(piece, "index"), *f = json_object_get(piece, "function");
		/* a whole completion does not number them */
		int64_t at = json_is_integer(number) ? json_integer_value(number) : (int64_t)i;
		struct rcd_tool_call *call = rcd_tool_call_at(s->calls, at, err);

		if (call == NULL)
			return rcd_answer_lost(s->doing, err);
		rcd_tool_call_named(call, rcd_json_sv(piece, "id"), rcd_json_sv(f, "name"));
		rcd_buf_sv(&call->args, rcd_json_sv(f, "arguments"));
	}
	return 0;
}

static int choice(struct rcd_text_stream *s, const json_t *c, struct rcd_err *err)
{
	const json_t *piece = json_object_get(c, "delta");
	/* an engine that does not stream says "message" for "delta" */
	const json_t *delta = piece != NULL ? piece : json_object_get(c, "message");
	struct rcd_sv finish = rcd_json_sv(c, "finish_reason");

	if (rcd_json_sv(delta, "refusal").n > 0)
		return rcd_fail(err, RCD_PROTO, 0, "%s: the model refused", s->doing);
	if (finish.n > 0)
		rcd_text_stream_finish(s, finish);
	if (s->calls != NULL && calls(s, json_object_get(delta, "tool_calls"), err) != 0)
		return -1;
	return rcd_text_stream_say(s, rcd_json_sv(delta, "content"), err);
}

int rcd_chat_event(struct rcd_text_stream *s, struct rcd_sv type, const json_t *v,
                   struct rcd_err *err)
{
	const json_t *error = json_object_get(v, "error"), *c;
	size_t i;

	if (error != NULL && !json_is_null(error))
		return rcd_openai_failed(s->doing, 0, error, err);
	if (rcd_sv_is(type, "error") && error == NULL)
		return rcd_openai_failed(s->doing, 0, v, err);
	tokens(s, json_object_get(v, "usage"));
	json_array_foreach(json_object_get(v, "choices"), i, c)
		if (rcd_text_stream_count(c, "index") == 0 && choice(s, c, err) != 0)
			return -1;
	return 0;
}
