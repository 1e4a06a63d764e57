#include "base/clock.h"
#include "base/json.h"
#include "provider/twilio_api.h"
#include "tests/peer.h"

/* Sending, looking and fetching against a peer that also lies, cuts and redirects. */

static char token[] = "secret-token";
static const char *const no_cdn[] = {NULL};

static struct peer peer, other; /* hold the requests: too large for a stack */

static struct rcd_twilio_conf conf_for(void)
{
	return (struct rcd_twilio_conf){.base_url = peer.url,
	                                .base_url_set = true,
	                                .account_sid = "AC123",
	                                .token = {token, sizeof(token) - 1},
	                                .number = "+14155238886",
	                                .cdn = no_cdn};
}

/* Basic AC123:secret-token */
#define AUTHORIZATION "\r\nauthorization: Basic QUMxMjM6c2VjcmV0LXRva2Vu\r\n"

static void close_all(struct rcd_http *http)
{
	(void)rcd_http_close(http);
	peer_stop(&peer);
	peer_stop(&other);
}

static const struct rcd_twilio_send text = {.from = "whatsapp:+14155238886",
                                            .to = "whatsapp:+5511987654321",
                                            .body = "Ol\xC3\xA1 & at\xC3\xA9",
                                            .key = "00112233445566778899aabbccddeeff"};

static int send_ok(void)
{
	struct rcd_twilio_conf conf = conf_for();
	struct rcd_twilio_send audio = text;
	struct rcd_http *http = NULL;
	struct rcd_form f = {0};
	enum rcd_sent what = RCD_SENT_UNKNOWN;
	struct rcd_err err;
	char sid[64];
	int ret = 0;

	peer.answer[0] = PEER_JSON("201 Created") "{\"sid\":\"SM0123\",\"status\":\"queued\"}";
	peer.answer[1] = PEER_JSON("201 Created") "{\"sid\":\"MM4567\",\"status\":\"queued\"}";
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	T_DO(rcd_twilio_send(http, &conf, &text, 0, &what, sid, &err), err);
	T_INT(what, RCD_SENT_ACCEPTED);
	T_STR(sid, "SM0123");
	T_OK(strncmp(peer.got[0], "POST /2010-04-01/Accounts/AC123/Messages.json HTTP/1.1\r\n", 56) ==
	     0);
	T_OK(strcasestr(peer.got[0], AUTHORIZATION) != NULL);
	T_OK(strcasestr(peer.got[0], "\r\ncontent-type: application/x-www-form-urlencoded\r\n") !=
	     NULL);
	T_STR(peer_body(&peer, 0), "To=whatsapp%3A%2B5511987654321&From=whatsapp%3A%2B14155238886"
	                           "&Body=Ol%C3%A1%20%26%20at%C3%A9");
	audio.body = NULL;
	audio.media_url = "https://h/static/audio/a.ogg";
	conf.status_callback = "https://h/webhook/status";
	T_DO(rcd_twilio_send(http, &conf, &audio, 0, &what, sid, &err), err);
	T_STR(sid, "MM4567");
	T_DO(rcd_form_parse(rcd_sv(peer_body(&peer, 1)), &f, &err), err);
	T_INT(f.n, 4);
	T_OK(rcd_sv_is(rcd_form_get(&f, "MediaUrl"), "https://h/static/audio/a.ogg"));
	T_OK(rcd_sv_is(rcd_form_get(&f, "StatusCallback"),
	               "https://h/webhook/status?k=00112233445566778899aabbccddeeff"));
	audio.media_url = NULL;
	T_INT(rcd_twilio_send(http, &conf, &audio, 0, &what, sid, &err), -1);
	T_INT(what, RCD_SENT_REJECTED);
	T_INT(peer_count(&peer), 2);
out:
	rcd_form_free(&f);
	close_all(http);
	return ret;
}

#define REFUSAL(code) "{\"code\":" code ",\"message\":\"to +5511987654321\",\"status\":400}"

