#include "provider/twilio_api.h"

#define PRODUCTION "https://messaging.twilio.com"
#define DOING "twilio: the typing sign"

static int send_typing(struct rcd_http *http, const struct rcd_http_req *req, struct rcd_err *err)
{
	struct rcd_http_res res = {0};
	json_t *answer = NULL;
	int ret = rcd_http_do(http, req, &res, err);

	if (ret != 0)
		(void)rcd_answer_lost(DOING, err);
	else if (res.status != 200)
		ret = rcd_twilio_refused("the typing sign", &res, err);
	else if ((ret = rcd_answer_json(rcd_buf_view(&res.body), &answer, err)) != 0)
		(void)rcd_answer_lost(DOING, err);
	else if (!json_is_true(json_object_get(answer, "success")))
		ret = rcd_fail(err, RCD_PROTO, 0, DOING ": it is not shown");
	json_decref(answer);
	rcd_http_res_free(&res);
	return ret;
}

int rcd_twilio_typing(struct rcd_http *http, const struct rcd_twilio_conf *conf, const char *sid,
                      int64_t deadline, struct rcd_err *err)
{
	struct rcd_buf url, body;
	int ret;

	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&body, RCD_MAX_URL);
	rcd_answer_url(&url, conf->base_url_set ? conf->base_url : PRODUCTION,
	               "/v3/Indicators/Typing.json");
	/* upper case: the older form of this call had it lower, and this one refuses that */
	rcd_json_text(json_pack("{s:s, s:s}", "channel", "WHATSAPP", "messageId", sid), &body);
	if (url.bad || body.bad) {
		ret = rcd_fail_nomem(err);
	} else {
		const struct rcd_http_req req = {.url = url.p,
		                                 .user = conf->account_sid,
		                                 .password = &conf->token,
		                                 .body = rcd_buf_view(&body),
		                                 .body_type = "application/json",
		                                 .repeatable = true,
		                                 .deadline = deadline};
		ret = send_typing(http, &req, err);
	}
	rcd_buf_free(&body);
	rcd_buf_free(&url);
	return ret;
}
