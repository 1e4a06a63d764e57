#include "base/clock.h"
#include "net/account.h"
#include "net/breaker.h"
#include "tests/t.h"

/* Time passes by moving the breaker's own times back. */
static void pass(struct rcd_breaker *b, int64_t ms)
{
	b->window_ms -= ms;
	b->open_until -= ms;
}

static void results(struct rcd_breaker *b, const char *text)
{
	for (; *text != '\0'; text++)
		rcd_breaker_done(b, *text == '+');
}

static int opens(void)
{
	static const struct {
		const char *results;
		bool open;
	} row[] = {
		{"----", false},        {"-----", true},       {"----+----", false},
		{"+-+-+-+-+", false},   {"+-+-+-+-+-", true},  {"++++++----", false},
		{"+++++----+--", true}, {"++++++++++", false}, {"+++++++++++++++++++----", false},
	};
	struct rcd_breaker b;
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		rcd_breaker_init(&b);
		results(&b, row[i].results);
		if (rcd_breaker_is_open(&b) != row[i].open)
			T_FAIL("after %s: %d", row[i].results, !row[i].open);
		rcd_breaker_free(&b);
	}
	/* failures of another window do not count, those in a row do */
	rcd_breaker_init(&b);
	results(&b, "+-+-+-+--");
	pass(&b, 30000);
	results(&b, "--");
	T_OK(!rcd_breaker_is_open(&b));
	results(&b, "-");
	T_OK(rcd_breaker_is_open(&b));
	rcd_breaker_free(&b);
out:
	return ret;
}

static int refuses_and_probes(void)
{
	struct rcd_err err = {0};
	struct rcd_breaker b;
	int ret = 0;

	rcd_breaker_init(&b);
	T_INT(rcd_breaker_enter(&b, "tts", &err), 0);
	results(&b, "-----");
	T_INT(rcd_breaker_enter(&b, "tts", &err), -1);
	T_INT(err.code, RCD_DOWN);
	T_OK(err.retry_after >= 4 && err.retry_after <= 6);
	T_OK(strstr(err.msg, "tts") != NULL);
	T_INT(rcd_breaker_enter(&b, "tts", RCD_UNREAD_ERR), -1);
	results(&b, "+++"); /* under way before: too late to matter */
	T_OK(rcd_breaker_is_open(&b));
	pass(&b, 6001);
	T_INT(rcd_breaker_enter(&b, "tts", &err), 0); /* the probe */
	T_INT(rcd_breaker_enter(&b, "tts", &err), -1);
	T_INT(err.retry_after, 1);
	results(&b, "+");
	T_OK(!rcd_breaker_is_open(&b));
	T_INT(rcd_breaker_enter(&b, "tts", &err), 0);
	results(&b, "----");
	T_OK(!rcd_breaker_is_open(&b)); /* counts from the start again */
out:
	rcd_breaker_free(&b);
	return ret;
}

static int backs_off(void)
{
	static const int want[] = {5, 10, 20, 40, 60, 60, 60};
	struct rcd_err err = {0};
	struct rcd_breaker b;
	int64_t left, seen[2] = {0, 0};
	int ret = 0;

	rcd_breaker_init(&b);
	results(&b, "-----");
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		left = b.open_until - rcd_mono_ms();
		T_OK(left > want[i] * 790 && left <= want[i] * 1200);
		seen[i % 2] = left;
		pass(&b, left + 1);
		T_INT(rcd_breaker_enter(&b, "x", &err), 0);
		results(&b, "-");
		T_OK(rcd_breaker_is_open(&b));
	}
	T_OK(seen[0] != seen[1]); /* spread, and one in 24,000 that they meet */
	/* a probe that never comes back does not close the door for ever */
	pass(&b, 72001);
	T_INT(rcd_breaker_enter(&b, "x", &err), 0);
	T_INT(rcd_breaker_enter(&b, "x", &err), -1);
	pass(&b, 60001);
	T_INT(rcd_breaker_enter(&b, "x", &err), 0);
out:
	rcd_breaker_free(&b);
	return ret;
}

/* A minute without the peer at 20 calls a second: next to none of them reaches for it. */
static int outage(void)
{
	struct rcd_breaker b;
	int asked = 0, ret = 0;

	rcd_breaker_init(&b);
	for (int i = 0; i < 60 * 20; i++) {
		if (rcd_breaker_enter(&b, "x", RCD_UNREAD_ERR) == 0) {
			asked++;
			rcd_breaker_done(&b, false);
		}
		pass(&b, 50);
	}
	T_OK(asked >= 5 && asked <= 12);
out:
	rcd_breaker_free(&b);
	return ret;
}

static void *hammer(void *arg)
{
	struct rcd_breaker *b = arg;

	for (int i = 0; i < 20000; i++)
		if (rcd_breaker_enter(b, "x", RCD_UNREAD_ERR) == 0)
			rcd_breaker_done(b, i % 7 != 0);
	return NULL;
}

