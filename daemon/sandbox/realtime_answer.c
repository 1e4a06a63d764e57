/* Responses of the simulated Realtime API. */

#include "daemon/sandbox/openai_calls.h"
#include "daemon/sandbox/openai_words.h"
#include "daemon/sandbox/realtime_int.h"
#include "daemon/sandbox/speech.h"

#include "base/crypto.h"
#include "base/limits.h"

#include <string.h>

#define SAMPLES 4800 /* of one delta: 200 ms */
#define MAX_SOUND ((size_t)32 * 1024 * 1024)

struct response {
	struct rcd_sb_session *s;
	const json_t *ask; /* "response" of the event; may be NULL */
	const struct rcd_sb_fault *fault;
	char id[RCD_SB_RT_ID], item[RCD_SB_RT_ID];
	bool speaks, aside; /* aside: conversation "none" */
	json_t *sees;       /* [{"id", "text"}]: the whole context, for the ledger */
	json_t *heard;      /* the texts of conversation items among them */
	json_t *calls;      /* take the place of the words; NULL: none */
	struct rcd_sb_words words;
	struct rcd_sv user; /* what the user said last, inside sees */
};

/* --- what it sees ------------------------------------------------------------------------ */

static int add_seen(struct response *r, const char *id, const char *role, struct rcd_sv text)
{
	json_t *one = json_pack("{s:s? s:s s:o}", "id", id, "role", role, "text", rcd_json_str(text));

	if (json_array_append_new(r->sees, one) != 0)
		return -1;
	if (strcmp(role, "user") == 0)
		r->user = rcd_json_sv(one, "text");
	return 0;
}

/* The text of all parts, those that have one. */
static int read_message(struct response *r, const json_t *item)
{
	const json_t *part;
	struct rcd_buf text;
	size_t i;
	int ret = -1;

	rcd_buf_init(&text, RCD_MAX_JSON);
	rcd_buf_str(&text, "");
	json_array_foreach (json_object_get(item, "content"), i, part) {
		rcd_buf_sv(&text, rcd_json_sv(part, "text"));
	}
	if (!text.bad)
		ret = add_seen(r, json_string_value(json_object_get(item, "id")),
		               json_string_value(json_object_get(item, "role")), rcd_buf_view(&text));
	rcd_buf_free(&text);
	return ret;
}

static int read_heard(struct response *r, const struct rcd_sb_rt_item *item)
{
	struct rcd_sv text = rcd_sv(item->text);

	return json_array_append_new(r->heard, rcd_json_str(text)) == 0
	           ? add_seen(r, item->id, "user", text)
	           : -1;
}

/* A call of an earlier response, or what came of it. */
static int read_tool(struct response *r, const json_t *item)
{
	if (rcd_sv_is(rcd_json_sv(item, "type"), "function_call"))
		return add_seen(r, NULL, "assistant", rcd_json_sv(item, "name"));
	if (rcd_sv_is(rcd_json_sv(item, "type"), "function_call_output"))
		return add_seen(r, NULL, "tool", rcd_json_sv(item, "output"));
	return read_message(r, item);
}

/* 0, 1 when it refers to an item that is not there, -1. */
static int read_context(struct response *r)
{
	const json_t *input = json_object_get(r->ask, "input"), *item;
	struct rcd_sv instructions = rcd_json_sv(r->ask, "instructions");
	size_t i;

	r->sees = json_array();
	r->heard = json_array();
	if (r->sees == NULL || r->heard == NULL ||
	    (instructions.n > 0 && add_seen(r, NULL, "system", instructions) != 0))
		return -1;
	for (i = 0; input == NULL && i < r->s->n_items; i++)
		if (read_heard(r, &r->s->item[i]) != 0)
			return -1;
	json_array_foreach (input, i, item) {
		const struct rcd_sb_rt_item *known = rcd_sb_rt_item(r->s, rcd_json_sv(item, "id"));
		bool reference = rcd_sv_is(rcd_json_sv(item, "type"), "item_reference");

		if (reference && known == NULL)
			return 1;
		if (reference ? read_heard(r, known) != 0 : read_tool(r, item) != 0)
			return -1;
	}
	return 0;
}

