/* What the chunks of Chat Completions mean. */

#include "provider/openai_api.h"
#include "provider/text_stream.h"

static void read_usage(struct rcd_text_stream *s, const json_t *usage)
{
	if (!json_is_object(usage))
		return;
	s->usage.input_tokens = rcd_text_stream_count(usage, "prompt_tokens");
	s->usage.output_tokens = rcd_text_stream_count(usage, "completion_tokens");
	s->usage.cached_tokens = rcd_text_stream_count(json_object_get(usage, "prompt_tokens_details"),
	                                               "cached_tokens");
}

static const char *const of_call[] = {"index", "id", "type", "function", NULL};
static const char *const of_message[] = {"role",          "content",     "refusal", "tool_calls",
                                         "function_call", "annotations", "audio",   NULL};

static int read_call(struct rcd_text_stream *s, const json_t *piece, size_t at, struct rcd_err *err)
{
	const json_t *f = json_object_get(piece, "function");
	struct rcd_tool_call *c = rcd_tool_call_of(s->calls, piece, (int64_t)at, err);

	if (c == NULL)
		return rcd_answer_lost(s->doing, err);
	rcd_tool_call_named(c, rcd_json_sv(piece, "id"), rcd_json_sv(f, "name"));
	rcd_tool_call_more(c, json_object_get(f, "arguments"));
	return rcd_tool_extras(s->calls, &c->extras, piece, of_call) == 0 ? 0 : rcd_fail_nomem(err);
}

/* The pieces of calls: who it is comes with the first of each, the arguments bit by bit. What else
 * an engine puts into them, and into a message with calls, it may want to see again. */
static int read_calls(struct rcd_text_stream *s, const json_t *delta, struct rcd_err *err)
{
	const json_t *pieces = json_object_get(delta, "tool_calls"), *piece;
	json_t *old =
		json_object_get(delta, "function_call"); /* one alone, as it was before there were lists */
	size_t i;
	int ret = 0;

	json_array_foreach (pieces, i, piece)
		if (ret == 0)
			ret = read_call(s, piece, i, err);
	if (ret == 0 && json_is_object(old)) {
		json_t *one = json_pack("{s:i, s:O}", "index", 0, "function", old);

		ret = one != NULL ? read_call(s, one, 0, err) : rcd_fail_nomem(err);
		json_decref(one);
	}
	if (ret == 0 && rcd_tool_extras(s->calls, &s->calls->extras, delta, of_message) != 0)
		ret = rcd_fail_nomem(err);
	return ret;
}

/* A text, or a list of parts of which those of another type (thoughts) are not for the customer. */
static int read_content(struct rcd_text_stream *s, const json_t *v, struct rcd_err *err)
{
	const json_t *part;
	size_t i;

	if (json_is_string(v))
		return rcd_text_stream_say(s, (struct rcd_sv){json_string_value(v), json_string_length(v)},
		                           err);
	json_array_foreach (v, i, part)
		if (rcd_sv_is(rcd_json_sv(part, "type"), "text") &&
		    rcd_text_stream_say(s, rcd_json_sv(part, "text"), err) != 0)
			return -1;
	return 0;
}

/* Other engines' words for an answer that a filter stopped, or an error. */
static int read_finish(struct rcd_text_stream *s, struct rcd_sv word, struct rcd_err *err)
{
	static const char *const filtered[] = {"safety", "recitation", "blocklist",
	                                       "prohibited_content", "spii"};

	if (rcd_sv_ieq(word, RCD_SV("error")))
		return rcd_fail(err, RCD_DOWN, 0, "%s: the engine broke off", s->doing);
	if (rcd_sv_ieq(word, RCD_SV("max_tokens")) || rcd_sv_ieq(word, RCD_SV("model_length")))
		word = RCD_SV("length");
	for (size_t i = 0; i < sizeof(filtered) / sizeof(filtered[0]); i++)
		if (rcd_sv_ieq(word, rcd_sv(filtered[i])))
			word = RCD_SV("content_filter");
	rcd_text_stream_finish(s, word);
	return 0;
}

static int read_choice(struct rcd_text_stream *s, const json_t *c, struct rcd_err *err)
{
	const json_t *piece = json_object_get(c, "delta");
	/* an engine that does not stream says "message" for "delta" */
	const json_t *delta = json_is_object(piece) ? piece : json_object_get(c, "message");
	struct rcd_sv reason = rcd_json_sv(c, "finish_reason");

	if (rcd_json_sv(delta, "refusal").n > 0)
		return rcd_fail(err, RCD_PROTO, 0, "%s: the model refused", s->doing);
	if (reason.n > 0 && read_finish(s, reason, err) != 0)
		return -1;
	if (s->calls != NULL && read_calls(s, delta, err) != 0)
		return -1;
	return read_content(s, json_object_get(delta, "content"), err);
}

int rcd_chat_event(struct rcd_text_stream *s, struct rcd_sv type, const json_t *v,
                   struct rcd_err *err)
{
	const json_t *error = json_object_get(v, "error"), *c;
	size_t i;

	if ((error != NULL && !json_is_null(error)) || rcd_sv_is(type, "error")) {
		rcd_refusal_read_json(v, &s->refusal);
		return rcd_openai_refuse(s->doing, 0, &s->refusal, err);
	}
	read_usage(s, json_object_get(v, "usage"));
	json_array_foreach (json_object_get(v, "choices"), i, c)
		if (rcd_text_stream_count(c, "index") == 0 && read_choice(s, c, err) != 0)
			return -1;
	return 0;
}
