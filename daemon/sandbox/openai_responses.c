/* Simulated OpenAI: Responses, whole or as server-sent events. */

#include "daemon/sandbox/openai_calls.h"
#include "daemon/sandbox/openai_check.h"
#include "daemon/sandbox/openai_see.h"
#include "daemon/sandbox/openai_words.h"

#include "base/clock.h"
#include "base/crypto.h"

#include <stdio.h>
#include <string.h>

/* What one answer is made of. */
struct reply {
	const struct rcd_sb_call *call;
	const json_t *req;
	char id[64], item[64];
	struct rcd_sv conversation; /* absent: none */
	struct rcd_sb_words words;
	json_t *calls;            /* take the place of the words; NULL: none */
	int64_t created, in, out; /* seconds; tokens */
	int sequence;
};

/* --- the documents --------------------------------------------------------------------- */

static json_t *part_of(const struct reply *r, struct rcd_sv text)
{
	if (r->words.refusal)
		return json_pack("{s:s s:s%}", "type", "refusal", "refusal", text.p, text.n);
	return json_pack("{s:s s:s% s:[] s:[]}", "type", "output_text", "text", text.p, text.n,
	                 "annotations", "logprobs");
}

/* The message; content (taken over) NULL: none yet. */
static json_t *item_of(const struct reply *r, json_t *content)
{
	return json_pack("{s:s s:s s:s s:s s:o}", "type", "message", "id", r->item, "role", "assistant",
	                 "status",
	                 content == NULL                        ? "in_progress"
	                 : strcmp(r->words.finish, "stop") == 0 ? "completed"
	                                                        : "incomplete",
	                 "content", content != NULL ? content : json_array());
}

static json_t *message(const struct reply *r)
{
	return item_of(r, json_pack("[o]", part_of(r, rcd_buf_view(&r->words.text))));
}

/* A call as an item; arguments as far as they are told. */
static json_t *call_item(const json_t *call, struct rcd_sv arguments, const char *status)
{
	return json_pack("{s:s s:s+ s:O s:O s:o s:s}", "type", "function_call", "id", "fc_",
	                 json_string_value(json_object_get(call, "id")), "call_id",
	                 json_object_get(call, "id"), "name", json_object_get(call, "name"),
	                 "arguments", rcd_json_str(arguments), "status", status);
}

static json_t *whole_call(const json_t *call)
{
	return call_item(call, rcd_json_sv(call, "arguments"), "completed");
}

/* What the response says: the message, or the calls. */
static json_t *output(const struct reply *r)
{
	json_t *items, *call;
	size_t i;

	if (r->calls == NULL)
		return json_pack("[o]", message(r));
	items = json_array();
	json_array_foreach (r->calls, i, call)
		(void)json_array_append_new(items, whole_call(call));
	return items;
}

static const char *status_of(const struct reply *r)
{
	return r->words.broken                        ? "failed"
	       : strcmp(r->words.finish, "stop") == 0 ? "completed"
	                                              : "incomplete";
}

/* What the end adds to the response. */
static json_t *outcome(const struct reply *r)
{
	json_t *error = json_null(), *details = json_null();

	if (r->words.broken)
		error = json_pack("{s:s s:s}", "code",
		                  r->call->fault.code[0] != '\0' ? r->call->fault.code : "server_error",
		                  "message", "Broken off, says the sandbox's plan");
	else if (strcmp(r->words.finish, "stop") != 0)
		details = json_pack("{s:s}", "reason",
		                    strcmp(r->words.finish, "length") == 0 ? "max_output_tokens"
		                                                           : "content_filter");
	return json_pack("{s:s s:I s:o s:o s:o s:{s:I s:{s:i s:i} s:I s:{s:i} s:I}}", "status",
	                 status_of(r), "completed_at", (json_int_t)(rcd_now_ms() / 1000), "error",
	                 error, "incomplete_details", details, "output", output(r), "usage",
	                 "input_tokens", (json_int_t)r->in, "input_tokens_details", "cached_tokens", 0,
	                 "cache_write_tokens", 0, "output_tokens", (json_int_t)r->out,
	                 "output_tokens_details", "reasoning_tokens", 0, "total_tokens",
	                 (json_int_t)r->in + (json_int_t)r->out);
}

static bool stored(const json_t *req)
{
	return !json_is_false(json_object_get(req, "store")); /* yes, when it is not said */
}

/* A member of the request that the response repeats, or what it is when not said. */
static json_t *said(const struct reply *r, const char *key, json_t *otherwise)
{
	json_t *v = json_object_get(r->req, key);

	if (v == NULL)
		return otherwise;
	json_decref(otherwise);
	return json_incref(v);
}