/* --- what it says ------------------------------------------------------------------------ */

/* The context in the form of a chat's request; NULL: no memory. */
static json_t *make_request(const struct response *r)
{
	json_t *messages = json_array();
	const json_t *one;
	size_t i;

	json_array_foreach (r->sees, i, one)
		if (json_array_append_new(messages,
		                          json_pack("{s:O s:O}", "role", json_object_get(one, "role"),
		                                    "content", json_object_get(one, "text"))) != 0) {
			json_decref(messages);
			return NULL;
		}
	return json_pack("{s:o}", "messages", messages);
}

static int make_words(struct response *r)
{
	json_t *req = make_request(r);
	int ret = req != NULL ? rcd_sb_words_make(r->fault, req, r->user, &r->words) : -1;

	json_decref(req);
	return ret;
}

static int send_part(struct response *r, const char *type, const char *key, json_t *value)
{
	json_t *e = json_pack("{s:s s:s s:s s:i s:i}", "type", type, "response_id", r->id, "item_id",
	                      r->item, "output_index", 0, "content_index", 0);

	if (e != NULL && key != NULL && json_object_set_new(e, key, value) != 0) {
		json_decref(e);
		return -1;
	}
	if (e == NULL && key != NULL)
		json_decref(value);
	return rcd_sb_rt_send(r->s, e);
}

static json_t *make_item_json(const struct response *r, const char *status, bool whole)
{
	const char *type = r->speaks ? "output_audio" : "output_text";

	return rcd_sb_rt_item_json(r->item, "assistant", status, whole ? type : NULL,
	                           r->speaks ? "transcript" : "text", rcd_buf_view(&r->words.text));
}

static json_t *make_usage(const struct response *r)
{
	int64_t in = 1, out = rcd_sb_tokens(r->words.text.n);
	const json_t *one;
	size_t i;

	json_array_foreach (r->sees, i, one)
		in += rcd_sb_tokens(rcd_json_sv(one, "text").n);
	return json_pack("{s:I s:I s:I s:{s:I s:i s:i} s:{s:I s:I}}", "total_tokens",
	                 (json_int_t)in + (json_int_t)out, "input_tokens", (json_int_t)in,
	                 "output_tokens", (json_int_t)out, "input_token_details", "text_tokens",
	                 (json_int_t)in, "audio_tokens", 13, "cached_tokens", 0, "output_token_details",
	                 "text_tokens", (json_int_t)out, "audio_tokens",
	                 r->speaks ? (json_int_t)out * 3 : 0);
}

static int send_response(struct response *r, const char *type, const char *status, json_t *details)
{
	bool done = strcmp(type, "response.done") == 0;
	const char *ends = strcmp(status, "completed") == 0 ? status : "incomplete";
	json_t *output;

	if (!done)
		output = json_array();
	else if (r->calls != NULL)
		output = rcd_sb_rt_call_items(r->calls, ends);
	else
		output = json_pack("[o]", make_item_json(r, ends, /* whole= */ true));
	return rcd_sb_rt_send(r->s,
	                      json_pack("{s:s s:{s:s s:s s:s s:o? s:o s:s? s:[s] s:O? s:o?}}", "type",
	                                type, "response", "object", "realtime.response", "id", r->id,
	                                "status", status, "status_details", details, "output", output,
	                                "conversation_id", r->aside ? NULL : "conv_sandbox",
	                                "output_modalities", r->speaks ? "audio" : "text", "metadata",
	                                json_object_get(r->ask, "metadata"), "usage",
	                                done ? make_usage(r) : NULL));
}

static int send_begin(struct response *r)
{
	json_t *part;

	if (r->calls != NULL)
		return send_response(r, "response.created", "in_progress", NULL);
	part = json_pack("{s:s s:s}", "type", r->speaks ? "audio" : "text",
	                 r->speaks ? "transcript" : "text", "");
	if (send_response(r, "response.created", "in_progress", NULL) != 0 ||
	    rcd_sb_rt_send(r->s, json_pack("{s:s s:s s:i s:o}", "type", "response.output_item.added",
	                                   "response_id", r->id, "output_index", 0, "item",
	                                   make_item_json(r, "in_progress", /* whole= */ false))) !=
	        0) {
		json_decref(part);
		return -1;
	}
	return send_part(r, "response.content_part.added", "part", part);
}

