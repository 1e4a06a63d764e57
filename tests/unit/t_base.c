#include "base/address.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/thread.h"
#include "tests/t.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

static int numbers(void)
{
	int64_t v;
	int ret = 0;

	T_INT(rcd_parse_i64(RCD_SV("42"), 0, 100, &v), 0);
	T_INT(v, 42);
	T_INT(rcd_parse_i64(RCD_SV("-9223372036854775808"), INT64_MIN, INT64_MAX, &v), 0);
	T_OK(v == INT64_MIN);
	T_INT(rcd_parse_i64(RCD_SV("9223372036854775808"), INT64_MIN, INT64_MAX, &v), -1);
	T_INT(rcd_parse_i64(RCD_SV(""), 0, 9, &v), -1);
	T_INT(rcd_parse_i64(RCD_SV("-"), -9, 9, &v), -1);
	T_INT(rcd_parse_i64(RCD_SV("1x"), 0, 9, &v), -1);
	T_INT(rcd_parse_i64(RCD_SV("10"), 0, 9, &v), -1);
out:
	return ret;
}

static int utf8(void)
{
	int ret = 0;

	T_OK(rcd_utf8_ok(RCD_SV("ação 😀")));
	T_OK(!rcd_utf8_ok(RCD_SV("a\xC3")));
	T_OK(!rcd_utf8_ok(RCD_SV("\xC0\x80")));
	T_OK(!rcd_utf8_ok(RCD_SV("\xED\xA0\x80")));
	T_OK(!rcd_utf8_ok(RCD_SV("\xF4\x90\x80\x80")));
	T_INT(rcd_utf8_cut(RCD_SV("aé"), 2), 1);
	T_INT(rcd_utf8_cut(RCD_SV("aé"), 3), 3);
	T_INT(rcd_utf8_count(RCD_SV("ação 😀")), 6);
	T_INT(rcd_utf8_count(RCD_SV("\xFF\xFF")), 2);
out:
	return ret;
}

static int buffers(void)
{
	struct rcd_buf b;
	char *p = NULL;
	size_t n = 0;
	int ret = 0;

	rcd_buf_init(&b, 10);
	rcd_buf_str(&b, "12345");
	rcd_buf_fmt(&b, "%d", 67890);
	if (b.bad && !b.over) {
		ret = T_NOMEM;
		goto out;
	}
	T_OK(!b.bad && b.n == 10);
	rcd_buf_drop(&b, 5);
	T_STR(b.p, "67890");
	p = rcd_buf_take(&b, &n);
	if (p == NULL) {
		ret = T_NOMEM;
		goto out;
	}
	T_INT(n, 5);
	rcd_buf_str(&b, "12345678901");
	T_OK(b.bad && b.over);
	rcd_buf_str(&b, "1");
	T_OK(b.bad);
out:
	free(p);
	rcd_buf_free(&b);
	return ret;
}

static int base64(void)
{
	static const char *const pair[][2] = {
		{"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe", "//4="},
	};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 100);
	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++) {
		rcd_buf_reset(&b);
		rcd_buf_str(&b, "");
		rcd_base64(rcd_sv(pair[i][0]), &b);
		T_STR(b.p, pair[i][1]);
		rcd_buf_reset(&b);
		rcd_buf_str(&b, "");
		T_INT(rcd_base64_decode(rcd_sv(pair[i][1]), &b), 0);
		T_STR(b.p, pair[i][0]);
	}
	T_INT(rcd_base64_decode(RCD_SV("Zg="), &b), -1);
	T_INT(rcd_base64_decode(RCD_SV("Zh=="), &b), -1);
	T_INT(rcd_base64_decode(RCD_SV("Z==="), &b), -1);
	T_INT(rcd_base64_decode(RCD_SV("Zg==Zg=="), &b), -1);
	T_INT(rcd_base64_decode(RCD_SV("Zm 9v==="), &b), -1);
out:
	rcd_buf_free(&b);
	return ret;
}

