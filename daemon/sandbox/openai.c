/* Simulated OpenAI: Chat Completions, whole or as server-sent events. */

#include "daemon/sandbox/openai_calls.h"
#include "daemon/sandbox/openai_see.h"
#include "daemon/sandbox/openai_words.h"

#include "base/clock.h"
#include "base/crypto.h"

#include <stdio.h>
#include <string.h>

/* What one answer is made of. */
struct reply {
	char id[48];
	const char *model; /* borrowed from the request */
	struct rcd_sb_words words;
	json_t *calls;   /* take the place of the words; NULL: none */
	int64_t in, out; /* tokens */
	bool usage;
};

/* --- the request ----------------------------------------------------------------------- */

/* The error message of the real service; NULL when it would accept the request. */
static const char *check_request(const json_t *req, const char **code)
{
	const char *model = json_string_value(json_object_get(req, "model"));
	const json_t *messages = json_object_get(req, "messages");
	const json_t *temperature = json_object_get(req, "temperature");

	*code = "";
	if (model == NULL || model[0] == '\0')
		return "you must provide a model parameter";
	if (!json_is_array(messages) || json_array_size(messages) == 0)
		return "Missing required parameter: 'messages'.";
	*code = "unsupported_value";
	if (rcd_sb_model_reasons(model) && json_is_number(temperature) &&
	    json_number_value(temperature) != 1.0) /* only the exact default is accepted */
		return "'temperature' does not support this value with this model.";
	*code = "unsupported_parameter";
	if (rcd_sb_model_reasons(model) && json_object_get(req, "max_tokens") != NULL)
		return "'max_tokens' is not supported with this model. "
			   "Use 'max_completion_tokens' instead.";
	*code = "";
	return NULL;
}

/* --- the answer ------------------------------------------------------------------------ */

static json_t *make_usage(const struct reply *r)
{
	return json_pack("{s:I s:I s:I s:{s:i}}", "prompt_tokens", (json_int_t)r->in,
	                 "completion_tokens", (json_int_t)r->out, "total_tokens",
	                 (json_int_t)r->in + (json_int_t)r->out, "prompt_tokens_details",
	                 "cached_tokens", 0);
}

/* What was said: as the content, or as a refusal. */
static json_t *make_message(const struct reply *r, const char *text, size_t n)
{
	return r->words.refusal ? json_pack("{s:n s:s%}", "content", "refusal", text, n)
	                        : json_pack("{s:s%}", "content", text, n);
}

/* A call, or the first part of a streamed one: arguments holds what was sent so far. */
static json_t *make_call(const json_t *call, struct rcd_sv arguments)
{
	return json_pack("{s:O s:s s:{s:O s:o}}", "id", json_object_get(call, "id"), "type", "function",
	                 "function", "name", json_object_get(call, "name"), "arguments",
	                 rcd_json_str(arguments));
}

static json_t *make_calls(const struct reply *r)
{
	json_t *calls = json_array(), *call;
	size_t i;

	json_array_foreach (r->calls, i, call)
		(void)json_array_append_new(calls, make_call(call, rcd_json_sv(call, "arguments")));
	return json_pack("{s:n s:o}", "content", "tool_calls", calls);
}

static const char *get_finish(const struct reply *r)
{
	return r->calls != NULL ? "tool_calls" : r->words.finish;
}

static int send_whole(struct rcd_sb_call *c, const struct reply *r)
{
	json_t *message = r->calls != NULL ? make_calls(r)
	                                   : make_message(r, r->words.text.p, r->words.text.n);

	if (r->words.broken) {
		json_decref(message);
		return rcd_sb_refuse(c, 500, c->fault.code, "The model broke off, says the sandbox's plan");
	}
	if (message != NULL)
		(void)json_object_set_new(message, "role", json_string("assistant"));
	return rcd_sb_reply_json(c, 200,
	                         json_pack("{s:s s:s s:I s:s s:[{s:i s:o s:s s:n}] s:o}", "id", r->id,
	                                   "object", "chat.completion", "created",
	                                   (json_int_t)(rcd_now_ms() / 1000), "model", r->model,
	                                   "choices", "index", 0, "message", message, "finish_reason",
	                                   get_finish(r), "logprobs", "usage", make_usage(r)));
}

/* One event around choices (taken over). */
static void write_event(const struct reply *r, int64_t created, json_t *choices, json_t *use,
                        struct rcd_buf *out)
{
	json_t *chunk = json_pack("{s:s s:s s:I s:s s:s s:s s:o}", "id", r->id, "object",
	                          "chat.completion.chunk", "created", (json_int_t)created, "model",
	                          r->model, "service_tier", "default", "system_fingerprint",
	                          "fp_sandbox", "choices", choices);

	if (chunk != NULL && r->usage)
		(void)json_object_set_new(chunk, "usage", use != NULL ? use : json_null());
	else
		json_decref(use);
	rcd_buf_str(out, "data: ");
	rcd_json_text(chunk, out);
	rcd_buf_str(out, "\n\n");
}

static json_t *make_choice(json_t *delta, const char *finish)
{
	return json_pack("[{s:i s:o s:s? s:n}]", "index", 0, "delta", delta, "finish_reason", finish,
	                 "logprobs");
}

static void make_error_event(const struct rcd_sb_call *c, struct rcd_buf *out)
{
	rcd_buf_str(out, "data: ");
	rcd_json_text(json_pack("{s:{s:s s:s s:n s:s}}", "error", "message",
	                        "Broken off, says the sandbox's plan", "type", "server_error", "param",
	                        "code", c->fault.code[0] != '\0' ? c->fault.code : "server_error"),
	              out);
	rcd_buf_str(out, "\n\n");
}

