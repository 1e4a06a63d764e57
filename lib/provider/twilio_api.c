#include "provider/twilio_api.h"

#include <string.h>
#include <time.h>

void rcd_twilio_messages_url(const struct rcd_twilio_conf *conf, struct rcd_buf *out)
{
	rcd_answer_url(out, conf->base_url, "/2010-04-01/Accounts/");
	rcd_form_escape(rcd_sv(conf->account_sid), out);
	rcd_buf_str(out, "/Messages.json");
}

/* 20xxx and no number at all speak of the account; every other number of this one message, also
 * with status 403: a region, a recipient who opted out. */
static enum rcd_account_fault map_account(int status, int64_t number)
{
	if (status == 402 || number == 20005 || number == 30002)
		return RCD_ACCOUNT_QUOTA;
	if (status == 401 || number == 20003 || (status == 403 && number < 21000))
		return RCD_ACCOUNT_KEY;
	return RCD_ACCOUNT_FINE;
}

static enum rcd_code map_code(int status, int64_t number)
{
	if (map_account(status, number) != RCD_ACCOUNT_FINE)
		return RCD_DENIED;
	if (status == 404)
		return RCD_NOENT;
	if (status == 408 || status == 429 || status >= 500 || number == 20429)
		return RCD_DOWN;
	return status >= 400 ? RCD_INVAL : RCD_PROTO;
}

static const char *get_advice(int status)
{
	if (status == 401)
		return "; are TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN right?";
	return status < 400 ? "; is TWILIO_BASE_URL right?" : "";
}

int rcd_twilio_refused(const char *doing, const struct rcd_http_res *res, struct rcd_err *err)
{
	json_t *answer = NULL;
	int64_t number;

	/* Twilio's sentence may quote the customer's address: the number alone is taken over */
	(void)rcd_json_parse(rcd_buf_view(&res->body), RCD_MAX_REFUSAL, &answer, RCD_UNREAD_ERR);
	number = json_integer_value(json_object_get(answer, "code"));
	json_decref(answer);
	if (number > 0 && number <= 999999)
		(void)rcd_fail(err, map_code(res->status, number), (int)number,
		               "twilio: %s: HTTP %d, error %d; see twilio.com/docs/api/errors/%d", doing,
		               res->status, (int)number, (int)number);
	else
		(void)rcd_fail(err, map_code(res->status, 0), res->status, "twilio: %s: HTTP %d%s", doing,
		               res->status, get_advice(res->status));
	err->retry_after = res->retry_after;
	err->account = map_account(res->status, number);
	return -1;
}

int rcd_twilio_sid(struct rcd_sv v, char out[64])
{
	if (v.n < 2 || v.n > 63)
		return -1;
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];

		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z'))
			return -1;
	}
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
	return 0;
}

static int find_month(struct rcd_sv v)
{
	static const char name[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (v.n == 3 && memcmp(v.p, name + 3 * i, 3) == 0)
			return i;
	return -1;
}

static int parse_number(struct rcd_sv v, int64_t min, int64_t max, int *out)
{
	int64_t n;

	if (v.n == 0 || v.p[0] < '0' || v.p[0] > '9' || rcd_parse_i64(v, min, max, &n) != 0)
		return -1;
	*out = (int)n;
	return 0;
}

static int parse_clock(struct rcd_sv v, struct tm *tm)
{
	struct rcd_sv h, m, s;

	if (!rcd_sv_cut(&v, ':', &h) || !rcd_sv_cut(&v, ':', &m) || !rcd_sv_cut(&v, ':', &s) ||
	    v.p != NULL)
		return -1;
	return parse_number(h, 0, 23, &tm->tm_hour) == 0 && parse_number(m, 0, 59, &tm->tm_min) == 0 &&
	               parse_number(s, 0, 60, &tm->tm_sec) == 0
	           ? 0
	           : -1;
}

/* "+hhmm" or "GMT" to minutes. */
static int parse_zone(struct rcd_sv v, int *minutes)
{
	int n;

	if (rcd_sv_is(v, "GMT") || rcd_sv_is(v, "UT") || rcd_sv_is(v, "UTC")) {
		*minutes = 0;
		return 0;
	}
	if (v.n != 5 || (v.p[0] != '+' && v.p[0] != '-') ||
	    parse_number(rcd_sv_skip(v, 1), 0, 1459, &n) != 0)
		return -1;
	*minutes = (v.p[0] == '-' ? -1 : 1) * (n / 100 * 60 + n % 100);
	return 0;
}

int rcd_twilio_time(struct rcd_sv v, int64_t *ms)
{
	struct rcd_sv day, month, year, clock, comma;
	struct tm tm = {0};
	int minutes;

	comma = v;
	if (rcd_sv_cut(&comma, ',', &day) && comma.p != NULL)
		v = rcd_sv_trim(comma); /* the name of the day says nothing new */
	if (!rcd_sv_cut(&v, ' ', &day) || !rcd_sv_cut(&v, ' ', &month) || !rcd_sv_cut(&v, ' ', &year) ||
	    !rcd_sv_cut(&v, ' ', &clock) || parse_number(day, 1, 31, &tm.tm_mday) != 0 ||
	    parse_number(year, 1970, 9999, &tm.tm_year) != 0 || parse_clock(clock, &tm) != 0 ||
	    parse_zone(v, &minutes) != 0)
		return -1;
	tm.tm_mon = find_month(month);
	if (tm.tm_mon < 0)
		return -1;
	tm.tm_year -= 1900;
	*ms = ((int64_t)timegm(&tm) - (int64_t)minutes * 60) * 1000;
	return 0;
}