static int json(void)
{
	struct rcd_err err = {0};
	json_t *v = NULL;
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1000);
	T_DO(rcd_json_parse(RCD_SV("{\"a\":\"b\"}"), 100, &v, &err), err);
	T_OK(rcd_sv_is(rcd_json_sv(v, "a"), "b"));
	rcd_json_text(v, &b);
	v = NULL;
	if (b.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_STR(b.p, "{\"a\":\"b\"}");
	T_INT(rcd_json_parse(RCD_SV("{\"a\":1,\"a\":2}"), 100, &v, &err), -1);
	T_OK(err.code == RCD_PROTO || err.code == RCD_NOMEM);
	T_INT(rcd_json_parse(RCD_SV("[1]"), 2, &v, &err), -1);
	T_OK(err.code == RCD_LIMIT);
	v = rcd_json_str(RCD_SV("a\xFF\0b"));
	if (v == NULL) {
		ret = T_NOMEM;
		goto out;
	}
	T_STR(json_string_value(v), "a\xEF\xBF\xBD\xEF\xBF\xBD"
	                            "b");
out:
	json_decref(v);
	rcd_buf_free(&b);
	return ret;
}

static int secrets(void)
{
	struct rcd_secret s = {0};
	struct rcd_err err = {0};
	int ret = 0;

	T_OK(!rcd_secret_set(&s));
	T_DO(rcd_secret_put(&s, RCD_SV("  key\n"), &err), err);
	T_OK(rcd_sv_is(rcd_secret_view(&s), "key"));
	T_INT(rcd_secret_put(&s, RCD_SV("a\r\nX: y"), &err), -1);
	T_OK(strstr(err.msg, "X:") == NULL);
	T_OK(rcd_same_secret(RCD_SV("abc"), RCD_SV("abc")));
	T_OK(!rcd_same_secret(RCD_SV("abc"), RCD_SV("abd")));
	T_OK(!rcd_same_secret(RCD_SV(""), RCD_SV("")));
out:
	rcd_secret_wipe(&s);
	return ret;
}

static int ids(void)
{
	int64_t last = 0;
	char text[RCD_TIME_TEXT];
	int ret = 0;

	for (int i = 0; i < 100000; i++) {
		int64_t id = rcd_id_new();

		T_OK(id > last);
		last = id;
	}
	rcd_time_text(1795266309123, text);
	T_STR(text, "2026-11-21 13:05:09");
	T_OK((last & 0x80000) == 0);
	/* what is taken over has its place in time, and nobody else's number */
	T_OK(rcd_id_past(1000, 7) == rcd_id_past(1000, 7) &&
	     rcd_id_past(1000, 7) < rcd_id_past(1000, 8));
	T_OK(rcd_id_past(1000, -1) < rcd_id_past(1001, 0) &&
	     rcd_id_past(1000, INT64_MAX) < rcd_id_past(1001, 0));
	T_OK((rcd_id_past(1000, 0x100000) & 0x80000) != 0 && rcd_id_past(1000, 0) >> 20 == 1000);
out:
	return ret;
}

static int times(void)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} row[] = {
		{"2026-11-21 13:05:09", 1795266309000},
		{"2026-11-21T13:05:09.123456Z", 1795266309123},
		{"2026-11-21 10:05:09.5-03", 1795266309500},
		{"2026-11-21 18:35:09+0530", 1795266309000},
		{"2026-11-21 13:05", 1795266300000},
		{"2024-02-29 00:00:00", 1709164800000},
		{"1970-01-01 00:00:00.001", 1},
		{"2026-11-21 13:05:09+00:00", 1795266309000},
		{"2026-02-30 00:00:00", -1},
		{"2026-13-01 00:00:00", -1},
		{"2026-11-21", -1},
		{"", -1},
		{"2026-11-21 25:00:00", -1},
		{"2026-11-21 13:05:09 uhr", -1},
		{"2026-11-21 13:05:09.", -1},
		{"2026-11-21 13:05:09-3", -1},
		{"2026-11-21 13:05:09+03:", -1},
		{"1969-12-31 23:59:59", -1},
		{"-026-11-21 13:05:09", -1},
		{"2026-+1-21 13:05:09", -1},
		{"20261-11-21 13:05:09", -1},
		{"1795266309", -1},
		{"2026-11-21 13:05:09ZZ", -1},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int64_t ms = -1;

		if (rcd_time_parse(rcd_sv(row[i].text), &ms) != (row[i].ms < 0 ? -1 : 0) || ms != row[i].ms)
			T_FAIL("%s is %lld", row[i].text, (long long)ms);
	}
	T_INT(rcd_time_parse((struct rcd_sv){NULL, 0}, &(int64_t){0}), -1);
