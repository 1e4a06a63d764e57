#include "base/clock.h"
#include "provider/twilio_api.h"
#include "tests/peer.h"

/* What Twilio tells of by itself: status callbacks, error numbers, what was received. */

static char token[] = "secret-token";
static struct peer peer; /* holds the requests: too large for a stack */

static struct rcd_twilio_conf conf_for(void)
{
	return (struct rcd_twilio_conf){.base_url = peer.url,
	                                .base_url_set = true,
	                                .account_sid = "AC123",
	                                .token = {token, sizeof(token) - 1},
	                                .number = "+14155238886"};
}

/* --- statuses ------------------------------------------------------------------------------- */

#define KEY "00112233445566778899aabbccddeeff"

static int statuses(void)
{
	static const struct {
		const char *query, *form;
		enum rcd_delivery delivery; /* NONE: refused */
		const char *key;
		int error;
	} row[] = {
		{"k=" KEY, "MessageSid=SM1&MessageStatus=queued", RCD_DELIVERY_QUEUED, KEY, 0},
		{"a=b&k=" KEY, "MessageSid=SM1&MessageStatus=sending", RCD_DELIVERY_SENDING, KEY, 0},
		{NULL, "MessageSid=SM1&MessageStatus=sent&SmsStatus=sent", RCD_DELIVERY_SENT, "", 0},
		{"", "MessageSid=SM1&MessageStatus=delivered", RCD_DELIVERY_DELIVERED, "", 0},
		{"k=" KEY, "MessageSid=SM1&MessageStatus=read&EventType=READ", RCD_DELIVERY_READ, KEY, 0},
		{"k=" KEY, "MessageSid=SM1&MessageStatus=failed&ErrorCode=63016", RCD_DELIVERY_FAILED, KEY,
	     63016},
		{"k=" KEY, "MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30003", RCD_DELIVERY_FAILED,
	     KEY, 30003},
		{"k=" KEY, "MessageSid=SM1&MessageStatus=accepted", RCD_DELIVERY_QUEUED, KEY, 0},
		{"k=" KEY, "MessageSid=SM1&MessageStatus=canceled", RCD_DELIVERY_FAILED, KEY, 0},
		{"k=" KEY, "MessageSid=SM1&MessageStatus=sent&ErrorCode=-5", RCD_DELIVERY_SENT, KEY, 0},
		{"k=" KEY "0", "MessageSid=SM1&MessageStatus=sent", RCD_DELIVERY_SENT, "", 0},
		{"k=" KEY "&k=" KEY, "MessageSid=SM1&MessageStatus=sent", RCD_DELIVERY_SENT, "", 0},
		{"k=00112233445566778899AABBCCDDEEFF", "MessageSid=SM1&MessageStatus=sent",
	     RCD_DELIVERY_SENT, "", 0},
		{"k=%00112233445566778899aabbccddeeff", "MessageSid=SM1&MessageStatus=sent",
	     RCD_DELIVERY_SENT, "", 0},
		{"k=" KEY, "MessageStatus=sent", RCD_DELIVERY_NONE, NULL, 0},
		{"k=" KEY, "MessageSid=SM/1&MessageStatus=sent", RCD_DELIVERY_NONE, NULL, 0},
		{"k=" KEY, "MessageSid=SM1", RCD_DELIVERY_NONE, NULL, 0},
		{"k=" KEY, "MessageSid=SM1&MessageStatus=", RCD_DELIVERY_NONE, NULL, 0},
		{"k=" KEY, "MessageSid=SM1&MessageStatus=received", RCD_DELIVERY_NONE, NULL, 0},
		{"k=" KEY, "MessageSid=SM1&MessageStatus=sent&MessageStatus=read", RCD_DELIVERY_NONE, NULL,
	     0},
	};
	struct rcd_form f = {0};
	struct rcd_err err = {0};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rcd_twilio_status s = {.error = -1};

		T_DO(rcd_form_parse(rcd_sv(row[i].form), &f, &err), err);
		if (rcd_twilio_status(rcd_sv(row[i].query), &f, &s, &err) != 0) {
			if (err.code == RCD_NOMEM) {
				ret = T_NOMEM;
				goto out;
			}
			if (row[i].delivery != RCD_DELIVERY_NONE || err.code != RCD_PROTO || s.error != -1)
				T_FAIL("row %zu: %s", i, err.msg);
		} else if (s.delivery != row[i].delivery || strcmp(s.key, row[i].key) != 0 ||
		           s.error != row[i].error || strcmp(s.sid, "SM1") != 0) {
			T_FAIL("row %zu: %d, %s, %s, %d", i, s.delivery, s.sid, s.key, s.error);
		}
		rcd_form_free(&f);
	}