static int send_outcomes(void)
{
	static const struct {
		const char *answer;
		enum rcd_sent what;
		enum rcd_code code;
		int sys, retry_after;
		enum rcd_account_fault account;
	} row[] = {
		{PEER_JSON("400 Bad") REFUSAL("21610"), RCD_SENT_REJECTED, RCD_INVAL, 21610, 0, 0},
		{PEER_JSON("401 No") REFUSAL("20003"), RCD_SENT_REJECTED, RCD_DENIED, 20003, 0,
	     RCD_ACCOUNT_KEY},
		{PEER_JSON("403 No") "<html>+5511987654321</html>", RCD_SENT_REJECTED, RCD_DENIED, 403, 0,
	     RCD_ACCOUNT_KEY},
		{PEER_JSON("403 No") REFUSAL("21408"), RCD_SENT_REJECTED, RCD_INVAL, 21408, 0,
	     0}, /* this recipient's region */
		{PEER_JSON("401 No") REFUSAL("20005"), RCD_SENT_REJECTED, RCD_DENIED, 20005, 0,
	     RCD_ACCOUNT_QUOTA},
		{PEER_HEAD("429 Slow", "application/json") "Retry-After: 3\r\n\r\n" REFUSAL("20429"),
	     RCD_SENT_AGAIN, RCD_DOWN, 20429, 3, 0},
		{PEER_JSON("429 Slow") "", RCD_SENT_AGAIN, RCD_DOWN, 429, 0, 0},
		{PEER_JSON("500 Oops") REFUSAL("20500"), RCD_SENT_UNKNOWN, RCD_DOWN, 20500, 0, 0},
		{PEER_JSON("503 Busy") "", RCD_SENT_UNKNOWN, RCD_DOWN, 503, 0, 0},
		{PEER_JSON("408 Late") "", RCD_SENT_UNKNOWN, RCD_DOWN, 408, 0, 0},
		{PEER_JSON("201 Created") "{\"sid\":\"\"}", RCD_SENT_UNKNOWN, RCD_PROTO, 201, 0, 0},
		{PEER_JSON("201 Created") "{\"sid\":\"SM/../\"}", RCD_SENT_UNKNOWN, RCD_PROTO, 201, 0, 0},
		{PEER_JSON("201 Created") "{\"sid\":", RCD_SENT_UNKNOWN, RCD_PROTO, 0, 0, 0},
		{NULL, RCD_SENT_UNKNOWN, RCD_DOWN, 0, 0, 0}, /* read, then closed without a word */
	};
	struct rcd_twilio_conf conf = conf_for();
	struct rcd_http *http = NULL;
	struct rcd_err err;
	int n = sizeof(row) / sizeof(row[0]), ret = 0;

	for (int i = 0; i < n; i++)
		peer.answer[i] = row[i].answer;
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	for (int i = 0; i < n; i++) {
		enum rcd_sent what = RCD_SENT_ACCEPTED;
		char sid[64] = "unchanged";

		T_INT(rcd_twilio_send(http, &conf, &text, rcd_deadline_in(10000), &what, sid, &err), -1);
		if (what != row[i].what || err.code != row[i].code || err.sys != row[i].sys ||
		    err.retry_after != row[i].retry_after || err.account != row[i].account)
			T_FAIL("row %d: %d, %s, %d, %d, %s", i, what, rcd_code_name(err.code), err.sys,
			       err.retry_after, err.msg);
		T_STR(sid, "unchanged");
		T_OK(strstr(err.msg, "5511") == NULL && strstr(err.msg, token) == NULL);
		T_OK(strncmp(err.msg, "twilio: sending a message: ", 27) == 0);
	}
	T_INT(peer_count(&peer), n); /* nothing went out twice */
out:
	close_all(http);
	return ret;
}

/* Nobody listens: it never left us. Nobody answers: who knows? */
static int send_unreached(void)
{
	struct rcd_twilio_conf conf = conf_for();
	enum rcd_sent what = RCD_SENT_ACCEPTED;
	struct rcd_http *http = NULL;
	struct rcd_err err;
	char sid[64], gone[64];
	int ret = 0;

	T_INT(peer_start(&other), 0);
	(void)snprintf(gone, sizeof(gone), "%s", other.url);
	peer_stop(&other);
	peer.answer[0] = "";
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	conf.base_url = gone;
	T_INT(rcd_twilio_send(http, &conf, &text, 0, &what, sid, &err), -1);
	T_INT(what, RCD_SENT_AGAIN);
	T_INT(err.code, RCD_DOWN);
	conf.base_url = peer.url;
	T_INT(rcd_twilio_send(http, &conf, &text, rcd_deadline_in(200), &what, sid, &err), -1);
	T_INT(what, RCD_SENT_UNKNOWN);
	T_INT(err.code, RCD_TIMEOUT);
out:
	close_all(http);
	return ret;
}

