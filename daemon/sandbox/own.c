/* The sandbox's own paths, for demonstrations and tests from outside. */

#include "daemon/sandbox/box.h"

#include <stdio.h>
#include <stdlib.h>

static int make_media_url(const struct rcd_sandbox *s, struct rcd_sv bytes, const char *type,
                          struct rcd_sv said, char url[256], struct rcd_err *err)
{
	struct rcd_sb_media_ids id;

	if (rcd_sb_media_add(s->media, bytes, type, said, &id, err) != 0)
		return -1;
	(void)snprintf(url, 256, "%s/2010-04-01/Accounts/%.64s/Messages/%s/Media/%s", s->origin,
	               s->value[RCD_SB_TWILIO_ACCOUNT], id.message, id.media);
	return 0;
}

char *rcd_sandbox_media(struct rcd_sandbox *s, const void *p, size_t n, const char *type)
{
	char url[256];

	if (make_media_url(s, (struct rcd_sv){p, n}, type, rcd_sv(NULL), url, RCD_UNREAD_ERR) != 0)
		return NULL;
	return rcd_sv_dup(rcd_sv(url));
}

/* POST /_sandbox/media?type=audio/ogg[&text=what is said in it] */
int rcd_sb_own_media(struct rcd_sb_call *c)
{
	const char *type = rcd_sb_req_arg(c->req, "type");
	struct rcd_sv said = rcd_sv(rcd_sb_req_arg(c->req, "text"));
	struct rcd_err err = {0};
	char url[256];

	if (make_media_url(c->box, rcd_sb_req_body(c->req),
	                   type != NULL ? type : "application/octet-stream", said, url, &err) != 0)
		return err.code == RCD_NOMEM ? -1 : rcd_sb_refuse(c, 413, "", err.msg);
	return rcd_sb_reply_json(c, 201, json_pack("{s:s}", "url", url));
}

/* GET /_sandbox/ledger */
int rcd_sb_own_ledger(struct rcd_sb_call *c)
{
	char *text = rcd_sb_ledger_text(c->box->ledger);
	int ret = -1;

	if (text != NULL)
		ret = rcd_sb_reply(c, 200, "application/x-ndjson", rcd_sv(text));
	free(text);
	return ret;
}

/* POST /_sandbox/plan, the plan's text as the body: replaces the whole plan */
int rcd_sb_own_plan(struct rcd_sb_call *c)
{
	struct rcd_err err = {0};

	if (rcd_sb_plan_set(c->box->plan, "plan", rcd_sb_req_body(c->req), &err) != 0)
		return err.code == RCD_NOMEM ? -1 : rcd_sb_refuse(c, 400, "", err.msg);
	return rcd_sb_reply_json(c, 200, json_pack("{s:b}", "ok", 1));
}
