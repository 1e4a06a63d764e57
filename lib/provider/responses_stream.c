/* What the events of Responses mean. The sixty kinds that say nothing to a customer are passed
 * over. */

#include "provider/openai_api.h"
#include "provider/text_stream.h"

static void read_usage(struct rcd_text_stream *s, const json_t *usage)
{
	if (!json_is_object(usage))
		return;
	s->usage.input_tokens = rcd_text_stream_count(usage, "input_tokens");
	s->usage.output_tokens = rcd_text_stream_count(usage, "output_tokens");
	s->usage.cached_tokens = rcd_text_stream_count(json_object_get(usage, "input_tokens_details"),
	                                               "cached_tokens");
}

static int fail_refused(const struct rcd_text_stream *s, struct rcd_err *err)
{
	return rcd_fail(err, RCD_PROTO, 0, "%s: the model refused", s->doing);
}

/* How a response ended, in the words that Chat Completions has for it. */
static int read_end(struct rcd_text_stream *s, const json_t *response, struct rcd_err *err)
{
	struct rcd_sv status = rcd_json_sv(response, "status");
	struct rcd_sv reason = rcd_json_sv(json_object_get(response, "incomplete_details"), "reason");

	s->ended = true;
	read_usage(s, json_object_get(response, "usage"));
	if (rcd_sv_is(status, "completed")) {
		rcd_text_stream_finish(s, RCD_SV("stop"));
	} else if (rcd_sv_is(status, "incomplete") && rcd_sv_is(reason, "max_output_tokens")) {
		rcd_text_stream_finish(s, RCD_SV("length"));
	} else if (rcd_sv_is(status, "incomplete") && rcd_sv_is(reason, "content_filter")) {
		rcd_text_stream_finish(s, reason);
	} else if (rcd_sv_is(status, "failed")) {
		return rcd_openai_failed(s->doing, 0, json_object_get(response, "error"), err);
	} else {
		return rcd_fail(err, RCD_PROTO, 0, "%s: the answer did not come to its end", s->doing);
	}
	return 0;
}

/* A call, as far as item tells of it; whole: with all of its arguments. */
static int read_call(struct rcd_text_stream *s, const json_t *item, int64_t at, bool all,
                     struct rcd_err *err)
{
	struct rcd_tool_call *c;

	if (s->calls == NULL || !rcd_sv_is(rcd_json_sv(item, "type"), "function_call"))
		return 0;
	c = rcd_tool_call_at(s->calls, at, err);
	if (c == NULL)
		return rcd_answer_lost(s->doing, err);
	rcd_tool_call_named(c, rcd_json_sv(item, "call_id"), rcd_json_sv(item, "name"));
	if (all && rcd_json_sv(item, "arguments").p != NULL) {
		rcd_buf_reset(&c->args);
		rcd_buf_sv(&c->args, rcd_json_sv(item, "arguments"));
	}
	return 0;
}

/* More of the arguments of a call that has begun. */
static void add_arguments(struct rcd_text_stream *s, const json_t *v)
{
	int64_t at = rcd_text_stream_count(v, "output_index");

	for (size_t i = 0; s->calls != NULL && i < s->calls->n; i++)
		if (s->calls->call[i].at == at)
			rcd_buf_sv(&s->calls->call[i].args, rcd_json_sv(v, "delta"));
}

/* A message that the model addresses to nobody: what it is about to do. */
static bool is_aside(const json_t *item)
{
	return rcd_sv_is(rcd_json_sv(item, "phase"), "commentary");
}

static int read_parts(struct rcd_text_stream *s, const json_t *item, struct rcd_err *err)
{
	const json_t *part;
	size_t i;

	if (!rcd_sv_is(rcd_json_sv(item, "type"), "message") || is_aside(item))
		return 0;
	json_array_foreach (json_object_get(item, "content"), i, part) {
		if (rcd_sv_is(rcd_json_sv(part, "type"), "refusal"))
			return fail_refused(s, err);
		if (rcd_sv_is(rcd_json_sv(part, "type"), "output_text") &&
		    rcd_text_stream_say(s, rcd_json_sv(part, "text"), err) != 0)
			return -1;
	}
	return 0;
}

/* The answer of an engine that does not stream. */
static int read_whole(struct rcd_text_stream *s, const json_t *response, struct rcd_err *err)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(response, "output"), i, item)
		if (read_parts(s, item, err) != 0 || read_call(s, item, (int64_t)i, true, err) != 0)
			return -1;
	return read_end(s, response, err);
}

int rcd_responses_event(struct rcd_text_stream *s, struct rcd_sv type, const json_t *v,
                        struct rcd_err *err)
{
	const json_t *error = json_object_get(v, "error");
	struct rcd_sv told = rcd_json_sv(v, "type"); /* every event repeats its name inside */

	if (rcd_sv_is(rcd_json_sv(v, "object"), "response"))
		return read_whole(s, v, err);
	type = told.n > 0 ? told : type;
	if (rcd_sv_is(type, "error") || (error != NULL && !json_is_null(error)))
		return rcd_openai_failed(s->doing, 0, json_is_object(error) ? error : v, err);
	if (rcd_sv_is(type, "response.output_item.added") && is_aside(json_object_get(v, "item")))
		s->aside = rcd_text_stream_count(v, "output_index");
	if (rcd_sv_is(type, "response.output_item.added") ||
	    rcd_sv_is(type, "response.output_item.done"))
		return read_call(s, json_object_get(v, "item"), rcd_text_stream_count(v, "output_index"),
		                 rcd_sv_ends(type, RCD_SV(".done")), err);
	if (rcd_sv_is(type, "response.function_call_arguments.delta"))
		add_arguments(s, v);
	if (rcd_sv_is(type, "response.output_text.delta"))
		return s->aside == rcd_text_stream_count(v, "output_index")
		           ? 0
		           : rcd_text_stream_say(s, rcd_json_sv(v, "delta"), err);
	if (rcd_sv_is(type, "response.refusal.delta") || rcd_sv_is(type, "response.refusal.done"))
		return fail_refused(s, err);
	if (rcd_sv_is(type, "response.completed") || rcd_sv_is(type, "response.incomplete") ||
	    rcd_sv_is(type, "response.failed"))
		return read_end(s, json_object_get(v, "response"), err);
	return 0;
}
