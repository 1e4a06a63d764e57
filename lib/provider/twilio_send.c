#include "provider/twilio_api.h"

#include <string.h>

void rcd_twilio_status_url(const struct rcd_twilio_conf *conf, const char *key, struct rcd_buf *out)
{
	if (conf->status_callback == NULL)
		return;
	rcd_buf_str(out, conf->status_callback);
	if (key == NULL)
		return;
	rcd_buf_str(out, strchr(conf->status_callback, '?') != NULL ? "&k=" : "?k=");
	rcd_form_escape(rcd_sv(key), out);
}

static void build_form(const struct rcd_twilio_conf *conf, const struct rcd_twilio_send *msg,
                       struct rcd_buf *out)
{
	struct rcd_buf url;

	rcd_form_add(out, "To", rcd_sv(msg->to));
	rcd_form_add(out, "From", rcd_sv(msg->from));
	if (msg->body != NULL)
		rcd_form_add(out, "Body", rcd_sv(msg->body));
	if (msg->media_url != NULL)
		rcd_form_add(out, "MediaUrl", rcd_sv(msg->media_url));
	if (conf->status_callback == NULL)
		return;
	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_twilio_status_url(conf, msg->key, &url);
	if (url.bad)
		out->bad = true;
	else
		rcd_form_add(out, "StatusCallback", rcd_buf_view(&url));
	rcd_buf_free(&url);
}

static int read_accepted(const struct rcd_http_res *res, char sid[64], struct rcd_err *err)
{
	json_t *answer = NULL;
	int ret;

	ret = rcd_answer_json(rcd_buf_view(&res->body), &answer, err);
	if (ret != 0)
		(void)rcd_answer_lost("twilio: sending a message", err);
	else if (rcd_twilio_sid(rcd_json_sv(answer, "sid"), sid) != 0)
		ret = rcd_fail(err, RCD_PROTO, res->status,
		               "twilio: sending a message: HTTP %d without a sid", res->status);
	json_decref(answer);
	return ret;
}

/* What became of it, by an answer that came whole. */
static enum rcd_sent judge_answer(const struct rcd_http_res *res, char sid[64], struct rcd_err *err)
{
	if (res->status >= 200 && res->status < 300)
		return read_accepted(res, sid, err) == 0 ? RCD_SENT_ACCEPTED : RCD_SENT_UNKNOWN;
	(void)rcd_twilio_refused("sending a message", res, err);
	if (res->status == 429 || err->sys == 20429)
		return RCD_SENT_AGAIN;
	/* a time-out that something on the way reports says nothing about Twilio */
	if (res->status >= 400 && res->status < 500 && res->status != 408)
		return RCD_SENT_REJECTED;
	return RCD_SENT_UNKNOWN;
}

static enum rcd_sent post_message(struct rcd_http *http, const struct rcd_http_req *req,
                                  char sid[64], struct rcd_err *err)
{
	struct rcd_http_res res = {0};
	enum rcd_sent what;

	if (rcd_http_do(http, req, &res, err) != 0) {
		(void)rcd_answer_lost("twilio: sending a message", err);
		what = res.sent ? RCD_SENT_UNKNOWN : RCD_SENT_AGAIN;
	} else {
		what = judge_answer(&res, sid, err);
	}
	rcd_http_res_free(&res);
	return what;
}

int rcd_twilio_send(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                    const struct rcd_twilio_send *msg, int64_t deadline, enum rcd_sent *what,
                    char sid[64], struct rcd_err *err)
{
	struct rcd_buf url, form;
	enum rcd_sent w;

	if (msg->body == NULL && msg->media_url == NULL) {
		*what = RCD_SENT_REJECTED;
		return rcd_fail(err, RCD_INVAL, 0, "twilio: sending a message: neither text nor media");
	}
	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&form, RCD_MAX_WEBHOOK);
	rcd_twilio_messages_url(conf, &url);
	build_form(conf, msg, &form);
	if (url.bad || form.bad) {
		w = RCD_SENT_AGAIN;
		(void)rcd_fail_nomem(err);
	} else {
		const struct rcd_http_req req = {.url = url.p,
		                                 .user = conf->account_sid,
		                                 .password = &conf->token,
		                                 .body = rcd_buf_view(&form),
		                                 .body_type = "application/x-www-form-urlencoded",
		                                 .deadline = deadline,
		                                 .begin_by = msg->begin_by};
		w = post_message(http, &req, sid, err);
	}
	rcd_buf_free(&form);
	rcd_buf_free(&url);
	*what = w;
	return w == RCD_SENT_ACCEPTED ? 0 : -1;
}
