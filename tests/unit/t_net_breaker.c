#include "base/clock.h"
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
		{"----", false},       {"-----", true},       {"----+----", false},
		{"+-+-+-+-+", false},  {"+-+-+-+-+-", true},  {"++++++----", false},
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
	T_INT(rcd_breaker_enter(&b, "tts", NULL), -1);
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
		if (rcd_breaker_enter(&b, "x", NULL) == 0) {
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
		if (rcd_breaker_enter(b, "x", NULL) == 0)
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

const struct t_case t_cases[] = {
	{"opens", opens, 0},   {"refuses_and_probes", refuses_and_probes, 0},
	{"backs_off", backs_off, 0}, {"outage", outage, 0},
	{"threads", threads, 0}, {"retries_have_a_budget", retries_have_a_budget, 0},
	{NULL, NULL, 0},
};
