#include "provider/twilio_api.h"

#include "net/guard.h"

#include <stdio.h>
#include <string.h>

int rcd_twilio_page(const struct rcd_twilio_list *l, const char *url, json_t **page,
                    struct rcd_err *err)
{
	const struct rcd_http_req req = {.url = url,
	                                 .user = l->conf->account_sid,
	                                 .password = &l->conf->token,
	                                 .deadline = l->deadline};
	struct rcd_http_res res = {0};
	char who[64];
	int ret;

	(void)snprintf(who, sizeof(who), "twilio: %s", l->doing);
	ret = rcd_http_do(l->http, &req, &res, err);
	if (ret == 0 && res.status != 200)
		ret = rcd_twilio_refused(l->doing, &res, err);
	else if (ret != 0 || (ret = rcd_answer_json(rcd_buf_view(&res.body), page, err)) != 0)
		(void)rcd_answer_lost(who, err);
	rcd_http_res_free(&res);
	return ret;
}

/* The credentials go with it, so it must be of the same origin. */
int rcd_twilio_next_page(const struct rcd_twilio_list *l, const json_t *page, struct rcd_buf *url,
                         struct rcd_err *err)
{
	struct rcd_sv next = rcd_json_sv(page, "next_page_uri");
	struct rcd_origin ours, theirs;

	rcd_buf_reset(url);
	if (next.n == 0)
		return 0;
	if (memchr(next.p, '\0', next.n) != NULL)
		return rcd_fail(err, RCD_PROTO, 0, "twilio: %s: a malformed next page", l->doing);
	if (next.p[0] == '/')
		rcd_answer_url(url, l->conf->base_url, "");
	rcd_buf_sv(url, next);
	if (url->bad)
		return url->over ? rcd_fail(err, RCD_LIMIT, 0,
		                            "twilio: %s: the next page's address is too long", l->doing)
		                 : rcd_fail_nomem(err);
	if (rcd_origin_parse(l->conf->base_url, &ours, err) != 0 ||
	    rcd_origin_parse(url->p, &theirs, err) != 0)
		return rcd_answer_lost("twilio: a page's address", err);
	if (!rcd_origin_same(&ours, &theirs))
		return rcd_fail(err, RCD_DENIED, 0, "twilio: %s: the next page is on another host",
		                l->doing);
	return 0;
}