/* The response as it is before (end NULL) or after its answer; end is taken over. */
static json_t *response(const struct reply *r, json_t *end)
{
	json_t *doc =
		json_pack("{s:s s:s s:I s:s s:n s:n s:n s:[] s:o s:o s:o s:o s:o s:b s:b s:[] s:s s:o s:n}",
	              "id", r->id, "object", "response", "created_at", (json_int_t)r->created, "status",
	              "in_progress", "error", "incomplete_details", "usage", "output", "model",
	              said(r, "model", NULL), "instructions", said(r, "instructions", json_null()),
	              "temperature", said(r, "temperature", json_real(1)), "top_p",
	              said(r, "top_p", json_real(1)), "max_output_tokens",
	              said(r, "max_output_tokens", json_null()), "store", stored(r->req),
	              "parallel_tool_calls", 1, "tools", "tool_choice", "auto", "metadata",
	              said(r, "metadata", json_object()), "previous_response_id");

	if (doc != NULL && r->conversation.p != NULL)
		(void)json_object_set_new(doc, "conversation",
		                          json_pack("{s:s%}", "id", r->conversation.p, r->conversation.n));
	if (end != NULL && json_object_update(doc, end) != 0) {
		json_decref(doc);
		doc = NULL;
	}
	json_decref(end);
	return doc;
}

/* --- the events ------------------------------------------------------------------------ */

/* One event; its members are taken over. */
static void event(struct reply *r, const char *type, json_t *members, struct rcd_buf *out)
{
	if (members != NULL &&
	    (json_object_set_new(members, "type", json_string(type)) != 0 ||
	     json_object_set_new(members, "sequence_number", json_integer(r->sequence++)) != 0)) {
		json_decref(members);
		members = NULL;
	}
	rcd_buf_fmt(out, "event: %s\ndata: ", type);
	rcd_json_text(members, out);
	rcd_buf_str(out, "\n\n");
}

/* The members that tell where in the output something is. */
static json_t *at(const struct reply *r, const char *key, json_t *take)
{
	return json_pack("{s:s s:i s:i s:o}", "item_id", r->item, "output_index", 0, "content_index", 0,
	                 key, take);
}

static void text_events(struct reply *r, struct rcd_buf *out)
{
	const char *delta = r->words.refusal ? "response.refusal.delta" : "response.output_text.delta";
	struct rcd_sv text = rcd_buf_view(&r->words.text);
	size_t n;

	while ((n = rcd_sb_words_piece(text)) > 0) {
		json_t *v = at(r, "delta", json_stringn(text.p, n));

		if (v != NULL && !r->words.refusal)
			(void)json_object_set_new(v, "logprobs", json_array());
		event(r, delta, v, out);
		text = rcd_sv_skip(text, n);
	}
}

static void closing_events(struct reply *r, struct rcd_buf *out)
{
	struct rcd_sv text = rcd_buf_view(&r->words.text);
	json_t *v = at(r, r->words.refusal ? "refusal" : "text", json_stringn(text.p, text.n));

	if (v != NULL && !r->words.refusal)
		(void)json_object_set_new(v, "logprobs", json_array());
	event(r, r->words.refusal ? "response.refusal.done" : "response.output_text.done", v, out);
	event(r, "response.content_part.done", at(r, "part", part_of(r, text)), out);
	event(r, "response.output_item.done",
	      json_pack("{s:i s:o}", "output_index", 0, "item", message(r)), out);
}

static void call_events(struct reply *r, struct rcd_buf *out)
{
	json_t *call;
	size_t i, n;

	json_array_foreach (r->calls, i, call) {
		struct rcd_sv args = rcd_json_sv(call, "arguments");

		event(r, "response.output_item.added",
		      json_pack("{s:i s:o}", "output_index", (int)i, "item",
		                call_item(call, RCD_SV(""), "in_progress")),
		      out);
		for (; (n = rcd_sb_calls_piece(args)) > 0; args = rcd_sv_skip(args, n))
			event(r, "response.function_call_arguments.delta",
			      json_pack("{s:i s:s%}", "output_index", (int)i, "delta", args.p, n), out);
		event(r, "response.output_item.done",
		      json_pack("{s:i s:o}", "output_index", (int)i, "item", whole_call(call)), out);
	}
}

static void events(struct reply *r, struct rcd_buf *out)
{
	char last[32];

	event(r, "response.created", json_pack("{s:o}", "response", response(r, NULL)), out);
	event(r, "response.in_progress", json_pack("{s:o}", "response", response(r, NULL)), out);
	if (r->calls != NULL) {
		call_events(r, out);
		event(r, "response.completed", json_pack("{s:o}", "response", response(r, outcome(r))),
		      out);
		return;
	}
	event(r, "response.output_item.added",
	      json_pack("{s:i s:o}", "output_index", 0, "item", item_of(r, NULL)), out);
	event(r, "response.content_part.added", at(r, "part", part_of(r, RCD_SV(""))), out);
	text_events(r, out);
	if (r->call->fault.kind == RCD_SB_BROKEN) {
		event(r, "error",
		      json_pack("{s:s s:s s:n}", "code",
		                r->call->fault.code[0] != '\0' ? r->call->fault.code : "server_error",
		                "message", "Broken off, says the sandbox's plan", "param"),
		      out);
		return;
	}
	if (!r->words.broken)
		closing_events(r, out);
	(void)snprintf(last, sizeof(last), "response.%s", status_of(r));
	event(r, last, json_pack("{s:o}", "response", response(r, outcome(r))), out);
}