static int send_oom(void)
{
	struct rcd_twilio_conf conf = conf_for();
	enum rcd_sent what = RCD_SENT_ACCEPTED;
	struct rcd_http *http = NULL;
	struct rcd_err err;
	char sid[64] = "";
	int ret = 0;

	peer.answer[0] = PEER_JSON("201 Created") "{\"sid\":\"SM0123\"}";
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	if (rcd_twilio_send(http, &conf, &text, 0, &what, sid, &err) == 0) {
		T_STR(sid, "SM0123");
		goto out;
	}
	/* once the request is out, no shortage of memory may call it safe to repeat */
	T_OK(what == (peer_count(&peer) > 0 ? RCD_SENT_UNKNOWN : RCD_SENT_AGAIN));
	ret = T_NOMEM;
out:
	close_all(http);
	return ret;
}

/* --- looking ------------------------------------------------------------------------------ */

#define TO "\"to\":\"whatsapp:+5511987654321\","
#define MESSAGE(sid, to, body, media, dir, status, date)                                           \
	"{\"sid\":\"" sid "\"," to "\"body\":\"" body "\",\"num_media\":\"" media                      \
	"\",\"direction\":\"" dir "\",\"status\":\"" status "\",\"date_created\":\"" date "\"}"
#define OURS "Ol\xC3\xA1 & at\xC3\xA9"
#define NEW "Sat, 21 Nov 2026 13:05:09 +0000"
#define OLD "Sat, 21 Nov 2026 13:05:06 +0000"
#define PAGE(next, messages)                                                                       \
	PEER_JSON("200 OK") "{\"next_page_uri\":" next ",\"messages\":[" messages "]}"
#define SINCE 1795266309000LL /* 13:05:09 */

static int look(struct rcd_http *http, const struct rcd_twilio_send *m, char sid[64],
                struct rcd_err *err)
{
	struct rcd_twilio_conf conf = conf_for();

	return rcd_twilio_find(http, &conf, m, SINCE, NULL, NULL, rcd_deadline_in(10000), sid, err);
}

static int find_one(void)
{
	static const struct {
		const char *page;
		const char *sid; /* NULL: not there */
	} row[] = {
		{PAGE("null", MESSAGE("SM1", TO, OURS, "0", "outbound-api", "queued", NEW)), "SM1"},
		{PAGE("null", MESSAGE("SM1", TO, "  " OURS "\\n", "0", "outbound-api", "sent", NEW)),
	     "SM1"},
		{PAGE("null", MESSAGE("SM1", TO, "Sent from your Twilio trial account - " OURS, "0",
	                          "outbound-api", "sent", NEW)),
	     "SM1"},
		{PAGE("null", MESSAGE("SM1", TO, OURS, "0", "outbound-reply", "undelivered",
	                          "Sat, 21 Nov 2026 13:05:07 +0000")),
	     "SM1"},
		{PAGE("null", MESSAGE("SM1", TO, OURS, "0", "outbound-api", "failed", NEW)),
	     "SM1"}, /* later */
		{PAGE("null",
	          MESSAGE("SM2", TO, OURS, "0", "inbound", "received",
	                  NEW) "," MESSAGE("SM3", "\"to\":\"whatsapp:+5511987654322\",", OURS, "0",
	                                   "outbound-api", "sent",
	                                   NEW) "," MESSAGE("SM4", TO, OURS "!", "0", "outbound-api",
	                                                    "sent",
	                                                    NEW) "," MESSAGE("SM5", TO, OURS, "0",
	                                                                     "outbound-api", "sent",
	                                                                     OLD)),
	     NULL},
		{PAGE("null", ""), NULL},
		{PAGE("\"\"", ""), NULL},
		/* the page reaches back far enough: the next one is not asked for */
		{PAGE("\"/next\"", MESSAGE("SM5", TO, OURS, "0", "outbound-api", "sent", OLD)), NULL},
	};
	struct rcd_http *http = NULL;
	struct rcd_err err;
	int n = sizeof(row) / sizeof(row[0]), ret = 0;

	for (int i = 0; i < n; i++)
		peer.answer[i] = row[i].page;
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	for (int i = 0; i < n; i++) {
		char sid[64] = "";
		int got = look(http, &text, sid, &err);

		if (row[i].sid != NULL ? got != 0 || strcmp(sid, row[i].sid) != 0
		                       : got == 0 || err.code != RCD_NOENT)
			T_FAIL("row %d: %d, \"%s\", %s", i, got, sid, err.msg);
	}
	T_INT(peer_count(&peer), n);
	T_OK(strncmp(peer.got[0],
	             "GET /2010-04-01/Accounts/AC123/Messages.json?PageSize=100&"
	             "To=whatsapp%3A%2B5511987654321 HTTP/1.1\r\n",
	             99) == 0);
	T_OK(strcasestr(peer.got[0], AUTHORIZATION) != NULL);
out:
	close_all(http);
	return ret;
}

