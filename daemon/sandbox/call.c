/* What every simulated operation does: read its request, write its note, reply. */

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