static int stream(struct rcd_sb_call *c, struct reply *r)
{
	struct rcd_buf out;
	int ret = -1;

	rcd_buf_init(&out, RCD_SB_MAX_BODY);
	events(r, &out);
	if (!out.bad)
		ret = rcd_sb_reply(c, 200, "text/event-stream; charset=utf-8", rcd_buf_view(&out));
	c->out->stream = true;
	rcd_buf_free(&out);
	return ret;
}

/* --- the request ----------------------------------------------------------------------- */

/* What a conversation keeps of a response: what was asked and what was answered. One that
 * failed leaves nothing. */
static int keep(const struct rcd_sb_call *c, const struct reply *r)
{
	struct rcd_sb_conversations *all = c->box->conversations;
	const json_t *input = json_object_get(r->req, "input");
	json_t *turn, *said = output(r);
	int ret;

	if (c->dry || r->conversation.p == NULL || r->words.broken) {
		json_decref(said);
		return 0;
	}
	turn = json_is_string(input) ? json_pack("[{s:s s:O}]", "role", "user", "content", input)
	                             : json_deep_copy(input);
	ret = turn != NULL && json_array_extend(turn, said) == 0
	          ? rcd_sb_conversations_add(all, r->conversation, turn)
	          : -1;
	json_decref(turn);
	json_decref(said);
	return ret;
}

static void note(struct rcd_sb_call *c, const struct reply *r, struct rcd_sv user)
{
	const json_t *context = rcd_sb_conversations_items(c->box->conversations, r->conversation);
	const json_t *input = json_object_get(r->req, "input");

	rcd_sb_note_sv(c, "instructions", rcd_json_sv(r->req, "instructions"));
	rcd_sb_note_sv(c, "conversation", r->conversation);
	rcd_sb_note_sv(c, "cache_key", rcd_json_sv(r->req, "prompt_cache_key"));
	rcd_sb_note(c, "store", json_boolean(stored(r->req)));
	rcd_sb_note(c, "stream", json_boolean(json_is_true(json_object_get(r->req, "stream"))));
	rcd_sb_note(c, "input",
	            json_integer(json_is_string(input) ? 1 : (json_int_t)json_array_size(input)));
	rcd_sb_note(c, "context", json_integer((json_int_t)json_array_size(context)));
	rcd_sb_note(c, "calls", json_integer((json_int_t)json_array_size(r->calls)));
	rcd_sb_note_sv(c, "user", user);
	rcd_sb_note_sv(c, "text", rcd_buf_view(&r->words.text));
}

static int complete(struct rcd_sb_call *c, struct reply *r)
{
	const json_t *input = json_object_get(r->req, "input");
	struct rcd_sv user = json_is_string(input) ? rcd_json_sv(r->req, "input")
	                                           : rcd_sb_words_of_user(input);

	if (rcd_sb_words_make(&c->fault, r->req, user, &r->words) != 0 ||
	    rcd_sb_calls_next(r->req,
	                      rcd_sb_conversations_items(c->box->conversations, r->conversation),
	                      &r->calls) != 0)
		return -1;
	r->in = rcd_sb_tokens(rcd_sb_req_body(c->req).n);
	r->out = rcd_sb_tokens(r->words.text.n);
	note(c, r, user);
	if (keep(c, r) != 0)
		return -1;
	if (json_is_true(json_object_get(r->req, "stream")))
		return stream(c, r);
	return rcd_sb_reply_json(c, 200, response(r, outcome(r)));
}

static int answer(struct rcd_sb_call *c, const json_t *req)
{
	struct reply r = {.call = c,
	                  .req = req,
	                  .conversation = rcd_sb_conversation_of(req),
	                  .created = rcd_now_ms() / 1000};
	char hex[49];
	int ret;

	if (r.conversation.p != NULL &&
	    rcd_sb_conversations_items(c->box->conversations, r.conversation) == NULL)
		return rcd_sb_conversation_missing(c, r.conversation);
	rcd_random_hex(hex, 24);
	(void)snprintf(r.id, sizeof(r.id), "resp_%s", hex);
	(void)snprintf(r.item, sizeof(r.item), "msg_%s", hex);
	rcd_sb_header(c, "x-request-id", "req_%s", hex);
	c->out->delay_ms = c->box->chat_delay_ms;
	ret = complete(c, &r);
	rcd_sb_words_done(&r.words);
	json_decref(r.calls);
	return ret;
}

int rcd_sb_openai_respond(struct rcd_sb_call *c)
{
	struct rcd_sb_ruling no = {.status = 0};
	bool nomem;
	json_t *req = rcd_sb_json(c, &nomem);
	int ret;

	if (req == NULL)
		return nomem ? -1 : rcd_sb_refuse(c, 400, "", "The body is not a JSON object");
	rcd_sb_note_sv(c, "model", rcd_json_sv(req, "model"));
	rcd_sb_note(c, "pictures",
	            json_integer((json_int_t)rcd_sb_pictures(json_object_get(req, "input"))));
	ret = rcd_sb_check_response(req, &no) == 0 ? answer(c, req)
	                                           : rcd_sb_refuse(c, no.status, no.code, no.message);
	json_decref(req);
	return ret;
}
