/* Simulated Twilio Messaging: what is read back, media, the typing sign. */

#include "daemon/sandbox/box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static int not_found(struct rcd_sb_call *c)
{
	return rcd_sb_refuse(c, 404, "20404", "The requested resource was not found");
}

static bool is_our_account(const struct rcd_sb_call *c)
{
	return rcd_sv_is(c->star[0], c->box->value[RCD_SB_TWILIO_ACCOUNT]);
}

/* --- the list -------------------------------------------------------------------------- */

/* "2026-11-21" (*day) or "2026-11-21T13:05:09Z", UTC. */
static bool parse_date(const char *text, int64_t *ms, bool *day)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	*day = end == NULL;
	if (end == NULL) {
		memset(&tm, 0, sizeof(tm));
		end = strptime(text, "%Y-%m-%d", &tm);
	}
	if (end == NULL || *end != '\0')
		return false;
	*ms = (int64_t)timegm(&tm) * 1000;
	return true;
}

/* Both spellings: "DateSent>" as the official libraries write it, "DateSent>=" as people do. */
static const char *find_bound(struct rcd_sb_req *req, const char *strict, const char *loose)
{
	const char *v = rcd_sb_req_arg(req, strict);

	return v != NULL ? v : rcd_sb_req_arg(req, loose);
}

static bool parse_dates(struct rcd_sb_req *req, struct rcd_sb_filter *f)
{
	const char *on = rcd_sb_req_arg(req, "DateSent");
	const char *since = find_bound(req, "DateSent>", "DateSent>=");
	const char *until = find_bound(req, "DateSent<", "DateSent<=");
	bool day;

	f->until_ms = INT64_MAX;
	if (since != NULL && !parse_date(since, &f->since_ms, &day))
		return false;
	if (until != NULL) {
		if (!parse_date(until, &f->until_ms, &day))
			return false;
		f->until_ms += day ? DAY_MS : 1000; /* the bound itself belongs to it */
	}
	if (on != NULL) {
		if (!parse_date(on, &f->since_ms, &day))
			return false;
		f->until_ms = f->since_ms + (day ? DAY_MS : 1000);
	}
	return true;
}

static void add_arg(struct rcd_buf *query, struct rcd_sb_req *req, const char *name)
{
	const char *v = rcd_sb_req_arg(req, name);

	if (v == NULL)
		return;
	rcd_buf_ch(query, '&');
	rcd_form_escape(rcd_sv(name), query);
	rcd_buf_ch(query, '=');
	rcd_form_escape(rcd_sv(v), query);
}

/* The address of another page of the same list; token: where that page begins, or NULL. */
static json_t *make_page_uri(struct rcd_sb_call *c, size_t size, int64_t page, const char *token)
{
	static const char *const names[] = {"To",         "From",      "DateSent",  "DateSent>",
	                                    "DateSent>=", "DateSent<", "DateSent<="};
	struct rcd_buf uri;
	json_t *v;

	rcd_buf_init(&uri, 16384);
	rcd_buf_fmt(&uri, "%s?PageSize=%zu&Page=%lld", rcd_sb_req_path(c->req), size, (long long)page);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add_arg(&uri, c->req, names[i]);
	if (token != NULL)
		rcd_buf_fmt(&uri, "&PageToken=PA%s", token);
	v = uri.bad ? NULL : json_string(uri.p);
	rcd_buf_free(&uri);
	return v;
}

static json_t *make_page(struct rcd_sb_call *c, const struct rcd_sb_filter *f, int64_t number)
{
	bool more = false;
	json_t *list = rcd_sb_messages_list(c->box->messages, f, &more), *next;
	size_t n = json_array_size(list);
	int64_t start = number * (int64_t)f->size;
	const char *last = NULL;

	if (list == NULL)
		return NULL;
	if (n > 0)
		last = json_string_value(json_object_get(json_array_get(list, n - 1), "sid"));
	next = more ? make_page_uri(c, f->size, number + 1, last) : json_null();
	rcd_sb_note(c, "found", json_integer((json_int_t)n));
	return json_pack("{s:o s:o s:I s:I s:I s:I s:o s:o s:n}", "messages", list, "next_page_uri",
	                 next, "page", (json_int_t)number, "page_size", (json_int_t)f->size, "start",
	                 (json_int_t)start, "end", (json_int_t)(n > 0 ? start + (int64_t)n - 1 : start),
	                 "uri", make_page_uri(c, f->size, number, NULL), "first_page_uri",
	                 make_page_uri(c, f->size, 0, NULL), "previous_page_uri");
}

int rcd_sb_twilio_list(struct rcd_sb_call *c)
{
	const char *size = rcd_sb_req_arg(c->req, "PageSize");
	const char *page_no = rcd_sb_req_arg(c->req, "Page");
	const char *token = rcd_sb_req_arg(c->req, "PageToken");
	struct rcd_sb_filter f = {.to = rcd_sv(rcd_sb_req_arg(c->req, "To")),
	                          .from = rcd_sv(rcd_sb_req_arg(c->req, "From"))};
	int64_t n = 50, number = 0;

	if (!is_our_account(c))
		return not_found(c);
	rcd_sb_note_sv(c, "to", f.to);
	rcd_sb_note_sv(c, "from", f.from);
	if ((size != NULL && rcd_parse_i64(rcd_sv(size), 1, 1000, &n) != 0) ||
	    (page_no != NULL && rcd_parse_i64(rcd_sv(page_no), 0, 1000000, &number) != 0) ||
	    !parse_dates(c->req, &f))
		return rcd_sb_refuse(c, 400, "20001", "A query parameter is wrong");
	if (token != NULL && strncmp(token, "PA", 2) == 0)
		f.after = rcd_sv(token + 2);
	f.size = (size_t)n;
	return rcd_sb_reply_json(c, 200, make_page(c, &f, number));
}