static void write_call_events(const struct reply *r, int64_t created, struct rcd_buf *out)
{
	json_t *call;
	size_t i, n;

	json_array_foreach (r->calls, i, call) {
		struct rcd_sv args = rcd_json_sv(call, "arguments");
		json_t *first = make_call(call, RCD_SV(""));

		(void)json_object_set_new(first, "index", json_integer((json_int_t)i));
		write_event(r, created, make_choice(json_pack("{s:[o]}", "tool_calls", first), NULL), NULL,
		            out);
		for (; (n = rcd_sb_calls_piece(args)) > 0; args = rcd_sv_skip(args, n))
			write_event(r, created,
			            make_choice(json_pack("{s:[{s:i s:{s:s%}}]}", "tool_calls", "index", (int)i,
			                                  "function", "arguments", args.p, n),
			                        NULL),
			            NULL, out);
	}
}

static void write_events(const struct rcd_sb_call *c, const struct reply *r, struct rcd_buf *out)
{
	int64_t created = rcd_now_ms() / 1000;
	struct rcd_sv text = rcd_buf_view(&r->words.text);
	size_t n;

	write_event(r, created,
	            make_choice(json_pack("{s:s s:s s:n}", "role", "assistant", "content", "",
	                                  "refusal"),
	                        NULL),
	            NULL, out);
	if (r->calls != NULL)
		text.n = 0;
	write_call_events(r, created, out);
	while ((n = rcd_sb_words_piece(text)) > 0) {
		write_event(r, created, make_choice(make_message(r, text.p, n), NULL), NULL, out);
		text = rcd_sv_skip(text, n);
	}
	if (r->words.broken) {
		make_error_event(c, out);
		return;
	}
	write_event(r, created, make_choice(json_object(), get_finish(r)), NULL, out);
	if (r->usage)
		write_event(r, created, json_array(), make_usage(r), out);
	rcd_buf_str(out, "data: [DONE]\n\n");
}

static int send_stream(struct rcd_sb_call *c, const struct reply *r)
{
	struct rcd_buf out;
	int ret = -1;

	rcd_buf_init(&out, RCD_SB_MAX_BODY);
	write_events(c, r, &out);
	if (!out.bad)
		ret = rcd_sb_reply(c, 200, "text/event-stream; charset=utf-8", rcd_buf_view(&out));
	c->out->stream = true;
	rcd_buf_free(&out);
	return ret;
}

/* An empty summary, when the request wants a JSON object and the plan names no text. */
static void print_json(const struct rcd_sb_call *c, const json_t *req, struct reply *r)
{
	const json_t *format = json_object_get(req, "response_format");

	if (!rcd_sv_is(rcd_json_sv(format, "type"), "json_object") || c->fault.text != NULL)
		return;
	rcd_buf_reset(&r->words.text);
	rcd_buf_str(&r->words.text, "{\"summary\":\"Conversa do sandbox.\",\"facts\":[]}");
}

static int answer_chat(struct rcd_sb_call *c, const json_t *req)
{
	const json_t *options = json_object_get(req, "stream_options");
	struct reply r = {.model = json_string_value(json_object_get(req, "model")),
	                  .usage = json_is_true(json_object_get(options, "include_usage"))};
	struct rcd_sv user = rcd_sb_words_of_user(json_object_get(req, "messages"));
	int ret = -1;

	(void)snprintf(r.id, sizeof(r.id), "chatcmpl-");
	rcd_random_hex(r.id + strlen(r.id), 14);
	r.in = rcd_sb_tokens(rcd_sb_req_body(c->req).n);
	c->out->delay_ms = c->box->chat_delay_ms;
	rcd_sb_header(c, "x-request-id", "req_%s", r.id + sizeof("chatcmpl-") - 1);
	rcd_sb_note_sv(c, "user", user);
	if (rcd_sb_words_make(&c->fault, req, user, &r.words) == 0 &&
	    rcd_sb_calls_next(req, NULL, &r.calls) == 0) {
		print_json(c, req, &r);
		rcd_sb_note(c, "calls", json_integer((json_int_t)json_array_size(r.calls)));
		r.out = rcd_sb_tokens(r.words.text.n);
		rcd_sb_note_sv(c, "text", rcd_buf_view(&r.words.text));
		ret = json_is_true(json_object_get(req, "stream")) ? send_stream(c, &r) : send_whole(c, &r);
	}
	rcd_sb_words_done(&r.words);
	json_decref(r.calls);
	return ret;
}

int rcd_sb_openai_chat(struct rcd_sb_call *c)
{
	struct rcd_sb_ruling no = {.status = 0};
	const char *message, *code;
	bool nomem;
	json_t *req = rcd_sb_json(c, &nomem);
	int ret;

	if (req == NULL)
		return nomem ? -1 : rcd_sb_refuse(c, 400, "", "The body is not a JSON object");
	rcd_sb_note_sv(c, "model", rcd_json_sv(req, "model"));
	rcd_sb_note(c, "messages",
	            json_integer((json_int_t)json_array_size(json_object_get(req, "messages"))));
	rcd_sb_note(c, "stream", json_boolean(json_is_true(json_object_get(req, "stream"))));
	rcd_sb_note(c, "pictures",
	            json_integer((json_int_t)rcd_sb_pictures(json_object_get(req, "messages"))));
	message = check_request(req, &code);
	if (message == NULL &&
	    rcd_sb_check_pictures(json_object_get(req, "messages"),
	                          json_string_value(json_object_get(req, "model")), &no) != 0) {
		message = no.message;
		code = no.code;
	}
	ret = message != NULL ? rcd_sb_refuse(c, 400, code, message) : answer_chat(c, req);
	json_decref(req);
	return ret;
}