struct asked {
	int n;
	bool fails;
};

/* SM1 is another message of ours; whether SM2 is cannot be said when the store fails. */
static int know_sm1(void *arg, const char *sid, struct rcd_sv body, bool *is_another,
                    struct rcd_err *err)
{
	struct asked *a = arg;

	a->n++;
	if (a->fails || !rcd_sv_is(body, OURS))
		return rcd_fail(err, RCD_IO, 0, "the store does not answer");
	*is_another = strcmp(sid, "SM1") == 0;
	return 0;
}

/* A message with the same words settles ours only when it is known not to be another of ours. */
static int find_among_own(void)
{
	static const char two[] = PAGE("null", MESSAGE("SM1", TO, OURS, "0", "outbound-api", "sent",
	                                               NEW) "," MESSAGE("SM2", TO, OURS, "0",
	                                                                "outbound-api", "sent", NEW));
	struct rcd_twilio_conf conf = conf_for();
	struct rcd_http *http = NULL;
	struct asked asked = {0};
	char sid[64] = "";
	struct rcd_err err;
	int ret = 0;

	peer.answer[0] = peer.answer[1] = two;
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	conf = conf_for();
	T_DO(rcd_twilio_find(http, &conf, &text, SINCE, know_sm1, &asked, rcd_deadline_in(10000), sid,
	                     &err),
	     err);
	T_STR(sid, "SM2");
	T_INT(asked.n, 2);
	asked = (struct asked){.fails = true};
	sid[0] = '\0';
	T_INT(rcd_twilio_find(http, &conf, &text, SINCE, know_sm1, &asked, rcd_deadline_in(10000), sid,
	                      &err),
	      -1);
	T_INT(err.code, RCD_IO);
	T_INT(asked.n, 1);
	T_STR(sid, "");
out:
	close_all(http);
	return ret;
}

/* Whatever our number has said since: with words rather than without, not to or from others, not
 * what failed. */
static int find_anything(void)
{
#define OUT(sid, from, body, media, status)                                                        \
	MESSAGE(sid, TO "\"from\":\"" from "\",", body, media, "outbound-api", status, NEW)
#define US "whatsapp:+14155238886"
	static const struct {
		const char *page;
		const char *sid, *body; /* NULL: not there */
	} row[] = {
		{PAGE("null", OUT("SM2", US, "", "1", "sent") "," OUT("SM1", US, OURS, "0", "sent")), "SM1",
	     OURS},
		{PAGE("null", OUT("SM2", US, "", "1", "sent")), "SM2", ""},
		{PAGE("null",
	          OUT("SM3", US, OURS, "0", "failed") "," OUT("SM4", US, OURS, "0", "undelivered")),
	     NULL, ""},
		{PAGE("null", OUT("SM5", "whatsapp:+14155230000", OURS, "0", "sent")), NULL, ""},
		{PAGE("null", MESSAGE("SM6", TO, OURS, "0", "inbound", "received", NEW)), NULL, ""},
	};
	struct rcd_twilio_conf conf;
	struct rcd_twilio_query query = {.from = US,
	                                 .to = "whatsapp:+5511987654321",
	                                 .anything = true,
	                                 .not_failed = true,
	                                 .since_ms = SINCE};
	struct rcd_http *http = NULL;
	struct rcd_buf body;
	struct rcd_err err;
	int n = sizeof(row) / sizeof(row[0]), ret = 0;

	rcd_buf_init(&body, RCD_MAX_TEXT);
	for (int i = 0; i < n; i++)
		peer.answer[i] = row[i].page;
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	conf = conf_for();
	for (int i = 0; i < n; i++) {
		char sid[64] = "";
		int got = rcd_twilio_search(http, &conf, &query, rcd_deadline_in(10000), sid, &body, &err);

		if (row[i].sid != NULL ? got != 0 || strcmp(sid, row[i].sid) != 0
		                       : got == 0 || err.code != RCD_NOENT)
			T_FAIL("row %d: %d, \"%s\", %s", i, got, sid, err.msg);
		T_OK(rcd_sv_is(rcd_buf_view(&body), row[i].body));
		rcd_buf_reset(&body);
	}
out:
	rcd_buf_free(&body);
	close_all(http);
	return ret;
}

