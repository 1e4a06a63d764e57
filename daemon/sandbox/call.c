/* What every simulated operation does: note, reply, refuse. */

#include "daemon/sandbox/box.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_REPLY ((size_t)64 * 1024 * 1024)

void rcd_sb_note(struct rcd_sb_call *c, const char *key, json_t *take)
{
	(void)json_object_set_new(c->note, key, take);
}

void rcd_sb_note_sv(struct rcd_sb_call *c, const char *key, struct rcd_sv v)
{
	if (v.p != NULL)
		rcd_sb_note(c, key, rcd_json_str(v));
}

int rcd_sb_reply(struct rcd_sb_call *c, int status, const char *type, struct rcd_sv body)
{
	struct rcd_sb_body *b = rcd_sb_body_new();

	if (b == NULL)
		return -1;
	if (rcd_sb_body_add(b, body.p, body.n) != 0) {
		(void)rcd_sb_body_unref(b);
		return -1;
	}
	rcd_sb_body_end(b, false);
	(void)rcd_sb_body_unref(c->out->body);
	c->out->body = b;
	c->out->status = status;
	c->out->type = type;
	return 0;
}

int rcd_sb_reply_json(struct rcd_sb_call *c, int status, json_t *take)
{
	struct rcd_buf text;
	int ret = -1;

	rcd_buf_init(&text, MAX_REPLY);
	rcd_json_text(take, &text);
	if (!text.bad)
		ret = rcd_sb_reply(c, status, "application/json", rcd_buf_view(&text));
	rcd_buf_free(&text);
	return ret;
}

void rcd_sb_header(struct rcd_sb_call *c, const char *name, const char *fmt, ...)
{
	struct rcd_sb_answer *out = c->out;
	va_list ap;

	if (out->n_headers == RCD_SB_MAX_HEADERS)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(out->header[out->n_headers].value, sizeof(out->header[0].value), fmt, ap);
	va_end(ap);
	out->header[out->n_headers++].name = name;
}

/* --- errors ---------------------------------------------------------------------------- */

static json_t *twilio_error(int status, const char *code, const char *message)
{
	int64_t n = status == 401 ? 20003 : status == 404 ? 20404 : status == 429 ? 20429 : 20500;
	char url[80];

	if (code[0] != '\0')
		(void)rcd_parse_i64(rcd_sv(code), 1, 999999, &n);
	(void)snprintf(url, sizeof(url), "https://www.twilio.com/docs/errors/%lld", (long long)n);
	return json_pack("{s:I, s:s, s:s, s:i}", "code", (json_int_t)n, "message", message, "more_info",
	                 url, "status", status);
}

static json_t *openai_error(int status, const char *code, const char *message)
{
	const char *type = status == 429   ? "requests"
	                   : status >= 500 ? "server_error"
	                                   : "invalid_request_error";
	const char *usual = status == 401   ? "invalid_api_key"
	                    : status == 429 ? "rate_limit_exceeded"
	                                    : NULL;

	return json_pack("{s:{s:s, s:s, s:n, s:s?}}", "error", "message", message, "type", type,
	                 "param", "code", code[0] != '\0' ? code : usual);
}

static json_t *elevenlabs_error(int status, const char *code, const char *message)
{
	const char *usual = status == 401   ? "invalid_api_key"
	                    : status == 404 ? "voice_not_found"
	                    : status == 429 ? "too_many_concurrent_requests"
	                    : status >= 500 ? "internal_server_error"
	                                    : "invalid_request";

	return json_pack("{s:{s:s, s:s}}", "detail", "status", code[0] != '\0' ? code : usual,
	                 "message", message);
}

int rcd_sb_refuse(struct rcd_sb_call *c, int status, const char *code, const char *message)
{
	enum rcd_sb_provider who = c->route != NULL ? c->route->provider : RCD_SB_NOBODY;
	json_t *body;

	if (code[0] != '\0')
		rcd_sb_note(c, "code", json_string(code));
	if (who == RCD_SB_S3)
		return rcd_sb_s3_error(c, status, code, message);
	if (who == RCD_SB_TWILIO)
		body = twilio_error(status, code, message);
	else if (who == RCD_SB_ELEVENLABS)
		body = elevenlabs_error(status, code, message);
	else
		body = openai_error(status, code, message);
	return rcd_sb_reply_json(c, status, body);
}

/* --- requests -------------------------------------------------------------------------- */

json_t *rcd_sb_json(struct rcd_sb_call *c, bool *nomem)
{
	struct rcd_err err = {0};
	json_t *v = NULL;

	*nomem = false;
	if (rcd_json_parse(rcd_sb_req_body(c->req), RCD_SB_MAX_BODY, &v, &err) != 0) {
		*nomem = err.code == RCD_NOMEM;
		return NULL;
	}
	if (!json_is_object(v)) {
		json_decref(v);
		return NULL;
	}
	return v;
}