out:
	rcd_form_free(&f);
	return ret;
}

static int policies(void)
{
	static const struct {
		int code;
		enum rcd_policy_do act;
		bool later;
	} row[] = {
		{20429, RCD_POLICY_RETRY, false},     {429, RCD_POLICY_RETRY, false},
		{503, RCD_POLICY_RETRY, false},       {63018, RCD_POLICY_LATER, true},
		{63038, RCD_POLICY_LATER, true},      {30001, RCD_POLICY_LATER, true},
		{63016, RCD_POLICY_DEAD, false},      {21211, RCD_POLICY_DEAD, false},
		{63024, RCD_POLICY_DEAD, false},      {21610, RCD_POLICY_OPTED_OUT, false},
		{63014, RCD_POLICY_OPTED_OUT, false}, {20003, RCD_POLICY_FIX, false},
		{63007, RCD_POLICY_FIX, false},       {21408, RCD_POLICY_FIX, false},
		{63112, RCD_POLICY_FIX, false},       {0, RCD_POLICY_DEAD, false},
		{99999, RCD_POLICY_DEAD, false},      {-1, RCD_POLICY_DEAD, false},
	};
	int known = 0, last = 0, ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct rcd_policy *p = rcd_twilio_policy(row[i].code);

		if (p->act != row[i].act || (p->wait_s > 0) != row[i].later || p->why[0] == '\0')
			T_FAIL("%d: %d, %d, %s", row[i].code, p->act, p->wait_s, p->why);
	}
	for (int code = 1; code < 100000;
	     code++) { /* the table is in order, or some would not be found */
		const struct rcd_policy *p = rcd_twilio_policy(code);

		if (p->code != 0) {
			T_INT(p->code, code);
			T_OK(code > last && (p->act == RCD_POLICY_LATER) == (p->wait_s > 0));
			last = code;
			known++;
		}
	}
	T_INT(known, 82);
out:
	return ret;
}

/* --- the typing sign ------------------------------------------------------------------------ */