static int find_media(void)
{
	struct rcd_twilio_send audio = text;
	struct rcd_http *http = NULL;
	char sid[64] = "";
	struct rcd_err err;
	int ret = 0;

	audio.body = NULL;
	audio.media_url = "https://h/a.ogg";
	peer.answer[0] = PAGE("\"/2010-04-01/Accounts/AC123/Messages.json?Page=1&PageToken=x\"",
	                      MESSAGE("SM1", TO, OURS, "0", "outbound-api", "sent",
	                              NEW) "," MESSAGE("SM2", TO, "com foto", "1", "outbound-api",
	                                               "sent", NEW));
	peer.answer[1] = PAGE("null", MESSAGE("SM3", TO, "", "0", "outbound-api", "sent",
	                                      NEW) "," MESSAGE("SM4", TO, "", "1", "outbound-api",
	                                                       "sent", NEW));
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	T_DO(look(http, &audio, sid, &err), err);
	T_STR(sid, "SM4");
	T_OK(strncmp(peer.got[1],
	             "GET /2010-04-01/Accounts/AC123/Messages.json?Page=1&PageToken=x HTTP/1.1\r\n",
	             74) == 0);
out:
	close_all(http);
	return ret;
}

/* What is not a clear "no" must not read like one: a second message would go out. */
static int find_unsure(void)
{
	static char elsewhere[256],
		endless[] = PAGE("\"/more\"", MESSAGE("SM1", TO, "x", "0", "outbound-api", "sent", NEW));
	const struct {
		const char *page;
		enum rcd_code code;
	} row[] = {
		{PEER_JSON("404 Not Found") REFUSAL("20404"), RCD_INVAL},
		{PEER_JSON("401 No") "", RCD_DENIED},
		{PEER_JSON("500 Oops") "", RCD_DOWN},
		{PEER_JSON("200 OK") "{}", RCD_PROTO},
		{PEER_JSON("200 OK") "[", RCD_PROTO},
		{PAGE("null", MESSAGE("SM1", TO, OURS, "0", "outbound-api", "sent", "yesterday")),
	     RCD_PROTO},
		{elsewhere, RCD_DENIED},
		{endless, RCD_LIMIT},
		{endless, 0},
		{endless, 0},
		{endless, 0},
		{endless, 0}, /* the pages of the row above */
	};
	struct rcd_http *http = NULL;
	struct rcd_err err;
	char sid[64];
	int ret = 0;

	T_INT(peer_start(&other), 0);
	(void)snprintf(elsewhere, sizeof(elsewhere),
	               PEER_JSON("200 OK") "{\"next_page_uri\":\"%s/x\",\"messages\":[]}", other.url);
	for (int i = 0; i < 12; i++)
		peer.answer[i] = row[i].page;
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	for (int i = 0; i < 8; i++) {
		T_INT(look(http, &text, sid, &err), -1);
		if (err.code != row[i].code)
			T_FAIL("row %d: %s (%s)", i, err.msg, rcd_code_name(err.code));
	}
	T_INT(peer_count(&peer), 12);
	T_INT(peer_count(&other), 0); /* the credentials went nowhere else */
out:
	close_all(http);
	return ret;
}