static int threads(void)
{
	struct rcd_breaker b;
	pthread_t t[4];
	int ret = 0;

	rcd_breaker_init(&b);
	for (int i = 0; i < 4; i++)
		(void)pthread_create(&t[i], NULL, hammer, &b);
	for (int i = 0; i < 4; i++)
		(void)pthread_join(t[i], NULL);
	T_INT(b.calls, 4 * 20000); /* one in seven is no reason to stop */
	T_OK(!rcd_breaker_is_open(&b));
out:
	rcd_breaker_free(&b);
	rcd_breaker_free(NULL);
	return ret;
}

static int retries_have_a_budget(void)
{
	struct rcd_breaker b;
	struct rcd_err err;
	int ret = 0, yes = 0;

	rcd_breaker_init(&b);
	for (int i = 0; i < 100; i++) {
		T_DO(rcd_breaker_enter(&b, "x", &err), err);
		rcd_breaker_done(&b, true);
		yes += rcd_breaker_retry(&b);
	}
	T_OK(yes >= 20 && yes <= 24); /* one in five, and three that are free */
	for (int i = 0; i < 5; i++)
		rcd_breaker_done(&b, false);
	T_OK(!rcd_breaker_retry(&b)); /* open */
out:
	rcd_breaker_free(&b);
	return ret;
}

/* --- whose fault it was ---------------------------------------------------------------------- */