static int typing(void)
{
	struct rcd_twilio_conf conf = conf_for();
	struct rcd_http *http = NULL;
	struct rcd_err err;
	int ret = 0;

	peer.answer[0] = PEER_JSON("200 OK") "{\"success\":true}";
	peer.answer[1] = PEER_JSON("200 OK") "{\"success\":false}";
	peer.answer[2] = PEER_JSON("200 OK") "<html>";
	peer.answer[3] = PEER_JSON(
		"404 Not Found") "{\"code\":20404,\"message\":\"SM1\",\"status\":404}";
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	T_DO(rcd_twilio_typing(http, &conf, "SM1", rcd_deadline_in(10000), &err), err);
	T_OK(strncmp(peer.got[0], "POST /v3/Indicators/Typing.json HTTP/1.1\r\n", 42) == 0);
	T_OK(strcasestr(peer.got[0], "\r\nauthorization: Basic QUMxMjM6c2VjcmV0LXRva2Vu\r\n") != NULL);
	T_STR(peer_body(&peer, 0), "{\"channel\":\"WHATSAPP\",\"messageId\":\"SM1\"}");
	T_INT(rcd_twilio_typing(http, &conf, "SM1", rcd_deadline_in(10000), &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_INT(rcd_twilio_typing(http, &conf, "SM1", rcd_deadline_in(10000), &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_INT(rcd_twilio_typing(http, &conf, "SM1", rcd_deadline_in(10000), &err), -1);
	T_INT(err.code, RCD_NOENT);
out:
	(void)rcd_http_close(http);
	peer_stop(&peer);
	return ret;
}

static int typing_oom(void)
{
	struct rcd_twilio_conf conf = conf_for();
	struct rcd_http *http = NULL;
	struct rcd_err err;
	int ret = 0;

	peer.answer[0] = PEER_JSON("200 OK") "{\"success\":true}";
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	conf.base_url = peer.url;
	T_DO(rcd_twilio_typing(http, &conf, "SM1", rcd_deadline_in(10000), &err), err);
out:
	(void)rcd_http_close(http);
	peer_stop(&peer);
	return ret;
}

/* --- the sweep ------------------------------------------------------------------------------ */

#define SINCE 1795266309000 /* Sat, 21 Nov 2026 13:05:09 +0000 */
#define FROM "whatsapp:+5511987654321"
#define MESSAGE(sid, direction, time, body, media)                                                 \
	"{\"sid\":\"" sid "\",\"direction\":\"" direction                                              \
	"\",\"date_created\":\"Sat, 21 Nov 2026 " time " +0000\",\"from\":\"" FROM                     \
	"\",\"to\":\"whatsapp:+14155238886\",\"body\":" body ",\"num_media\":\"" media                 \
	"\",\"num_segments\":\"1\"}"
#define LIST(messages, next)                                                                       \
	PEER_JSON("200 OK") "{\"messages\":[" messages "],\"next_page_uri\":" next "}"
#define NONE LIST("", "null")

struct heap {
	struct rcd_buf sids, forms;
	const char *here; /* a sid that is not missing */
	int puts, stop_at;
};

static int have(void *arg, struct rcd_sv sid, bool *yes, struct rcd_err *err)
{
	const struct heap *h = arg;

	(void)err;
	*yes = h->here != NULL && rcd_sv_is(sid, h->here);
	return 0;
}

static int put(void *arg, const struct rcd_twilio_swept *m, struct rcd_err *err)
{
	struct heap *h = arg;

	if (++h->puts == h->stop_at)
		return rcd_fail(err, RCD_BUSY, 0, "the store is busy");
	rcd_buf_fmt(&h->sids, "%.*s@%lld ", RCD_SV_ARG(m->sid),
	            (long long)(m->received_ms - SINCE) / 1000);
	rcd_buf_sv(&h->forms, m->form);
	rcd_buf_ch(&h->forms, '\n');
	return h->sids.bad || h->forms.bad ? rcd_fail_nomem(err) : 0;
}

static int sweep(struct rcd_http *http, struct heap *h, struct rcd_err *err)
{
	const struct rcd_twilio_conf conf = conf_for();
	const struct rcd_twilio_sweep how = {.since_ms = SINCE,
	                                     .deadline = rcd_deadline_in(10000),
	                                     .have = have,
	                                     .put = put,
	                                     .arg = h};

	h->puts = 0;
	rcd_buf_reset(&h->sids);
	rcd_buf_reset(&h->forms);
	rcd_buf_str(&h->sids, "");
	return rcd_twilio_sweep(http, &conf, &how, err);
}

static int open_heap(struct heap *h, struct rcd_http **http, struct rcd_err *err)
{
	*h = (struct heap){.puts = 0};
	rcd_buf_init(&h->sids, 4096);
	rcd_buf_init(&h->forms, 65536);
	if (peer_start(&peer) != 0)
		return rcd_fail(err, RCD_IO, 0, "no peer");
	return rcd_http_open(http, err);
}

static void close_heap(struct heap *h, struct rcd_http *http)
{
	(void)rcd_http_close(http);
	peer_stop(&peer);
	rcd_buf_free(&h->sids);
	rcd_buf_free(&h->forms);
}

#define TWO_PAGES(answer)                                                                          \
	answer[0] = LIST(MESSAGE("SM4", "outbound-api", "13:09:00", "\"nossa\"",                       \
	                         "0") "," MESSAGE("SM3", "inbound", "13:08:09", "\"oi & tchau\"",      \
	                                          "0") "," MESSAGE("SM2", "inbound", "13:07:09",       \
	                                                           "\"aqui\"", "0"),                   \
	                 "\"/2010-04-01/Accounts/AC123/Messages.json?Page=1\"");                       \
	answer[1] = LIST(MESSAGE("MM1", "inbound", "13:05:09", "null",                                 \
	                         "1") "," MESSAGE("SM0", "inbound", "13:05:06", "\"velha\"", "0"),     \
	                 "null");                                                                      \
	answer[2] = PEER_JSON(                                                                         \
		"200 OK") "{\"media_list\":[{\"sid\":\"ME1\",\"content_type\":\"audio/ogg\"}]}";           \
	answer[3] = LIST(MESSAGE("SM9", "inbound", "13:06:09", "\"sms\"", "0"), "null")

static int swept(void)
{
	struct rcd_http *http = NULL;
	struct rcd_form f = {0};
	struct rcd_twilio_msg m;
	struct rcd_sv rest, line = {NULL, 0};
	char want[128];
	struct heap h;
	struct rcd_err err;
	int ret = 0;

	TWO_PAGES(peer.answer);
	T_DO(open_heap(&h, &http, &err), err);
	h.here = "SM2";
	T_DO(sweep(http, &h, &err), err);
	T_STR(h.sids.p,
	      "MM1@0 SM3@180 SM9@60 "); /* oldest first on each channel; not ours, not here, not old */
	T_INT(peer_count(&peer), 4);
	T_OK(strstr(peer.got[0],
	            "?PageSize=500&To=whatsapp%3A%2B14155238886&DateSent%3E=2026-11-21 ") != NULL);
	T_OK(strncmp(peer.got[1], "GET /2010-04-01/Accounts/AC123/Messages.json?Page=1 ", 52) == 0);
	T_OK(strncmp(peer.got[2], "GET /2010-04-01/Accounts/AC123/Messages/MM1/Media.json ", 55) == 0);
	T_OK(strstr(peer.got[3], "&To=%2B14155238886&") != NULL);
	/* the form is one that a webhook could have brought */
	rest = rcd_buf_view(&h.forms);
	T_OK(rcd_sv_cut(&rest, '\n', &line));
	T_DO(rcd_form_parse(line, &f, &err), err);
	T_DO(rcd_twilio_parse(&f, &m, &err), err);
	T_OK(rcd_sv_is(m.sid, "MM1") && rcd_sv_is(m.from, FROM) && m.whatsapp && m.n_media == 1);
	(void)snprintf(want, sizeof(want), "%s/2010-04-01/Accounts/AC123/Messages/MM1/Media/ME1",
	               peer.url);
	T_OK(rcd_sv_is(m.media[0].url, want) && rcd_sv_is(m.media[0].type, "audio/ogg"));
	rcd_form_free(&f);
	T_OK(rcd_sv_cut(&rest, '\n', &line));
	T_DO(rcd_form_parse(line, &f, &err), err);
	T_DO(rcd_twilio_parse(&f, &m, &err), err);
	T_OK(rcd_sv_is(m.body, "oi & tchau") && m.n_media == 0);
out:
	rcd_form_free(&f);
	close_heap(&h, http);
	return ret;
}

/* What fails, and what was put by then. */
static int unswept(void)
{
	static const struct {
		const char *answer[4];
		enum rcd_code code;
		const char *sids;
	} row[] = {
		{{PEER_JSON("500 Oops") ""}, RCD_DOWN, ""},
		{{PEER_JSON("401 No") "{\"code\":20003}"}, RCD_DENIED, ""},
		{{PEER_JSON("200 OK") "{\"messages\":7}"}, RCD_PROTO, ""},
		{{PEER_JSON("200 OK") "{\"messages\":[{\"sid\":\"SM1\"}]}"}, RCD_PROTO, ""},
		{{LIST(MESSAGE("S/M", "inbound", "13:08:09", "\"\"", "0"), "null")}, RCD_PROTO, ""},
		{{LIST(MESSAGE("SM1", "inbound", "13:08:09", "\"\"", "0"), "\"https://elsewhere/\"")},
	     RCD_DENIED,
	     ""},
		/* media: gone or nonsense is none, anything else is tried again by the next sweep */
		{{LIST(MESSAGE("MM1", "inbound", "13:08:09", "\"\"", "1"), "null"),
	      PEER_JSON("404 Gone") "", NONE},
	     RCD_OK,
	     "MM1@180 "},
		{{LIST(MESSAGE("MM2", "inbound", "13:09:09", "\"\"",
	                   "1") "," MESSAGE("SM1", "inbound", "13:08:09", "\"\"", "0"),
	           "null"),
	      PEER_JSON("503 Busy") ""},
	     RCD_DOWN,
	     "SM1@180 "},
		{{LIST(MESSAGE("MM1", "inbound", "13:08:09", "\"\"", "1"), "null"),
	      PEER_JSON("200 OK") "{\"media_list\":[{\"sid\":\"../x\"}]}", NONE},
	     RCD_OK,
	     "MM1@180 "},
	};
	struct rcd_http *http = NULL;
	struct heap h = {.puts = 0};
	struct rcd_err err;
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int got;

		peer = (struct peer){.n = 0};
		for (size_t k = 0; k < 4; k++)
			peer.answer[k] = row[i].answer[k];
		T_DO(open_heap(&h, &http, &err), err);
		err = (struct rcd_err){.code = RCD_OK};
		got = sweep(http, &h, &err);
		if ((got == 0) != (row[i].code == RCD_OK) || (got != 0 && err.code != row[i].code) ||
		    strcmp(h.sids.p != NULL ? h.sids.p : "", row[i].sids) != 0)
			T_FAIL("row %zu: %s (%s), %s", i, err.msg, rcd_code_name(err.code), h.sids.p);
		T_OK(strstr(err.msg, "5511") == NULL);
		close_heap(&h, http);
		http = NULL;
	}
	peer = (struct peer){.n = 0};
	TWO_PAGES(peer.answer);
	T_DO(open_heap(&h, &http, &err), err);
	h.stop_at = 2;
	T_INT(sweep(http, &h, &err), -1);
	T_INT(err.code, RCD_BUSY);
	T_STR(h.sids.p, "MM1@0 ");
out:
	close_heap(&h, http);
	return ret;
}

static int sweep_oom(void)
{
	struct rcd_http *http = NULL;
	struct heap h;
	struct rcd_err err;
	int ret = 0;

	TWO_PAGES(peer.answer);
	T_DO(open_heap(&h, &http, &err), err);
	h.here = "SM2";
	T_DO(sweep(http, &h, &err), err);
	T_STR(h.sids.p, "MM1@0 SM3@180 SM9@60 ");
out:
	close_heap(&h, http);
	return ret;
}

const struct t_case t_cases[] = {
	{"statuses", statuses, T_OOM},     {"policies", policies, 0}, {"typing", typing, 0},
	{"typing_oom", typing_oom, T_OOM}, {"swept", swept, 0},       {"unswept", unswept, 0},
	{"sweep_oom", sweep_oom, T_OOM},   {NULL, NULL, 0},
};