static int dates(void)
{
	static const struct {
		const char *text;
		int64_t ms;
	} row[] = {
		{"Sat, 21 Nov 2026 13:05:09 +0000", SINCE},
		{"21 Nov 2026 13:05:09 GMT", SINCE},
		{"Sat, 21 Nov 2026 10:05:09 -0300", SINCE},
		{"Sat, 21 Nov 2026 18:35:09 +0530", SINCE},
		{"Thu, 01 Jan 1970 00:00:00 +0000", 0},
		{"", -1},
		{"Sat,", -1},
		{"Sat, 21 Nov 2026", -1},
		{"Sat, 21 Nov 2026 13:05 +0000", -1},
		{"Sat, 21 nov 2026 13:05:09 +0000", -1},
		{"Sat, 32 Nov 2026 13:05:09 +0000", -1},
		{"Sat, 21 Nov 2026 25:05:09 +0000", -1},
		{"Sat, 21 Nov 2026 13:05:09", -1},
		{"Sat, 21 Nov 2026 13:05:09 +00000", -1},
		{"Sat, 21 Nov 2026 13:05:09 PST", -1},
		{"Sat, +1 Nov 2026 13:05:09 +0000", -1},
		{"2026-11-21T13:05:09Z", -1},
		{"Sat, 21 Nov 2026 13:05:09:1 +0000", -1},
		{"Sat, 21 Nov 99999 13:05:09 +0000", -1},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int64_t ms = -1;

		T_INT(rcd_twilio_time(rcd_sv(row[i].text), &ms), row[i].ms < 0 ? -1 : 0);
		T_INT(ms, row[i].ms);
	}
out:
	return ret;
}

/* --- fetching ----------------------------------------------------------------------------- */

static int fetch(struct rcd_http *http, const char *url, size_t max, struct rcd_buf *out,
                 char type[96], struct rcd_err *err)
{
	struct rcd_twilio_conf conf = conf_for();

	rcd_buf_free(out);
	rcd_buf_init(out, max);
	return rcd_twilio_fetch(http, &conf, url, rcd_deadline_in(10000), out, type, err);
}

static int fetch_redirect(void)
{
	static char redirect[256],
		relative[] = PEER_HEAD("302 Found", "text/plain") "Location: /cdn/x\r\n\r\n";
	struct rcd_http *http = NULL;
	struct rcd_buf out = {0};
	char url[128], type[96] = "";
	struct rcd_err err;
	int ret = 0;

	other.answer[0] = PEER_HEAD("200 OK", "audio/ogg") "\r\nOggS";
	T_INT(peer_start(&other), 0);
	(void)snprintf(redirect, sizeof(redirect),
	               PEER_HEAD("307 Moved", "text/plain") "Location: %s/cdn/x?sig=1\r\n\r\n",
	               other.url);
	peer.answer[0] = redirect;
	peer.answer[1] = PEER_HEAD("200 OK", "audio/ogg; codecs=opus") "\r\nOggS2";
	peer.answer[2] = relative;
	peer.answer[3] = PEER_HEAD("200 OK", "image/png") "\r\nPNG";
	T_INT(peer_start(&peer), 0);
	(void)snprintf(url, sizeof(url), "%s/2010-04-01/Accounts/AC123/Messages/MM1/Media/ME1",
	               peer.url);
	T_DO(rcd_http_open(&http, &err), err);
	T_DO(fetch(http, url, RCD_MAX_MEDIA, &out, type, &err), err);
	T_OK(rcd_sv_is(rcd_buf_view(&out), "OggS"));
	T_STR(type, "audio/ogg");
	T_OK(strncmp(peer.got[0], "GET /2010-04-01/Accounts/AC123/Messages/MM1/Media/ME1 HTTP", 58) ==
	     0);
	T_OK(strcasestr(peer.got[0], AUTHORIZATION) != NULL);
	T_OK(strncmp(other.got[0], "GET /cdn/x?sig=1 HTTP/1.1\r\n", 27) == 0);
	T_OK(strcasestr(other.got[0], "authorization") == NULL);
	T_DO(fetch(http, url, RCD_MAX_MEDIA, &out, type, &err), err); /* no redirect at all */
	T_OK(rcd_sv_is(rcd_buf_view(&out), "OggS2"));
	T_STR(type, "audio/ogg; codecs=opus");
	T_DO(fetch(http, url, RCD_MAX_MEDIA, &out, type, &err), err);
	T_OK(rcd_sv_is(rcd_buf_view(&out), "PNG"));
	T_OK(strcasestr(peer.got[3], "authorization") == NULL);
out:
	rcd_buf_free(&out);
	close_all(http);
	return ret;
}