static int send_words(struct response *r)
{
	const char *type = r->speaks ? "response.output_audio_transcript.delta"
	                             : "response.output_text.delta";
	struct rcd_sv text = rcd_buf_view(&r->words.text);

	while (text.n > 0) {
		size_t n = rcd_sb_words_piece(text);

		if (send_part(r, type, "delta", rcd_json_str((struct rcd_sv){text.p, n})) != 0 ||
		    rcd_sb_wire_sleep(r->s->wire, r->fault->pace_ms) != 0)
			return -1;
		text = rcd_sv_skip(text, n);
	}
	return 0;
}

static int send_sound(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err)
{
	struct response *r = arg;

	for (size_t at = 0; at < n; at += SAMPLES) {
		size_t k = n - at < SAMPLES ? n - at : SAMPLES;
		struct rcd_buf code;
		int ret = -1;

		rcd_buf_init(&code, MAX_SOUND);
		rcd_base64((struct rcd_sv){(const char *)(pcm + at), k * sizeof(*pcm)}, &code);
		if (!code.bad)
			ret = send_part(r, "response.output_audio.delta", "delta",
			                rcd_json_str(rcd_buf_view(&code)));
		rcd_buf_free(&code);
		if (ret != 0)
			return rcd_fail(err, RCD_CANCELLED, 0, "nobody listens");
	}
	return 0;
}

static int say_sound(struct response *r)
{
	static const atomic_bool never;
	struct rcd_sv text = rcd_buf_view(&r->words.text);

	if (!r->speaks || text.n == 0)
		return 0;
	return rcd_sb_speech(text, RCD_SB_RT_HZ, send_sound, r, &never, RCD_UNREAD_ERR);
}

/* --- how it ends ------------------------------------------------------------------------- */

static int finish_item(struct response *r, const char *status)
{
	json_t *text = rcd_json_str(rcd_buf_view(&r->words.text));
	int ret;

	if (r->speaks)
		ret = send_part(r, "response.output_audio_transcript.done", "transcript", text) != 0
		          ? -1
		          : send_part(r, "response.output_audio.done", NULL, NULL);
	else
		ret = send_part(r, "response.output_text.done", "text", text);
	if (ret != 0)
		return -1;
	return rcd_sb_rt_send(r->s, json_pack("{s:s s:s s:i s:o}", "type", "response.output_item.done",
	                                      "response_id", r->id, "output_index", 0, "item",
	                                      make_item_json(r, status, /* whole= */ true)));
}

