/* Inbound messages that are in the account but were never delivered by a webhook. */

#include "daemon/sandbox/box.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The sid of the message that a media URL belongs to; a new one without a URL. */
static int choose_sid(struct rcd_sandbox *s, const char *media_url, char sid[RCD_SB_SID])
{
	struct rcd_sv rest = rcd_sv(media_url), before = {NULL, 0}, part;
	char hex[33], cdn[33];

	if (media_url == NULL) {
		rcd_random_hex(hex, 16);
		(void)snprintf(sid, RCD_SB_SID, "SM%s", hex);
		return 0;
	}
	while (rcd_sv_cut(&rest, '/', &part) && !rcd_sv_is(part, "Media"))
		before = part;
	if (before.n != RCD_SB_SID - 1 || !rcd_sb_media_find(s->media, before, rest, cdn))
		return -1;
	memcpy(sid, before.p, before.n);
	sid[before.n] = '\0';
	return 0;
}

static int make_inbound_form(const struct rcd_sandbox *s, const struct rcd_sandbox_inbound *m,
                             struct rcd_form *f)
{
	bool whatsapp = rcd_sv_starts(rcd_sv(m->from), RCD_SV("whatsapp:"));
	struct rcd_buf text, to;
	int ret = -1;

	rcd_buf_init(&text, RCD_MAX_WEBHOOK);
	rcd_buf_init(&to, RCD_MAX_ADDRESS + 1);
	rcd_buf_fmt(&to, "%s%s", whatsapp ? "whatsapp:" : "", s->value[RCD_SB_TWILIO_NUMBER]);
	rcd_form_add(&text, "From", rcd_sv(m->from));
	rcd_form_add(&text, "To", m->to != NULL ? rcd_sv(m->to) : rcd_buf_view(&to));
	rcd_form_add(&text, "Body", m->body != NULL ? rcd_sv(m->body) : RCD_SV(""));
	if (m->media_url != NULL)
		rcd_form_add(&text, "MediaUrl", rcd_sv(m->media_url));
	if (!text.bad && !to.bad)
		ret = rcd_form_parse(rcd_buf_view(&text), f, RCD_UNREAD_ERR);
	rcd_buf_free(&text);
	rcd_buf_free(&to);
	return ret;
}

char *rcd_sandbox_inbound(struct rcd_sandbox *s, const struct rcd_sandbox_inbound *m)
{
	int64_t when = rcd_now_ms() - m->age_ms;
	char sid[RCD_SB_SID], date[RCD_SB_DATE];
	struct rcd_form f = {0};
	json_t *doc;

	if (choose_sid(s, m->media_url, sid) != 0 || make_inbound_form(s, m, &f) != 0)
		return NULL;
	doc = rcd_sb_twilio_document(s, &f, sid, when);
	rcd_form_free(&f);
	rcd_sb_date(when, date);
	if (json_object_set_new(doc, "direction", json_string("inbound")) != 0 ||
	    json_object_set_new(doc, "status", json_string("received")) != 0 ||
	    json_object_set_new(doc, "date_sent", json_string(date)) != 0) {
		json_decref(doc);
		return NULL;
	}
	return rcd_sb_messages_add(s->messages, when, doc) == 0 ? rcd_sv_dup(rcd_sv(sid)) : NULL;
}

/* A field of a form as a string; NULL when it is not there. */
static char *dup_field(const struct rcd_form *f, const char *name)
{
	struct rcd_sv v = rcd_form_get(f, name);

	return v.p != NULL ? rcd_sv_dup(v) : NULL;
}

/* POST /_sandbox/inbound, a form: From, and To, Body, MediaUrl, Age (seconds) as far as wanted */
int rcd_sb_own_inbound(struct rcd_sb_call *c)
{
	struct rcd_form f = {0};
	struct rcd_err err = {0};
	char *from, *to, *body, *media, *sid = NULL;
	int64_t age = 0;
	int ret;

	if (rcd_form_parse(rcd_sb_req_body(c->req), &f, &err) != 0)
		return err.code == RCD_NOMEM ? -1 : rcd_sb_refuse(c, 400, "", err.msg);
	from = dup_field(&f, "From");
	to = dup_field(&f, "To");
	body = dup_field(&f, "Body");
	media = dup_field(&f, "MediaUrl");
	(void)rcd_parse_i64(rcd_form_get(&f, "Age"), 0, INT32_MAX, &age);
	if (from != NULL)
		sid = rcd_sandbox_inbound(c->box,
		                          &(struct rcd_sandbox_inbound){from, to, body, media, age * 1000});
	rcd_form_free(&f);
	free(from);
	free(to);
	free(body);
	free(media);
	ret = sid != NULL ? rcd_sb_reply_json(c, 201, json_pack("{s:s}", "sid", sid))
	                  : rcd_sb_refuse(c, 400, "", "From is missing, or there is no such media");
	free(sid);
	return ret;
}