static int fetch_denied(void)
{
	static char back[256];
	const char *const bad_redirect[] = {
		PEER_HEAD("302 Found", "text/plain") "Location: https://example.com/x\r\n\r\n",
		PEER_HEAD("302 Found", "text/plain") "Location: http://169.254.169.254/latest\r\n\r\n",
		PEER_HEAD("302 Found", "text/plain") "Location: file:///etc/passwd\r\n\r\n",
		PEER_HEAD("302 Found", "text/plain") "Location: //example.com/x\r\n\r\n",
		PEER_HEAD("302 Found", "text/plain") "\r\n",
		back,
	};
	struct rcd_http *http = NULL;
	struct rcd_buf out = {0};
	char url[128], path[64], type[96] = "unchanged";
	struct rcd_err err;
	int ret = 0;

	other.answer[0] = back;
	T_INT(peer_start(&other), 0);
	for (int i = 0; i < 6; i++)
		peer.answer[i] = bad_redirect[i];
	T_INT(peer_start(&peer), 0);
	(void)snprintf(back, sizeof(back),
	               PEER_HEAD("302 Found", "text/plain") "Location: %s/y\r\n\r\n", other.url);
	(void)snprintf(url, sizeof(url), "%s/m", peer.url);
	T_DO(rcd_http_open(&http, &err), err);
	for (int i = 0; i < 6; i++) {
		T_INT(fetch(http, url, RCD_MAX_MEDIA, &out, type, &err), -1);
		if (err.code != RCD_DENIED && err.code != RCD_INVAL && err.code != RCD_PROTO)
			T_FAIL("redirect %d: %s (%s)", i, err.msg, rcd_code_name(err.code));
	}
	T_INT(peer_count(&peer), 6);
	T_INT(peer_count(&other), 1); /* the first of two redirects was followed */
	/* another origin is not asked at all */
	(void)snprintf(path, sizeof(path), "http://localhost:%d/m", peer.port);
	T_INT(fetch(http, path, RCD_MAX_MEDIA, &out, type, &err), -1);
	T_INT(err.code, RCD_DENIED);
	T_INT(fetch(http, other.url, RCD_MAX_MEDIA, &out, type, &err), -1);
	T_INT(err.code, RCD_DENIED);
	(void)snprintf(path, sizeof(path), "https://127.0.0.1:%d/m", peer.port);
	T_INT(fetch(http, path, RCD_MAX_MEDIA, &out, type, &err), -1);
	T_INT(err.code, RCD_DENIED);
	/* nor a path that leads elsewhere than it says */
	static const char *const crooked[] = {"/a/../m", "/..",         "/a/%2e%2E/m", "/a/.%2e/m",
	                                      "/./m",    "/a%2F..%2fm", "/a\\..\\m",   "/a/%2e"};
	for (size_t i = 0; i < sizeof(crooked) / sizeof(crooked[0]); i++) {
		(void)snprintf(url, sizeof(url), "%s%s", peer.url, crooked[i]);
		T_INT(fetch(http, url, RCD_MAX_MEDIA, &out, type, &err), -1);
		T_INT(err.code, RCD_DENIED);
	}
	T_INT(peer_count(&peer), 6);
	(void)snprintf(path, sizeof(path), "http://127.0.0.1:%d@example.com/m", peer.port);
	T_INT(fetch(http, path, RCD_MAX_MEDIA, &out, type, &err), -1);
	T_INT(err.code, RCD_DENIED);
	T_INT(fetch(http, "file:///etc/passwd", RCD_MAX_MEDIA, &out, type, &err), -1);
	T_INT(err.code, RCD_DENIED);
	T_INT(fetch(http, "cat.jpg", RCD_MAX_MEDIA, &out, type, &err), -1);
	T_INT(err.code, RCD_DENIED);
	T_INT(peer_count(&peer), 6);
	T_STR(type, "unchanged");
out:
	rcd_buf_free(&out);
	close_all(http);
	return ret;
}

/* From a public origin: to its content networks alone, and never to a private address. None
 * of this leaves the machine: what is allowed fails on the address. */