static int send_end(struct response *r)
{
	const char *code = r->fault->code[0] != '\0' ? r->fault->code : "server_error";
	json_t *details = NULL;
	const char *status = "completed";

	switch (r->fault->kind) {
	case RCD_SB_CUT:
		r->s->cut = true;
		return -1;
	case RCD_SB_NEVER:
		return 0;
	case RCD_SB_GARBAGE: /* reserved bits, a reserved opcode, an impossible length */
		return rcd_sb_wire_raw(r->s->wire,
		                       RCD_SV("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
	case RCD_SB_BROKEN:
		return rcd_sb_rt_error(r->s, NULL, code, code, "Says the sandbox's plan");
	case RCD_SB_FAILED:
		status = "failed";
		details = json_pack("{s:s s:{s:s s:s}}", "type", status, "error", "type", code, "code",
		                    code);
		break;
	case RCD_SB_INCOMPLETE:
	case RCD_SB_FILTERED:
		status = "incomplete";
		details = json_pack("{s:s s:s}", "type", status, "reason",
		                    r->fault->kind == RCD_SB_FILTERED ? "content_filter"
		                                                      : "max_output_tokens");
		break;
	default:
		break;
	}
	if ((r->calls == NULL && finish_item(r, status) != 0) ||
	    send_response(r, "response.done", status, details) != 0)
		return -1;
	return rcd_sb_rt_send(r->s, json_pack("{s:s s:[{s:s s:i s:i s:f}]}", "type",
	                                      "rate_limits.updated", "rate_limits", "name", "requests",
	                                      "limit", 1000, "remaining", 999, "reset_seconds", 0.06));
}

/* --- the event --------------------------------------------------------------------------- */

static int write_note(const struct response *r)
{
	return rcd_sb_ledger_add(r->s->box->ledger,
	                         json_pack("{s:s s:s s:s s:s s:b s:b s:O s:i s:o s:s}", "provider",
	                                   "openai", "op", "realtime.response", "session", r->s->id,
	                                   "response", r->id, "aside", r->aside, "audio", r->speaks,
	                                   "sees", r->sees, "calls", (int)json_array_size(r->calls),
	                                   "text", rcd_json_str(rcd_buf_view(&r->words.text)),
	                                   "decision", rcd_sb_fault_name(r->fault)));
}

/* Adds the answer to the conversation, so that later requests can refer to it. */
static int keep_answer(struct response *r)
{
	struct rcd_sb_session *s = r->s;

	if (r->aside || r->calls != NULL || s->n_items == RCD_SB_ITEMS)
		return 0;
	s->item[s->n_items].text = rcd_sv_dup(rcd_buf_view(&r->words.text));
	if (s->item[s->n_items].text == NULL)
		return -1;
	memcpy(s->item[s->n_items++].id, r->item, sizeof(r->item));
	return 0;
}

static int answer_event(struct response *r, const json_t *event)
{
	int seen = read_context(r);

	if (seen == 1)
		return rcd_sb_rt_error(r->s, event, RCD_SB_RT_INVALID, "item_not_found",
		                       "Item in 'response.input' was not found");
	if (seen != 0 || make_words(r) != 0 || rcd_sb_calls_next(r->ask, r->heard, &r->calls) != 0)
		return -1;
	if (r->fault->kind == RCD_SB_CUT || r->fault->kind == RCD_SB_GARBAGE)
		r->words.text.n = rcd_utf8_cut(rcd_buf_view(&r->words.text), r->words.text.n / 2);
	if (write_note(r) != 0)
		return -1;
	if (r->fault->kind == RCD_SB_STATUS)
		return rcd_sb_rt_refuse(r->s, event, r->fault);
	if (send_begin(r) != 0 ||
	    rcd_sb_wire_sleep(r->s->wire, r->s->box->chat_delay_ms + r->fault->delay_ms) != 0)
		return -1;
	if (r->fault->kind == RCD_SB_NEVER)
		return 0;
	if (r->calls != NULL ? rcd_sb_rt_say_calls(r->s, r->id, r->calls) != 0
	                     : send_words(r) != 0 || say_sound(r) != 0)
		return -1;
	return send_end(r) == 0 ? keep_answer(r) : -1;
}

int rcd_sb_rt_respond(struct rcd_sb_session *s, const json_t *event)
{
	struct response r = {.s = s, .ask = json_object_get(event, "response"), .speaks = s->speaks};
	const char *code, *wrong = rcd_sb_rt_check_response(r.ask, &code);
	const json_t *modality = json_array_get(json_object_get(r.ask, "output_modalities"), 0);
	struct rcd_sb_fault fault;
	int ret;

	if (wrong != NULL)
		return rcd_sb_rt_error(s, event, RCD_SB_RT_INVALID, code, wrong);
	if (rcd_sb_plan_ask(s->box->plan, "openai", "realtime.response", &fault) != 0)
		return -1;
	r.fault = &fault;
	if (modality != NULL)
		r.speaks = rcd_sv_is(rcd_sv(json_string_value(modality)), "audio");
	r.aside = rcd_sv_is(rcd_json_sv(r.ask, "conversation"), "none");
	rcd_sb_rt_id("resp", r.id);
	rcd_sb_rt_id("item", r.item);
	ret = answer_event(&r, event);
	json_decref(r.sees);
	json_decref(r.heard);
	json_decref(r.calls);
	rcd_sb_words_done(&r.words);
	rcd_sb_fault_done(&fault);
	return ret;
}
