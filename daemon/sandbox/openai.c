/* Simulated OpenAI: Chat Completions, whole or as server-sent events. */

#include "daemon/sandbox/box.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUOTED 80 /* bytes of the customer's words in the answer */

/* What one answer is made of. */
struct reply {
	char id[48];
	const char *model; /* borrowed from the request */
	struct rcd_buf text;
	int64_t in, out; /* tokens, about four bytes each */
	bool usage;
};

/* --- the request ----------------------------------------------------------------------- */

/* A message's text: a string, or the first text part of an array. */
static struct rcd_sv content(const json_t *message)
{
	const json_t *parts = json_object_get(message, "content");
	size_t i;
	json_t *part;

	if (json_is_string(parts))
		return rcd_json_sv(message, "content");
	json_array_foreach(parts, i, part)
		if (rcd_sv_is(rcd_json_sv(part, "type"), "text"))
			return rcd_json_sv(part, "text");
	return rcd_sv(NULL);
}

static struct rcd_sv last_of_user(const json_t *messages)
{
	for (size_t i = json_array_size(messages); i > 0; i--) {
		const json_t *m = json_array_get(messages, i - 1);

		if (rcd_sv_is(rcd_json_sv(m, "role"), "user"))
			return content(m);
	}
	return rcd_sv(NULL);
}

static bool reasons(const char *model)
{
	static const char *const family[] = {"gpt-5", "gpt-6", "o1", "o3", "o4"};

	for (size_t i = 0; i < sizeof(family) / sizeof(family[0]); i++)
		if (rcd_sv_starts(rcd_sv(model), rcd_sv(family[i])))
			return true;
	return false;
}

/* What the real one would refuse: NULL for nothing. */
static const char *judge(const json_t *req, const char **code)
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
	if (reasons(model) && json_is_number(temperature) &&
	    json_number_value(temperature) != 1.0) /* exactly the default, as they compare it */
		return "'temperature' does not support this value with this model.";
	*code = "unsupported_parameter";
	if (reasons(model) && json_object_get(req, "max_tokens") != NULL)
		return "'max_tokens' is not supported with this model. "
		       "Use 'max_completion_tokens' instead.";
	*code = "";
	return NULL;
}

/* --- the answer ------------------------------------------------------------------------ */

static void say(const struct rcd_sb_call *c, struct rcd_sv user, struct rcd_buf *out)
{
	struct rcd_sv quote = {user.p, rcd_utf8_cut(user, QUOTED)};

	if (c->fault.text != NULL)
		rcd_buf_str(out, c->fault.text);
	else if (user.n == 0)
		rcd_buf_str(out, "Olá! Como posso ajudar?");
	else
		rcd_buf_fmt(out, "Entendi: “%.*s%s”. Já estou vendo isso para você. "
		            "Posso ajudar em mais alguma coisa?",
		            RCD_SV_ARG(quote), quote.n < user.n ? "…" : "");
}

static json_t *usage(const struct reply *r)
{
	return json_pack("{s:I s:I s:I s:{s:i}}", "prompt_tokens", (json_int_t)r->in,
	                 "completion_tokens", (json_int_t)r->out, "total_tokens",
	                 (json_int_t)r->in + (json_int_t)r->out, "prompt_tokens_details", "cached_tokens", 0);
}

static int whole(struct rcd_sb_call *c, const struct reply *r)
{
	return rcd_sb_reply_json(
		c, 200,
		json_pack("{s:s s:s s:I s:s s:[{s:i s:{s:s s:s s:n} s:s s:n}] s:o}", "id", r->id,
	                  "object", "chat.completion", "created", (json_int_t)(rcd_now_ms() / 1000),
	                  "model", r->model, "choices", "index", 0, "message", "role", "assistant",
	                  "content", r->text.p, "refusal", "finish_reason", "stop", "logprobs",
	                  "usage", usage(r)));
}

/* One event around choices (taken over). */
static void event(const struct reply *r, int64_t created, json_t *choices, json_t *use,
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

static json_t *choice(json_t *delta, const char *finish)
{
	return json_pack("[{s:i s:o s:s? s:n}]", "index", 0, "delta", delta, "finish_reason", finish,
	                 "logprobs");
}

/* A word with the white space behind it: the size of what real models send. */
static size_t piece(struct rcd_sv text)
{
	size_t n = 0;

	while (n < text.n && text.p[n] != ' ' && text.p[n] != '\n')
		n++;
	while (n < text.n && (text.p[n] == ' ' || text.p[n] == '\n'))
		n++;
	return n;
}

static void events(const struct reply *r, struct rcd_buf *out)
{
	int64_t created = rcd_now_ms() / 1000;
	struct rcd_sv text = rcd_buf_view(&r->text);

	event(r, created,
	      choice(json_pack("{s:s s:s s:n}", "role", "assistant", "content", "", "refusal"), NULL),
	      NULL, out);
	while (text.n > 0) {
		size_t n = piece(text);

		event(r, created, choice(json_pack("{s:s%}", "content", text.p, n), NULL), NULL, out);
		text = rcd_sv_skip(text, n);
	}
	event(r, created, choice(json_object(), "stop"), NULL, out);
	if (r->usage)
		event(r, created, json_array(), usage(r), out);
	rcd_buf_str(out, "data: [DONE]\n\n");
}

static int stream(struct rcd_sb_call *c, const struct reply *r)
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

static int complete(struct rcd_sb_call *c, const json_t *req)
{
	const json_t *options = json_object_get(req, "stream_options");
	struct reply r = {.model = json_string_value(json_object_get(req, "model")),
	                  .usage = json_is_true(json_object_get(options, "include_usage"))};
	struct rcd_sv user = last_of_user(json_object_get(req, "messages"));
	int ret = -1;

	(void)snprintf(r.id, sizeof(r.id), "chatcmpl-");
	rcd_random_hex(r.id + strlen(r.id), 14);
	rcd_buf_init(&r.text, RCD_MAX_TEXT + 512);
	say(c, user, &r.text);
	r.in = (int64_t)rcd_sb_req_body(c->req).n / 4 + 1;
	r.out = (int64_t)r.text.n / 4 + 1;
	c->out->delay_ms = c->box->chat_delay_ms;
	rcd_sb_header(c, "x-request-id", "req_%s", r.id + sizeof("chatcmpl-") - 1);
	rcd_sb_note_sv(c, "user", user);
	if (!r.text.bad) {
		rcd_sb_note_sv(c, "text", rcd_buf_view(&r.text));
		ret = json_is_true(json_object_get(req, "stream")) ? stream(c, &r) : whole(c, &r);
	}
	rcd_buf_free(&r.text);
	return ret;
}

int rcd_sb_openai_chat(struct rcd_sb_call *c)
{
	const char *message, *code;
	bool nomem;
	json_t *req = rcd_sb_json(c, &nomem);
	int ret;

	if (req == NULL)
		return nomem ? -1 : rcd_sb_refuse(c, 400, "", "The body is not a JSON object");
	rcd_sb_note_sv(c, "model", rcd_json_sv(req, "model"));
	rcd_sb_note(c, "messages", json_integer((json_int_t)json_array_size(json_object_get(req, "messages"))));
	rcd_sb_note(c, "stream", json_boolean(json_is_true(json_object_get(req, "stream"))));
	message = judge(req, &code);
	ret = message != NULL ? rcd_sb_refuse(c, 400, code, message) : complete(c, req);
	json_decref(req);
	return ret;
}
