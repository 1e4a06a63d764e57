#include "provider/twilio_api.h"

#include <string.h>

/* The list is read newest first, without Twilio's DateSent filter: a message that is still
 * queued has no such date yet, and it is just the one that must not be sent again. */

#define PAGE_SIZE "100"
#define MAX_PAGES 5
#define SLACK_MS 2000 /* their clock against ours */
#define WHAT "looking for a message"
#define DOING "twilio: " WHAT

struct search {
	struct rcd_twilio_list list;
	const struct rcd_twilio_send *msg;
	int64_t since_ms;
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

/* Like msg in all but its time. One that failed later was accepted all the same. */
static bool alike(const struct search *s, const json_t *m, const struct rcd_twilio_listed *l)
{
	return rcd_sv_is(rcd_json_sv(m, "to"), s->msg->to) &&
	       rcd_sv_starts(rcd_json_sv(m, "direction"), RCD_SV("outbound-")) &&
	       (s->msg->body != NULL ? same_text(m, s->msg->body)
	                             : l->n_media == 1 && rcd_json_sv(m, "body").n == 0);
}

/* 1: m is the message that is looked for. 0: it is not. */
static int is_match(const struct search *s, const json_t *m, const struct rcd_twilio_listed *l, struct rcd_err *err)
{
	bool other = false;

	if (!alike(s, m, l))
		return 0;
	if (s->another != NULL && s->another(s->arg, l->sid, &other, err) != 0)
		return -1;
	return !other;
}

/* 0: found in this page. RCD_NOENT: not in this page. */
static int look(struct search *s, const json_t *messages, char sid[64], struct rcd_err *err)
{
	const json_t *m;
	size_t i;

	json_array_foreach(messages, i, m) {
		struct rcd_twilio_listed l;
		int match;

		if (rcd_twilio_listed(m, &l) != 0)
			return rcd_fail(err, RCD_PROTO, 0, DOING ": a message without its date or sid");
		if (l.created_ms < s->since_ms - SLACK_MS) {
			s->older = true;
			continue;
		}
		match = is_match(s, m, &l, err);
		if (match < 0)
			return -1;
		if (match > 0) {
			memcpy(sid, l.sid, sizeof(l.sid));
			return 0;
		}
	}
	return rcd_fail(err, RCD_NOENT, 0, DOING ": it is not there");
}

static int search_pages(struct search *s, struct rcd_buf *url, char sid[64], struct rcd_err *err)
{
	int ret = -1;

	for (int i = 0; i < MAX_PAGES; i++) {
		json_t *page = NULL;

		if (rcd_twilio_page(&s->list, url->p, &page, err) != 0) {
			/* a list that is not there is not an empty list */
			if (err->code == RCD_NOENT)
				err->code = RCD_INVAL;
			return -1;
		}
		if (!json_is_array(json_object_get(page, "messages")))
			ret = rcd_fail(err, RCD_PROTO, 0, DOING ": an answer without a list");
		else
			ret = look(s, json_object_get(page, "messages"), sid, err);
		if (ret != 0 && err->code == RCD_NOENT && !s->older)
			(void)rcd_twilio_next_page(&s->list, page, url, err); /* a failure takes the place of RCD_NOENT */
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
	struct search s = {{http, conf, WHAT, deadline}, msg, since_ms, another, arg, false};
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
