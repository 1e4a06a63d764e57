/* A finished stream of events, sent at the pace of a model that thinks. */

#include "daemon/sandbox/box.h"
#include "daemon/sandbox/server_int.h"

#include <stdlib.h>
#include <string.h>

struct pace {
	struct rcd_sandbox *box;
	struct rcd_sb_body *to;
	char *text;
	size_t n, pos;
	int ms, pieces;
	bool cut;
	const char *op; /* of the route: static */
};

static void record_end(const struct pace *p, const char *decision)
{
	(void)rcd_sb_ledger_add(p->box->ledger, json_pack("{s:s s:s s:s s:s s:i s:I s:s}", "provider",
	                                                  "openai", "op", "stream", "direction", "out",
	                                                  "of", p->op, "pieces", p->pieces, "bytes",
	                                                  (json_int_t)p->pos, "decision", decision));
}

static void finish_stream(struct pace *p, const char *decision, bool failed)
{
	record_end(p, decision);
	rcd_sb_body_end(p->to, failed);
	(void)rcd_sb_body_unref(p->to);
	free(p->text);
	free(p);
}

/* The events up to and including the next one that brings text. */
static size_t take_next_piece(const struct pace *p)
{
	const char *at = p->text + p->pos, *end = p->text + p->n;
	const char *delta = memmem(at, (size_t)(end - at), "\"delta\":", 8);
	const char *stop = delta != NULL ? memmem(delta, (size_t)(end - delta), "\n\n", 2) : NULL;

	return stop != NULL ? (size_t)(stop + 2 - at) : (size_t)(end - at);
}

static void send_next(void *arg)
{
	struct pace *p = arg;
	size_t n = take_next_piece(p);

	if (rcd_sb_body_add(p->to, p->text + p->pos, n) != 0) {
		finish_stream(p, "left", true);
		return;
	}
	p->pos += n;
	p->pieces++;
	if (p->pos == p->n)
		finish_stream(p, p->cut ? "cut" : "ok", p->cut);
	else if (rcd_sb_timer_add(p->box->timer, p->ms, send_next, p) != 0)
		finish_stream(p, "stopped", true);
}

/* The whole of a finished body; NULL when memory is short. */
static char *copy_text(struct rcd_sb_body *b, size_t *n)
{
	long length = rcd_sb_body_length(b);
	char *text = length >= 0 ? malloc((size_t)length + 1) : NULL;
	long got;

	if (text == NULL)
		return NULL;
	for (*n = 0; *n < (size_t)length; *n += (size_t)got) {
		got = rcd_sb_body_read(b, *n, text + *n, (size_t)length - *n, false);
		if (got <= 0)
			break;
	}
	return text;
}

int rcd_sb_pace(struct rcd_sb_call *c)
{
	struct pace *p = calloc(1, sizeof(*p));
	struct rcd_sb_body *to = rcd_sb_body_new();
	char *text = NULL;
	size_t n = 0;

	if (p == NULL || to == NULL || (text = copy_text(c->out->body, &n)) == NULL)
		goto fail;
	*p = (struct pace){.box = c->box,
	                   .to = to,
	                   .text = text,
	                   .n = c->out->cut ? n / 2 : n,
	                   .ms = c->fault.pace_ms,
	                   .cut = c->out->cut,
	                   .op = c->route->op};
	(void)rcd_sb_body_ref(to); /* ours; the first one goes to the server */
	if (rcd_sb_timer_add(c->box->timer, c->out->delay_ms, send_next, p) != 0) {
		(void)rcd_sb_body_unref(to);
		goto fail;
	}
	(void)rcd_sb_body_unref(c->out->body);
	c->out->body = to;
	c->out->cut = false;
	return 0;
fail:
	(void)rcd_sb_body_unref(to);
	free(text);
	free(p);
	return -1;
}
