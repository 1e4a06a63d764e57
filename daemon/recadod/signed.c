/* A form that Twilio signed: bounds, signature, shape and account, or a refusal that says why. */

#include "daemon/log.h"
#include "daemon/recadod/web.h"
#include "provider/sign.h"
#include "provider/twilio_check.h"

#include <stdio.h>

/* Each status is a kind of its own: strangers' mistakes do not hide what a provider's are. */
static struct rcd_log_limit *find_limit(int status)
{
	static struct {
		int status;
		struct rcd_log_limit limit;
	} kind[] = {{400, RCD_LOG_LIMIT}, {403, RCD_LOG_LIMIT}, {405, RCD_LOG_LIMIT},
	            {413, RCD_LOG_LIMIT}, {415, RCD_LOG_LIMIT}, {503, RCD_LOG_LIMIT}};
	size_t i = sizeof(kind) / sizeof(kind[0]) - 1;

	while (i > 0 && kind[i].status != status)
		i--;
	return &kind[i].limit;
}

static void refuse_with(struct rcd_req *req, int status, const char *why)
{
	rcd_log_limited(find_limit(status), status == 403 ? RCD_WARN : RCD_NOTICE,
	                "webhook refused (%d): %s, from %.*s", status, why,
	                RCD_SV_ARG(rcd_req_param(req, "REMOTE_ADDR")));
	(void)rcd_reply_error(req, status, why);
}

static int status_of(const struct rcd_err *err)
{
	if (err->code == RCD_LIMIT)
		return 413;
	return err->code == RCD_PROTO || err->code == RCD_INVAL ? 400 : 503;
}

void rcd_refuse_signed(struct rcd_req *req, const struct rcd_err *err)
{
	if (err->sys == 415) {
		refuse_with(req, 415, err->msg);
		return;
	}
	refuse_with(req, status_of(err), err->msg);
}

/* Exactly one signature, over the URL that is configured: what Host says is the peer's word. The
 * commonest mistake of all is a public_url that differs from what Twilio calls, so the log names
 * the URL that was checked. */
static bool is_genuine(const struct rcd_web *web, struct rcd_req *req, const struct rcd_form *form)
{
	static struct rcd_log_limit refused = RCD_LOG_LIMIT;
	const struct rcd_conf *conf = web->child->conf;
	int signatures = rcd_req_count(req, "HTTP_X_TWILIO_SIGNATURE");
	char url[2 * RCD_MAX_URL];
	int n = snprintf(url, sizeof(url), "%s%.*s", conf->public_url, RCD_SV_ARG(rcd_req_target(req)));

	if (signatures == 1 && n >= 0 && (size_t)n < sizeof(url) &&
	    rcd_sign_twilio(&conf->twilio.token, url, form, rcd_sv(NULL),
	                    rcd_req_param(req, "HTTP_X_TWILIO_SIGNATURE")))
		return true;
	rcd_log_limited(
		&refused, RCD_WARN,
		"signature_refused checked_url=%.300s signatures=%d: it must be the very URL that Twilio "
		"calls, and the token that of the account",
		url, signatures);
	return false;
}

/* A sub-account signs with a token of its own, so the account whose token is configured is the only
 * one that may be named. */
static bool is_own_account(const struct rcd_web *web, const struct rcd_form *form)
{
	static struct rcd_log_limit mismatch = RCD_LOG_LIMIT;
	const char *own = web->child->conf->twilio.account_sid;
	struct rcd_sv named = rcd_form_get(form, "AccountSid");

	if (own == NULL || own[0] == '\0' || named.p == NULL || rcd_sv_is(named, own))
		return true;
	rcd_log_limited(&mismatch, RCD_WARN,
	                "account_mismatch account=%.*s configured=%s: set twilio.account_sid to the "
	                "account whose token signs",
	                RCD_SV_ARG(named), own);
	return false;
}

static int read_form(struct rcd_req *req, struct rcd_signed *in, struct rcd_err *err)
{
	struct rcd_sv type = rcd_sv_trim(rcd_req_param(req, "CONTENT_TYPE")), media = {NULL, 0};

	(void)rcd_sv_cut(&type, ';', &media);
	if (!rcd_sv_ieq(rcd_sv_trim(media), RCD_SV("application/x-www-form-urlencoded")))
		return rcd_fail(err, RCD_INVAL, 415, "a webhook is a form");
	if (rcd_req_body(req, RCD_MAX_WEBHOOK, &in->body, err) != 0)
		return -1;
	return rcd_form_parse(rcd_buf_view(&in->body), &in->form, err);
}

bool rcd_signed_form(struct rcd_web *web, struct rcd_req *req, struct rcd_signed *out)
{
	struct rcd_err err = {0};

	rcd_buf_init(&out->body, RCD_MAX_WEBHOOK);
	if (!rcd_sv_is(rcd_req_method(req), "POST"))
		refuse_with(req, 405, "a webhook is posted");
	else if (!rcd_secret_set(&web->child->conf->twilio.token))
		refuse_with(req, 503, "no TWILIO_AUTH_TOKEN is set, so no message can be trusted");
	else if (read_form(req, out, &err) != 0)
		rcd_refuse_signed(req, &err);
	else if (!is_genuine(web, req, &out->form))
		refuse_with(req, 403, "the signature is missing, doubled or wrong for this URL");
	else if (rcd_twilio_check(&out->form, &err) != 0)
		rcd_refuse_signed(req, &err);
	else if (!is_own_account(web, &out->form))
		refuse_with(req, 403, "AccountSid is not the account that is configured");
	else
		return true;
	return false;
}

void rcd_signed_free(struct rcd_signed *in)
{
	rcd_form_free(&in->form);
	rcd_buf_free(&in->body);
}