int rcd_sb_twilio_get(struct rcd_sb_call *c)
{
	json_t *doc = is_our_account(c) ? rcd_sb_messages_get(c->box->messages, c->star[1]) : NULL;

	rcd_sb_note_sv(c, "sid", c->star[1]);
	return doc != NULL ? rcd_sb_reply_json(c, 200, doc) : not_found(c);
}

/* --- media ----------------------------------------------------------------------------- */

int rcd_sb_twilio_media(struct rcd_sb_call *c)
{
	char cdn[33];

	rcd_sb_note_sv(c, "sid", c->star[1]);
	rcd_sb_note_sv(c, "media", c->star[2]);
	if (!is_our_account(c) || !rcd_sb_media_find(c->box->media, c->star[1], c->star[2], cdn))
		return not_found(c);
	rcd_sb_header(c, "Location", "%s/cdn/%s", c->box->origin, cdn);
	return rcd_sb_reply(c, 307, NULL, RCD_SV(""));
}

/* What the list tells of one attachment beside its sid and type. */
static int describe_media(const struct rcd_sb_call *c, json_t *media)
{
	char uri[256];

	(void)snprintf(uri, sizeof(uri), "/2010-04-01/Accounts/%.64s/Messages/%.*s/Media/%s.json",
	               c->box->value[RCD_SB_TWILIO_ACCOUNT],
	               (int)(c->star[1].n < 64 ? c->star[1].n : 64), c->star[1].p,
	               json_string_value(json_object_get(media, "sid")));
	return json_object_set_new(media, "uri", json_string(uri)) != 0 ||
	               json_object_set_new(media, "parent_sid", rcd_json_str(c->star[1])) != 0 ||
	               json_object_set_new(media, "account_sid",
	                                   json_string(c->box->value[RCD_SB_TWILIO_ACCOUNT])) != 0
	           ? -1
	           : 0;
}

int rcd_sb_twilio_media_list(struct rcd_sb_call *c)
{
	json_t *doc = is_our_account(c) ? rcd_sb_messages_get(c->box->messages, c->star[1]) : NULL,
		   *list, *m;
	size_t i;

	rcd_sb_note_sv(c, "sid", c->star[1]);
	if (doc == NULL)
		return not_found(c);
	json_decref(doc);
	list = rcd_sb_media_list(c->box->media, c->star[1]);
	if (list == NULL)
		return -1;
	json_array_foreach (list, i, m) {
		if (describe_media(c, m) != 0) {
			json_decref(list);
			return -1;
		}
	}
	return rcd_sb_reply_json(c, 200,
	                         json_pack("{s:o s:n s:i s:i s:i}", "media_list", list, "next_page_uri",
	                                   "page", 0, "page_size", 50, "start", 0));
}

/* A pre-signed URL: a request that carries credentials as well is refused, as S3 does. */
int rcd_sb_twilio_cdn(struct rcd_sb_call *c)
{
	static const char twice[] =
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidArgument</Code>"
		"<Message>Only one auth mechanism allowed</Message></Error>";
	struct rcd_buf bytes;
	const char *type;
	int ret = -1;

	if (rcd_sb_req_header(c->req, "Authorization") != NULL)
		return rcd_sb_reply(c, 400, "application/xml", rcd_sv(twice));
	rcd_buf_init(&bytes, RCD_SB_MAX_BODY);
	type = rcd_sb_media_get(c->box->media, c->star[0], &bytes);
	if (type == NULL) {
		ret = rcd_sb_refuse(c, 404, "", "There is nothing under this address");
	} else if (!bytes.bad) {
		rcd_sb_note(c, "bytes", json_integer((json_int_t)bytes.n));
		ret = rcd_sb_reply(c, 200, type, rcd_buf_view(&bytes));
	}
	rcd_buf_free(&bytes);
	return ret;
}

/* --- the typing sign ------------------------------------------------------------------- */

static int send_typing(struct rcd_sb_call *c, struct rcd_sv id, bool channel_ok)
{
	rcd_sb_note_sv(c, "message", id);
	if (!channel_ok || (!rcd_sv_starts(id, RCD_SV("SM")) && !rcd_sv_starts(id, RCD_SV("MM"))))
		return rcd_sb_refuse(c, 400, "20001", "messageId or channel is wrong");
	return rcd_sb_reply_json(c, 200, json_pack("{s:b}", "success", 1));
}

static int check_typing_v3(struct rcd_sb_call *c)
{
	bool nomem;
	json_t *v = rcd_sb_json(c, &nomem);
	int ret;

	if (nomem)
		return -1;
	ret = send_typing(c, rcd_json_sv(v, "messageId"),
	                  rcd_sv_is(rcd_json_sv(v, "channel"), "WHATSAPP"));
	json_decref(v);
	return ret;
}

int rcd_sb_twilio_typing(struct rcd_sb_call *c)
{
	struct rcd_form f = {0};
	struct rcd_err err = {0};
	int ret;

	if (strncmp(rcd_sb_req_path(c->req), "/v3/", 4) == 0)
		return check_typing_v3(c);
	if (rcd_form_parse(rcd_sb_req_body(c->req), &f, &err) != 0)
		return err.code == RCD_NOMEM ? -1 : rcd_sb_refuse(c, 400, "20001", err.msg);
	ret = send_typing(c, rcd_form_get(&f, "messageId"),
	                  rcd_sv_is(rcd_form_get(&f, "channel"), "whatsapp"));
	rcd_form_free(&f);
	return ret;
}
