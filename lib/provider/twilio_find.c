#include "provider/twilio_api.h"

#include "net/guard.h"

#include <string.h>

/* The list is read newest first, without Twilio's DateSent filter: a message that is still
 * queued has no such date yet, and it is just the one that must not be sent again. */

#define PAGE_SIZE "100"
#define MAX_PAGES 5
#define SLACK_MS 2000 /* their clock against ours */
#define DOING "twilio: looking for a message"

struct search {
	struct rcd_http *http;
	const struct rcd_twilio_conf *conf;
	const struct rcd_twilio_send *msg;
	int64_t since_ms, deadline;
	rcd_sid_fn *another;
	void *arg;
	bool older; /* the page reached back beyond since_ms */
};

static bool same_text(const json_t *m, const char *want)
{
	const struct rcd_sv trial = RCD_SV("Sent from your Twilio trial account - ");
	struct rcd_sv got = rcd_sv_trim(rcd_json_sv(m, "body")), w = rcd_sv_trim(rcd_sv(want));

	return rcd_sv_eq(got, w) ||
	       (rcd_sv_starts(got, trial) && rcd_sv_eq(rcd_sv_skip(got, trial.n), w));
}

static bool one_medium(const json_t *m)
{
	const json_t *n = json_object_get(m, "num_media"); /* a string on the real wire */

	return rcd_json_sv(m, "body").n == 0 &&
	       (rcd_sv_is(rcd_json_sv(m, "num_media"), "1") || json_integer_value(n) == 1);
}

/* Like msg in all but its time. One that failed later was accepted all the same. */
static bool alike(const struct search *s, const json_t *m)
{
	return rcd_sv_is(rcd_json_sv(m, "to"), s->msg->to) &&
	       rcd_sv_starts(rcd_json_sv(m, "direction"), RCD_SV("outbound-")) &&
	       (s->msg->body != NULL ? same_text(m, s->msg->body) : one_medium(m));
}

/* 0: found in this page. RCD_NOENT: not in this page. */
static int look(struct search *s, const json_t *messages, char sid[64], struct rcd_err *err)
{
	const json_t *m;
	size_t i;

	json_array_foreach(messages, i, m) {
		int64_t created;

		if (rcd_twilio_time(rcd_json_sv(m, "date_created"), &created) != 0)
			return rcd_fail(err, RCD_PROTO, 0, DOING ": a message without its date");
		if (created < s->since_ms - SLACK_MS)
			s->older = true;
		else if (!alike(s, m))
			continue;
		else if (rcd_twilio_sid(rcd_json_sv(m, "sid"), sid) != 0)
			return rcd_fail(err, RCD_PROTO, 0, DOING ": a message without its sid");
		else if (s->another == NULL || !s->another(s->arg, sid))
			return 0;
	}
	return rcd_fail(err, RCD_NOENT, 0, DOING ": it is not there");
}

static int get(const struct search *s, const char *url, json_t **page, struct rcd_err *err)
{
	const struct rcd_http_req req = {
		.url = url, .user = s->conf->account_sid, .password = &s->conf->token, .deadline = s->deadline};
	struct rcd_http_res res = {0};
	int ret;

	ret = rcd_http_do(s->http, &req, &res, err);
	if (ret == 0 && res.status != 200) {
		ret = rcd_twilio_refused("looking for a message", &res, err);
		/* a list that is not there is not an empty list */
		if (err->code == RCD_NOENT)
			err->code = RCD_INVAL;
	} else if (ret != 0 || (ret = rcd_answer_json(rcd_buf_view(&res.body), page, err)) != 0) {
		(void)rcd_answer_lost(DOING, err);
	}
	rcd_http_res_free(&res);
	return ret;
}

/* The URL of the next page into url, which is left empty when there is none. The credentials
 * go with it, so it must be of the same origin. */
static int turn_page(const struct search *s, const json_t *page, struct rcd_buf *url,
                     struct rcd_err *err)
{
	struct rcd_sv next = rcd_json_sv(page, "next_page_uri");
	struct rcd_origin ours, theirs;

	rcd_buf_reset(url);
	if (next.n == 0)
		return 0;
	if (memchr(next.p, '\0', next.n) != NULL)
		return rcd_fail(err, RCD_PROTO, 0, DOING ": a malformed next page");
	if (next.p[0] == '/')
		rcd_answer_url(url, s->conf->base_url, "");
	rcd_buf_sv(url, next);
	if (url->bad)
		return url->over ? rcd_fail(err, RCD_LIMIT, 0, DOING ": the next page's address is too long")
		                 : rcd_fail_nomem(err);
	if (rcd_origin_parse(s->conf->base_url, &ours, err) != 0 ||
	    rcd_origin_parse(url->p, &theirs, err) != 0)
		return rcd_answer_lost(DOING, err);
	if (!rcd_origin_same(&ours, &theirs))
		return rcd_fail(err, RCD_DENIED, 0, DOING ": the next page is on another host");
	return 0;
}

static int search_pages(struct search *s, struct rcd_buf *url, char sid[64], struct rcd_err *err)
{
	int ret = -1;

	for (int i = 0; i < MAX_PAGES; i++) {
		json_t *page = NULL;

		if (get(s, url->p, &page, err) != 0)
			return -1;
		if (!json_is_array(json_object_get(page, "messages")))
			ret = rcd_fail(err, RCD_PROTO, 0, DOING ": an answer without a list");
		else
			ret = look(s, json_object_get(page, "messages"), sid, err);
		if (ret != 0 && err->code == RCD_NOENT && !s->older)
			(void)turn_page(s, page, url, err); /* a failure takes the place of RCD_NOENT */
		json_decref(page);
		if (ret == 0 || err->code != RCD_NOENT || s->older || url->n == 0)
			return ret;
	}
	return rcd_fail(err, RCD_LIMIT, 0, DOING ": not within the last " PAGE_SIZE " × %d messages",
	                MAX_PAGES);
}

int rcd_twilio_find(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                    const struct rcd_twilio_send *msg, int64_t since_ms, rcd_sid_fn *another, void *arg,
                    int64_t deadline, char sid[64], struct rcd_err *err)
{
	struct search s = {http, conf, msg, since_ms, deadline, another, arg, false};
	struct rcd_err local = {RCD_OK, 0, 0, ""};
	struct rcd_buf url;
	int ret;

	err = err != NULL ? err : &local;
	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_twilio_messages_url(conf, &url);
	rcd_buf_str(&url, "?PageSize=" PAGE_SIZE "&To=");
	rcd_form_escape(rcd_sv(msg->to), &url);
	ret = url.bad ? rcd_fail_nomem(err) : search_pages(&s, &url, sid, err);
	rcd_buf_free(&url);
	return ret;
}
