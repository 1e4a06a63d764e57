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
	const struct rcd_twilio_query *query;
	struct rcd_buf *body; /* of the one that is found; may be NULL */
	bool older;           /* the page reached back beyond since_ms */
	char wordless[64];    /* of anything: one without text, for when there is none with it */
};

/* A trial account puts words of its own before each text. */
static struct rcd_sv get_text(const json_t *m)
{
	const struct rcd_sv trial = RCD_SV("Sent from your Twilio trial account - ");
	struct rcd_sv text = rcd_sv_trim(rcd_json_sv(m, "body"));

	return rcd_sv_starts(text, trial) ? rcd_sv_skip(text, trial.n) : text;
}

static bool has_failed(const json_t *m)
{
	static const char *const end[] = {"failed", "undelivered", "canceled"};

	for (size_t i = 0; i < sizeof(end) / sizeof(end[0]); i++)
		if (rcd_sv_is(rcd_json_sv(m, "status"), end[i]))
			return true;
	return false;
}

static bool has_content(const struct rcd_twilio_query *q, const json_t *m,
                        const struct rcd_twilio_listed *l)
{
	if (q->anything)
		return true;
	return q->body != NULL ? rcd_sv_eq(get_text(m), rcd_sv_trim(rcd_sv(q->body)))
	                       : l->n_media == 1 && rcd_json_sv(m, "body").n == 0;
}

/* Like what is asked for in all but its time. */
static bool is_alike(const struct rcd_twilio_query *q, const json_t *m,
                     const struct rcd_twilio_listed *l)
{
	return rcd_sv_is(rcd_json_sv(m, "to"), q->to) &&
	       (q->from == NULL || rcd_sv_is(rcd_json_sv(m, "from"), q->from)) &&
	       rcd_sv_starts(rcd_json_sv(m, "direction"), RCD_SV("outbound-")) &&
	       (!q->not_failed || !has_failed(m)) && has_content(q, m, l);
}

/* 1: m is the message that is looked for. 0: it is not. */
static int is_match(const struct search *s, const json_t *m, const struct rcd_twilio_listed *l,
                    struct rcd_err *err)
{
	const struct rcd_twilio_query *q = s->query;
	bool other = false;

	if (!is_alike(q, m, l))
		return 0;
	if (q->another != NULL && q->another(q->arg, l->sid, get_text(m), &other, err) != 0)
		return -1;
	return !other;
}

/* 0: this is it. 1: a later look may find a better one. */
static int keep_found(struct search *s, const json_t *m, const struct rcd_twilio_listed *l,
                      char sid[64], struct rcd_err *err)
{
	if (s->query->anything && get_text(m).n == 0) {
		memcpy(s->wordless, l->sid, sizeof(l->sid));
		return 1;
	}
	if (s->body != NULL)
		rcd_buf_sv(s->body, get_text(m));
	if (s->body != NULL && s->body->bad)
		return rcd_fail_nomem(err);
	memcpy(sid, l->sid, sizeof(l->sid));
	return 0;
}

/* 0: found in this page. RCD_NOENT: not in this page. */
static int look_in_page(struct search *s, const json_t *messages, char sid[64], struct rcd_err *err)
{
	const json_t *m;
	size_t i;

	json_array_foreach (messages, i, m) {
		struct rcd_twilio_listed l;
		int match, kept;

		if (rcd_twilio_listed(m, &l) != 0)
			return rcd_fail(err, RCD_PROTO, 0, DOING ": a message without its date or sid");
		if (l.created_ms < s->query->since_ms - SLACK_MS) {
			s->older = true;
			continue;
		}
		match = is_match(s, m, &l, err);
		if (match < 0)
			return -1;
		if (match == 0 || (kept = keep_found(s, m, &l, sid, err)) > 0)
			continue;
		return kept;
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
			ret = look_in_page(s, json_object_get(page, "messages"), sid, err);
		if (ret != 0 && err->code == RCD_NOENT && !s->older)
			(void)rcd_twilio_next_page(&s->list, page, url,
			                           err); /* a failure takes the place of RCD_NOENT */
		json_decref(page);
		if (ret == 0 || err->code != RCD_NOENT || s->older || url->n == 0)
			return ret;
	}
	return rcd_fail(err, RCD_LIMIT, 0, DOING ": not within the last " PAGE_SIZE " × %d messages",
	                MAX_PAGES);
}

int rcd_twilio_search(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                      const struct rcd_twilio_query *query, int64_t deadline, char sid[64],
                      struct rcd_buf *body, struct rcd_err *err)
{
	struct search s = {.list = {http, conf, WHAT, deadline}, .query = query, .body = body};
	struct rcd_buf url;
	int ret;

	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_twilio_messages_url(conf, &url);
	rcd_buf_str(&url, "?PageSize=" PAGE_SIZE "&To=");
	rcd_form_escape(rcd_sv(query->to), &url);
	ret = url.bad ? rcd_fail_nomem(err) : search_pages(&s, &url, sid, err);
	rcd_buf_free(&url);
	if (ret != 0 && err->code == RCD_NOENT && s.wordless[0] != '\0') {
		memcpy(sid, s.wordless, sizeof(s.wordless));
		return 0;
	}
	return ret;
}

int rcd_twilio_find(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                    const struct rcd_twilio_send *msg, int64_t since_ms, rcd_sid_fn *another,
                    void *arg, int64_t deadline, char sid[64], struct rcd_err *err)
{
	const struct rcd_twilio_query query = {.to = msg->to,
	                                       .body = msg->body,
	                                       .since_ms = since_ms,
	                                       .another = another,
	                                       .arg = arg};

	return rcd_twilio_search(http, conf, &query, deadline, sid, NULL, err);
}
