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

static json_t *make_part(const struct reply *r, struct rcd_sv text)
{
	if (r->words.refusal)
		return json_pack("{s:s s:s%}", "type", "refusal", "refusal", text.p, text.n);
	return json_pack("{s:s s:s% s:[] s:[]}", "type", "output_text", "text", text.p, text.n,
	                 "annotations", "logprobs");
}

/* The message; content (taken over) NULL: none yet. */
static const char *name_end(const struct reply *r)
{
	return strcmp(r->words.finish, "stop") == 0 ? "completed" : "incomplete";
}

static json_t *make_item(const struct reply *r, json_t *content)
{
	return json_pack("{s:s s:s s:s s:s s:o}", "type", "message", "id", r->item, "role", "assistant",
	                 "status", content != NULL ? name_end(r) : "in_progress", "content",
	                 content != NULL ? content : json_array());
}

static json_t *make_message(const struct reply *r)
{
	return make_item(r, json_pack("[o]", make_part(r, rcd_buf_view(&r->words.text))));
}

/* A call as an item; arguments as far as they are told. */
static json_t *call_item(const json_t *call, struct rcd_sv arguments, const char *status)
{
	return json_pack("{s:s s:s+ s:O s:O s:o s:s}", "type", "function_call", "id", "fc_",
	                 json_string_value(json_object_get(call, "id")), "call_id",
	                 json_object_get(call, "id"), "name", json_object_get(call, "name"),
	                 "arguments", rcd_json_str(arguments), "status", status);
}

static json_t *is_whole_call(const json_t *call)
{
	return call_item(call, rcd_json_sv(call, "arguments"), "completed");
}

/* What the response says: the message, or the calls. */
static json_t *make_output(const struct reply *r)
{
	json_t *items, *call;
	size_t i;

	if (r->calls == NULL)
		return json_pack("[o]", make_message(r));
	items = json_array();
	json_array_foreach (r->calls, i, call)
		(void)json_array_append_new(items, is_whole_call(call));
	return items;
}

static const char *get_status(const struct reply *r)
{
	return r->words.broken ? "failed" : name_end(r);
}

/* What the end adds to the response. */
static json_t *make_ending(const struct reply *r)
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
	                 get_status(r), "completed_at", (json_int_t)(rcd_now_ms() / 1000), "error",
	                 error, "incomplete_details", details, "output", make_output(r), "usage",
	                 "input_tokens", (json_int_t)r->in, "input_tokens_details", "cached_tokens", 0,
	                 "cache_write_tokens", 0, "output_tokens", (json_int_t)r->out,
	                 "output_tokens_details", "reasoning_tokens", 0, "total_tokens",
	                 (json_int_t)r->in + (json_int_t)r->out);
}

static bool is_stored(const json_t *req)
{
	return !json_is_false(json_object_get(req, "store")); /* yes, when it is not said */
}

/* A member of the request that the response repeats, or what it is when not said. */
static json_t *repeat_member(const struct reply *r, const char *key, json_t *otherwise)
{
	json_t *v = json_object_get(r->req, key);

	if (v == NULL)
		return otherwise;
	json_decref(otherwise);
	return json_incref(v);
}

