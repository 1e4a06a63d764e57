/* Twilio's status callbacks: what became of a message after it was accepted. */

#include "daemon/log.h"
#include "daemon/recadod/web.h"

#include "base/clock.h"
#include "daemon/tenant.h"
#include "store/outbox.h"

static void store_status(struct rcd_web *web, struct rcd_req *req,
                         const struct rcd_twilio_status *st)
{
	const struct rcd_policy *policy = rcd_twilio_policy(st->error);
	struct rcd_outbox_news news = {.tenant = RCD_TENANT,
	                               .key = rcd_sv(st->key),
	                               .sid = rcd_sv(st->sid),
	                               .delivery = st->delivery,
	                               .code = st->error,
	                               .why = policy->why,
	                               .opted_out = policy->act == RCD_POLICY_OPTED_OUT};
	bool known = false, woken = false;
	struct rcd_err err;

	if (policy->act == RCD_POLICY_LATER)
		news.retry_ms = rcd_now_ms() + (int64_t)policy->wait_s * 1000;
	if (rcd_outbox_told(web->rt.db, &news, &known, &woken, &err) != 0) {
		rcd_log(RCD_ERROR, "a status callback was not stored: %s", err.msg);
		(void)rcd_reply_error(req, 503, "the status could not be stored; send it again");
		return;
	}
	if (!known)
		rcd_log(RCD_DEBUG, "a status callback for %s, which is not ours", st->sid);
	else if (st->delivery == RCD_DELIVERY_FAILED)
		rcd_log(policy->act == RCD_POLICY_FIX ? RCD_ERROR : RCD_WARN,
		        "message %s was not delivered: %s (%d)", st->sid, policy->why, st->error);
	if (woken)
		rcd_bell_ring(web->child);
	(void)rcd_reply(req, 200, "text/plain", RCD_SV(""));
}

void rcd_status_told(struct rcd_web *web, struct rcd_req *req, const struct rcd_form *form)
{
	struct rcd_sv target = rcd_req_target(req), path;
	struct rcd_twilio_status st;
	struct rcd_err err;

	(void)rcd_sv_cut(&target, '?', &path);
	if (rcd_twilio_status(target, form, &st, &err) != 0)
		(void)rcd_reply_error(req, 400, err.msg);
	else
		store_status(web, req, &st);
}

void rcd_status_callback(struct rcd_web *web, struct rcd_req *req)
{
	struct rcd_signed in = {0};

	if (rcd_signed_form(web, req, &in))
		rcd_status_told(web, req, &in.form);
	rcd_signed_free(&in);
}