static int health(void)
{
	static const struct {
		int ret;
		struct rcd_err err;
		enum rcd_health health;
	} row[] = {
		{0, {.code = RCD_DOWN}, RCD_HEALTH_GOOD},
		{-1, {.code = RCD_DOWN, .sys = 503}, RCD_HEALTH_BAD},
		{-1, {.code = RCD_DOWN, .sys = 429}, RCD_HEALTH_BAD},
		{-1, {.code = RCD_DOWN}, RCD_HEALTH_BAD}, /* no connection */
		{-1, {.code = RCD_TIMEOUT}, RCD_HEALTH_BAD},
		{-1, {.code = RCD_DENIED, .sys = 401, .account = RCD_ACCOUNT_KEY}, RCD_HEALTH_BAD},
		{-1, {.code = RCD_DENIED, .sys = 429, .account = RCD_ACCOUNT_QUOTA}, RCD_HEALTH_BAD},
		{-1, {.code = RCD_INVAL, .sys = 400}, RCD_HEALTH_GOOD},
		{-1, {.code = RCD_INVAL, .sys = 422}, RCD_HEALTH_GOOD},
		{-1, {.code = RCD_INVAL, .sys = 21610}, RCD_HEALTH_GOOD}, /* Twilio's number */
		{-1, {.code = RCD_LIMIT, .sys = 413}, RCD_HEALTH_GOOD},
		{-1, {.code = RCD_NOENT, .sys = 404}, RCD_HEALTH_GOOD},
		{-1, {.code = RCD_BUSY, .sys = 409}, RCD_HEALTH_GOOD},
		{-1, {.code = RCD_LIMIT}, RCD_HEALTH_UNKNOWN}, /* ours */
		{-1, {.code = RCD_BUSY}, RCD_HEALTH_UNKNOWN},  /* so many of us at once */
		{-1, {.code = RCD_PROTO}, RCD_HEALTH_UNKNOWN}, /* the model refused, or said nothing */
		{-1, {.code = RCD_CANCELLED}, RCD_HEALTH_UNKNOWN},
		{-1, {.code = RCD_NOMEM}, RCD_HEALTH_UNKNOWN},
		{-1, {.code = RCD_IO, .sys = 28}, RCD_HEALTH_UNKNOWN},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (rcd_breaker_health(row[i].ret, &row[i].err) != row[i].health)
			T_FAIL("row %zu: %d", i, rcd_breaker_health(row[i].ret, &row[i].err));
out:
	return ret;
}

static void settle(struct rcd_breaker *b, int n, enum rcd_code code, int sys)
{
	const struct rcd_err err = {.code = code, .sys = sys};

	while (n-- > 0)
		rcd_breaker_settle(b, -1, &err);
}

static int input_never_opens(void)
{
	struct rcd_breaker b;
	int ret = 0;

	rcd_breaker_init(&b);
	settle(&b, 100, RCD_INVAL, 400);
	settle(&b, 100, RCD_PROTO, 0);
	T_OK(!rcd_breaker_is_open(&b));
	/* what says nothing neither counts nor ends a row of failures */
	settle(&b, 4, RCD_DOWN, 0);
	settle(&b, 3, RCD_CANCELLED, 0);
	T_OK(!rcd_breaker_is_open(&b));
	settle(&b, 1, RCD_DOWN, 0);
	T_OK(rcd_breaker_is_open(&b));
	/* a probe that was given up does not hold the place of the next one, nor close anything */
	pass(&b, 61000);
	T_INT(rcd_breaker_enter(&b, "x", RCD_UNREAD_ERR), 0);
	T_INT(rcd_breaker_enter(&b, "x", RCD_UNREAD_ERR), -1);
	settle(&b, 1, RCD_CANCELLED, 0);
	T_OK(rcd_breaker_is_open(&b));
	T_INT(rcd_breaker_enter(&b, "x", RCD_UNREAD_ERR), 0);
	/* one that is refused for what it holds was answered: the provider is there again */
	settle(&b, 1, RCD_INVAL, 400);
	T_OK(!rcd_breaker_is_open(&b));
out:
	rcd_breaker_free(&b);
	return ret;
}

/* --- the account ----------------------------------------------------------------------------- */

struct told {
	char text[64];
};

static void record_fault(void *arg, const char *provider, enum rcd_account_fault fault,
                         const struct rcd_err *err)
{
	struct told *t = arg;
	size_t n = strlen(t->text);

	if (strcmp(provider, "openai") == 0 && (err != NULL) == (fault != RCD_ACCOUNT_FINE) &&
	    n < sizeof(t->text) - 1)
		t->text[n] = "=KQ"[fault];
}

/* Reports, a letter each, to two operations: k q d + of the first, K Q D P of the second. */
static void report(struct rcd_account *a, const char *text)
{
	for (; *text != '\0'; text++) {
		const unsigned op = strchr("kqd+", *text) != NULL ? 1 : 1u << 31;
		struct rcd_err err = {.code = RCD_DENIED, .account = RCD_ACCOUNT_FINE};

		if (strchr("kK", *text) != NULL)
			err.account = RCD_ACCOUNT_KEY;
		else if (strchr("qQ", *text) != NULL)
			err.account = RCD_ACCOUNT_QUOTA;
		rcd_account_report(a, op, strchr("+P", *text) != NULL ? 0 : -1, &err);
	}
}

static int account(void)
{
	static const struct {
		const char *reports, *told;
	} row[] = {
		{"++d++D", ""},  {"kkkdk", "K"},   {"qqq", "Q"},    {"kk++kk+", "K=K="},
		{"kK+", "K"},    {"kK+P", "K="},   {"kPkPkP", "K"}, {"kq", "KQ"},
		{"kQ+P", "KQ="}, {"qqk++", "QK="}, {"d+dP", ""},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct told t = {""};
		rcd_account_word word = 0;
		struct rcd_account a = {"openai", &word, record_fault, &t},
						   b = a; /* another process of the same word */

		report(&a, row[i].reports);
		report(&b, "d");
		if (strcmp(t.text, row[i].told) != 0)
			T_FAIL("%s: %s", row[i].reports, t.text);
	}
out:
	return ret;
}

static void *refused_all_the_time(void *arg)
{
	for (int i = 0; i < 1000; i++)
		report(arg, "kK");
	return NULL;
}

static int one_of_many_tells(void)
{
	struct told t = {""};
	rcd_account_word word = 0;
	struct rcd_account a = {"openai", &word, record_fault, &t};
	pthread_t id[4];
	int n = 0, ret = 0;

	while (n < 4 && pthread_create(&id[n], NULL, refused_all_the_time, &a) == 0)
		n++;
	for (int i = 0; i < n; i++)
		(void)pthread_join(id[i], NULL);
	T_INT(n, 4);
	T_STR(t.text, "K");
out:
	return ret;
}

static int breaker_reports(void)
{
	const struct rcd_err refused = {.code = RCD_DENIED, .sys = 401, .account = RCD_ACCOUNT_KEY};
	struct told t = {""};
	rcd_account_word word = 0;
	struct rcd_account a = {"openai", &word, record_fault, &t};
	struct rcd_breaker b;
	int ret = 0;

	rcd_breaker_init(&b);
	b.account = &a;
	b.op = 4;
	for (int i = 0; i < 12; i++)
		rcd_breaker_settle(&b, -1, &refused);
	T_OK(rcd_breaker_is_open(&b));
	T_INT(atomic_load(&word), 4);
	rcd_breaker_settle(&b, 0, RCD_UNREAD_ERR);
	T_STR(t.text, "K=");
out:
	rcd_breaker_free(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"opens", opens, 0},
	{"refuses_and_probes", refuses_and_probes, 0},
	{"backs_off", backs_off, 0},
	{"outage", outage, 0},
	{"threads", threads, 0},
	{"retries_have_a_budget", retries_have_a_budget, 0},
	{"health", health, 0},
	{"input_never_opens", input_never_opens, 0},
	{"account", account, 0},
	{"one_of_many_tells", one_of_many_tells, 0},
	{"breaker_reports", breaker_reports, 0},
	{NULL, NULL, 0},
};