out:
	return ret;
}

static int addresses(void)
{
	static const struct {
		const char *text, *phone; /* NULL: no number */
	} row[] = {
		{"+5511987654321", "+5511987654321"},
		{"whatsapp:+5511987654321", "+5511987654321"},
		{" +55 (11) 98765-4321 ", "+5511987654321"},
		{"5511987654321", "+5511987654321"},
		{"0055 11 98765.4321", "+5511987654321"},
		{"tel:+1-415-523-8886", "+14155238886"},
		{"sms: +123", "+123"},
		{"+12", NULL},
		{"", NULL},
		{"+", NULL},
		{"+1234567890123456", NULL},
		{"+55 11 OITO", NULL},
		{"whatsapp:whatsapp:+5511987654321", NULL},
		{"++5511987654321", NULL},
		{"+5511987654321; DROP", NULL},
		{"BR.1A2B", NULL},
	};
	char out[RCD_PHONE_TEXT];
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_INT(rcd_phone_clean(rcd_sv(row[i].text), out), row[i].phone == NULL ? -1 : 0);
		if (row[i].phone != NULL)
			T_STR(out, row[i].phone);
	}
	T_INT(rcd_phone_clean((struct rcd_sv){"+55\0001", 6}, out), -1);
	T_INT(rcd_phone_clean((struct rcd_sv){NULL, 0}, out), -1);
	T_OK(rcd_bsuid_ok(RCD_SV("BR.1A2B")) && rcd_bsuid_ok(RCD_SV("US.ENT.12")) &&
	     !rcd_bsuid_ok(RCD_SV("BR.")));
	T_OK(!rcd_bsuid_ok(RCD_SV("BR.1A B")) && !rcd_bsuid_ok((struct rcd_sv){NULL, 0}));
out:
	return ret;
}

struct started {
	sem_t ended;
	size_t stack;
	bool blocks_term, blocks_usr1;
};

static void *note_thread(void *arg)
{
	struct started *s = arg;
	pthread_attr_t attr;
	sigset_t mask;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
	s->blocks_term = sigismember(&mask, SIGTERM) == 1;
	s->blocks_usr1 = sigismember(&mask, SIGUSR1) == 1;
	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		(void)pthread_attr_getstacksize(&attr, &s->stack);
		(void)pthread_attr_destroy(&attr);
	}
	(void)sem_post(&s->ended);
	return NULL;
}

/* The new thread blocks every signal; the mask of the one that starts it stays as it was. */
static int threads(void)
{
	struct started s = {0};
	sigset_t mask;
	pthread_t id;
	int ret = 0;

	(void)sem_init(&s.ended, 0, 0);
	T_INT(rcd_thread_start(&id, 1 << 20, note_thread, &s), 0);
	(void)pthread_join(id, NULL);
	T_OK(s.blocks_term && s.blocks_usr1);
	T_INT(s.stack, 1 << 20);
	(void)sem_wait(&s.ended);
	s.blocks_term = s.blocks_usr1 = false;
	T_INT(rcd_thread_start_detached(0, note_thread, &s), 0);
	(void)sem_wait(&s.ended);
	T_OK(s.blocks_term && s.blocks_usr1);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
	T_INT(sigismember(&mask, SIGTERM), 0);
	T_INT(rcd_thread_start(&id, 1, note_thread, &s), EINVAL); /* below the system's minimum */
out:
	(void)sem_destroy(&s.ended);
	return ret;
}

const struct t_case t_cases[] = {
	{"numbers", numbers, 0}, {"utf8", utf8, 0},     {"buffers", buffers, T_OOM},
	{"base64", base64, 0},   {"json", json, T_OOM}, {"secrets", secrets, T_OOM},
	{"ids", ids, 0},         {"times", times, 0},   {"addresses", addresses, 0},
	{"threads", threads, 0}, {NULL, NULL, 0},
};