static int fetch_public(void)
{
	static const char *const cdn[] = {"localhost", NULL};
	struct rcd_twilio_conf conf = conf_for();
	struct rcd_http *http = NULL;
	struct rcd_buf out;
	char url[128], type[96];
	struct rcd_err err;
	int ret = 0;

	rcd_buf_init(&out, RCD_MAX_MEDIA);
	peer.answer[0] = PEER_HEAD("302 Found", "text/plain") "Location: https://localhost/x\r\n\r\n";
	peer.answer[1] = PEER_HEAD("302 Found",
	                           "text/plain") "Location: https://notlocalhost/x\r\n\r\n";
	peer.answer[2] = PEER_HEAD("302 Found", "text/plain") "Location: http://localhost/x\r\n\r\n";
	peer.answer[3] = PEER_HEAD("302 Found",
	                           "text/plain") "Location: https://localhost:8443/x\r\n\r\n";
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	conf.base_url_set = false; /* as if it were https://api.twilio.com */
	conf.cdn = cdn;
	(void)snprintf(url, sizeof(url), "%s/m", peer.url);
	for (int i = 0; i < 4; i++) {
		T_INT(rcd_twilio_fetch(http, &conf, url, rcd_deadline_in(10000), &out, type, &err), -1);
		T_INT(err.code, RCD_DENIED);
		T_OK((strstr(err.msg, "not in the list") == NULL) == (i == 0));
	}
	conf.cdn = NULL;
	T_INT(peer_count(&peer), 4);
out:
	rcd_buf_free(&out);
	close_all(http);
	return ret;
}

static int fetch_late_or_large(void)
{
	struct rcd_http *http = NULL;
	struct rcd_buf out = {0};
	char url[128], type[96] = "";
	int64_t began;
	struct rcd_err err;
	int ret = 0;

	peer.answer[0] = peer.answer[1] = PEER_JSON("404 Not Found") REFUSAL("20404");
	peer.answer[2] = PEER_HEAD("200 OK", "audio/ogg") "\r\nOggS";
	peer.answer[3] = PEER_HEAD("200 OK", "audio/ogg") "\r\n0123456789ABCDEF";
	peer.answer[4] = PEER_HEAD("200 OK", "audio/ogg") "Content-Length: 100\r\n\r\ncut";
	for (int i = 5; i < 9; i++)
		peer.answer[i] = peer.answer[0];
	T_INT(peer_start(&peer), 0);
	(void)snprintf(url, sizeof(url), "%s/m", peer.url);
	T_DO(rcd_http_open(&http, &err), err);
	began = rcd_mono_ms();
	T_DO(fetch(http, url, RCD_MAX_MEDIA, &out, type, &err), err);
	T_OK(rcd_sv_is(rcd_buf_view(&out), "OggS"));
	T_OK(rcd_mono_ms() - began >= 600); /* 200 + 400 */
	T_INT(fetch(http, url, 10, &out, type, &err), -1);
	T_INT(err.code, RCD_LIMIT);
	T_INT(fetch(http, url, RCD_MAX_MEDIA, &out, type, &err), -1);
	T_INT(err.code, RCD_DOWN);
	T_INT(fetch(http, url, RCD_MAX_MEDIA, &out, type, &err), -1);
	T_INT(err.code, RCD_NOENT);
	T_INT(err.sys, 20404);
	T_INT(peer_count(&peer), 9);
	T_INT(out.n, 0);
out:
	rcd_buf_free(&out);
	close_all(http);
	return ret;
}

const struct t_case t_cases[] = {
	{"send_ok", send_ok, 0},
	{"send_outcomes", send_outcomes, 0},
	{"send_unreached", send_unreached, 0},
	{"send_oom", send_oom, T_OOM},
	{"find_one", find_one, 0},
	{"find_anything", find_anything, 0},
	{"find_among_own", find_among_own, 0},
	{"find_media", find_media, 0},
	{"find_unsure", find_unsure, 0},
	{"dates", dates, 0},
	{"fetch_redirect", fetch_redirect, 0},
	{"fetch_denied", fetch_denied, 0},
	{"fetch_public", fetch_public, 0},
	{"fetch_late_or_large", fetch_late_or_large, 0},
	{NULL, NULL, 0},
};