/* The response as it is before (end NULL) or after its answer; end is taken over. */
static json_t *make_response(const struct reply *r, json_t *end)
{
	json_t *doc =
		json_pack("{s:s s:s s:I s:s s:n s:n s:n s:[] s:o s:o s:o s:o s:o s:b s:b s:[] s:s s:o s:n}",
	              "id", r->id, "object", "response", "created_at", (json_int_t)r->created, "status",
	              "in_progress", "error", "incomplete_details", "usage", "output", "model",
	              repeat_member(r, "model", NULL), "instructions",
	              repeat_member(r, "instructions", json_null()), "temperature",
	              repeat_member(r, "temperature", json_real(1)), "top_p",
	              repeat_member(r, "top_p", json_real(1)), "max_output_tokens",
	              repeat_member(r, "max_output_tokens", json_null()), "store", is_stored(r->req),
	              "parallel_tool_calls", 1, "tools", "tool_choice", "auto", "metadata",
	              repeat_member(r, "metadata", json_object()), "previous_response_id");

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
static void write_event(struct reply *r, const char *type, json_t *members, struct rcd_buf *out)
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
static json_t *add_position(const struct reply *r, const char *key, json_t *take)
{
	return json_pack("{s:s s:i s:i s:o}", "item_id", r->item, "output_index", 0, "content_index", 0,
	                 key, take);
}

static void write_text_events(struct reply *r, struct rcd_buf *out)
{
	const char *delta = r->words.refusal ? "response.refusal.delta" : "response.output_text.delta";
	struct rcd_sv text = rcd_buf_view(&r->words.text);
	size_t n;

	while ((n = rcd_sb_words_piece(text)) > 0) {
		json_t *v = add_position(r, "delta", json_stringn(text.p, n));

		if (v != NULL && !r->words.refusal)
			(void)json_object_set_new(v, "logprobs", json_array());
		write_event(r, delta, v, out);
		text = rcd_sv_skip(text, n);
	}
}

static void write_closing_events(struct reply *r, struct rcd_buf *out)
{
	struct rcd_sv text = rcd_buf_view(&r->words.text);
	json_t *v = add_position(r, r->words.refusal ? "refusal" : "text",
	                         json_stringn(text.p, text.n));

	if (v != NULL && !r->words.refusal)
		(void)json_object_set_new(v, "logprobs", json_array());
	write_event(r, r->words.refusal ? "response.refusal.done" : "response.output_text.done", v,
	            out);
	write_event(r, "response.content_part.done", add_position(r, "part", make_part(r, text)), out);
	write_event(r, "response.output_item.done",
	            json_pack("{s:i s:o}", "output_index", 0, "item", make_message(r)), out);
}

static void write_call_events(struct reply *r, struct rcd_buf *out)
{
	json_t *call;
	size_t i, n;

	json_array_foreach (r->calls, i, call) {
		struct rcd_sv args = rcd_json_sv(call, "arguments");

		write_event(r, "response.output_item.added",
		            json_pack("{s:i s:o}", "output_index", (int)i, "item",
		                      call_item(call, RCD_SV(""), "in_progress")),
		            out);
		for (; (n = rcd_sb_calls_piece(args)) > 0; args = rcd_sv_skip(args, n))
			write_event(r, "response.function_call_arguments.delta",
			            json_pack("{s:i s:s%}", "output_index", (int)i, "delta", args.p, n), out);
		write_event(r, "response.output_item.done",
		            json_pack("{s:i s:o}", "output_index", (int)i, "item", is_whole_call(call)),
		            out);
	}
}

static void write_events(struct reply *r, struct rcd_buf *out)
{
	char last[32];

	write_event(r, "response.created", json_pack("{s:o}", "response", make_response(r, NULL)), out);
	write_event(r, "response.in_progress", json_pack("{s:o}", "response", make_response(r, NULL)),
	            out);
	if (r->calls != NULL) {
		write_call_events(r, out);
		write_event(r, "response.completed",
		            json_pack("{s:o}", "response", make_response(r, make_ending(r))), out);
		return;
	}
	write_event(r, "response.output_item.added",
	            json_pack("{s:i s:o}", "output_index", 0, "item", make_item(r, NULL)), out);
	write_event(r, "response.content_part.added", add_position(r, "part", make_part(r, RCD_SV(""))),
	            out);
	write_text_events(r, out);
	if (r->call->fault.kind == RCD_SB_BROKEN) {
		write_event(r, "error",
		            json_pack("{s:s s:s s:n}", "code",
		                      r->call->fault.code[0] != '\0' ? r->call->fault.code : "server_error",
		                      "message", "Broken off, says the sandbox's plan", "param"),
		            out);
		return;
	}
	if (!r->words.broken)
		write_closing_events(r, out);
	(void)snprintf(last, sizeof(last), "response.%s", get_status(r));
	write_event(r, last, json_pack("{s:o}", "response", make_response(r, make_ending(r))), out);
}

static int send_stream(struct rcd_sb_call *c, struct reply *r)
{
	struct rcd_buf out;
	int ret = -1;

	rcd_buf_init(&out, RCD_SB_MAX_BODY);
	write_events(r, &out);
	if (!out.bad)
		ret = rcd_sb_reply(c, 200, "text/event-stream; charset=utf-8", rcd_buf_view(&out));
	c->out->stream = true;
	rcd_buf_free(&out);
	return ret;
}

/* --- the request ----------------------------------------------------------------------- */

/* What a conversation keeps of a response: what was asked and what was answered. One that
 * failed leaves nothing. */
static int keep_items(const struct rcd_sb_call *c, const struct reply *r)
{
	struct rcd_sb_conversations *all = c->box->conversations;
	const json_t *input = json_object_get(r->req, "input");
	json_t *turn, *said = make_output(r);
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

static void write_note(struct rcd_sb_call *c, const struct reply *r, struct rcd_sv user)
{
	const json_t *context = rcd_sb_conversations_items(c->box->conversations, r->conversation);
	const json_t *input = json_object_get(r->req, "input");

	rcd_sb_note_sv(c, "instructions", rcd_json_sv(r->req, "instructions"));
	rcd_sb_note_sv(c, "conversation", r->conversation);
	rcd_sb_note_sv(c, "cache_key", rcd_json_sv(r->req, "prompt_cache_key"));
	rcd_sb_note(c, "store", json_boolean(is_stored(r->req)));
	rcd_sb_note(c, "stream", json_boolean(json_is_true(json_object_get(r->req, "stream"))));
	rcd_sb_note(c, "input",
	            json_integer(json_is_string(input) ? 1 : (json_int_t)json_array_size(input)));
	rcd_sb_note(c, "context", json_integer((json_int_t)json_array_size(context)));
	rcd_sb_note(c, "calls", json_integer((json_int_t)json_array_size(r->calls)));
	rcd_sb_note_sv(c, "user", user);
	rcd_sb_note_sv(c, "text", rcd_buf_view(&r->words.text));
}

static int send_reply(struct rcd_sb_call *c, struct reply *r)
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
	write_note(c, r, user);
	if (keep_items(c, r) != 0)
		return -1;
	if (json_is_true(json_object_get(r->req, "stream")))
		return send_stream(c, r);
	return rcd_sb_reply_json(c, 200, make_response(r, make_ending(r)));
}

static int answer_request(struct rcd_sb_call *c, const json_t *req)
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
	ret = send_reply(c, &r);
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
	ret = rcd_sb_check_response(req, &no) == 0 ? answer_request(c, req)
	                                           : rcd_sb_refuse(c, no.status, no.code, no.message);
	json_decref(req);
	return ret;
}
