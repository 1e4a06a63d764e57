#include "base/json.h"
#include "base/limits.h"
#include "net/form.h"
#include "tests/t.h"

#include <stdlib.h>

/* The pairs as "name=value;" with control bytes and the two separators in hex. */
static void show(const struct rcd_form *f, struct rcd_buf *out)
{
	rcd_buf_reset(out);
	rcd_buf_str(out, "");
	for (size_t i = 0; i < 2 * f->n; i++) {
		struct rcd_sv v = i % 2 ? f->pair[i / 2].value : f->pair[i / 2].name;

		for (size_t k = 0; k < v.n; k++)
			if (v.p[k] < ' ' && v.p[k] >= 0)
				rcd_buf_fmt(out, "\\%02x", v.p[k]);
			else
				rcd_buf_ch(out, v.p[k]);
		rcd_buf_ch(out, i % 2 ? ';' : '=');
	}
}

static int table(void)
{
	static const struct {
		struct rcd_sv in;
		const char *want;
	} row[] = {
		{RCD_SV(""), ""},
		{RCD_SV("&"), ""},
		{RCD_SV("&&&&"), ""},
		{RCD_SV("="), "=;"},
		{RCD_SV("=&="), "=;=;"},
		{RCD_SV("Body"), "Body=;"},
		{RCD_SV("Body=oi&From=whatsapp%3A%2B5511"), "Body=oi;From=whatsapp:+5511;"},
		{RCD_SV("&a=1&&b=2&"), "a=1;b=2;"},
		{RCD_SV("a=b=c"), "a=b=c;"},
		{RCD_SV("a=1+2%2B3"), "a=1 2+3;"},
		{RCD_SV("a+b=c"), "a b=c;"},
		{RCD_SV("a=%"), "a=%;"},
		{RCD_SV("a=%4"), "a=%4;"},
		{RCD_SV("a=%4&b"), "a=%4;b=;"},
		{RCD_SV("a=%4%41"), "a=%4A;"},
		{RCD_SV("a=%%41"), "a=%A;"},
		{RCD_SV("a=%g1%1g"), "a=%g1%1g;"},
		{RCD_SV("a=%2525"), "a=%25;"},
		{RCD_SV("a=%aF%AF"), "a=\xaf\xaf;"},
		{RCD_SV("a=%00b"), "a=\\00b;"},
		{RCD_SV("a%26b%3Dc=d"), "a&b=c=d;"},
		{RCD_SV("a=x\0y&b=z"), "a=x\\00y;b=z;"},
		{RCD_SV("a=x;b=y"), "a=x;b=y;"},
		{RCD_SV("a=1\r\n&b"), "a=1\\0d\\0a;b=;"},
		{RCD_SV("a=2&a=1&a="), "a=2;a=1;a=;"},
	};
	struct rcd_err err = {0};
	struct rcd_form f = {.n = 0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 4096);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_DO(rcd_form_parse(row[i].in, &f, &err), err);
		show(&f, &b);
		if (b.bad) {
			ret = T_NOMEM;
			goto out;
		}
		T_STR(b.p, row[i].want);
		rcd_form_free(&f);
	}
out:
	rcd_form_free(&f);
	rcd_buf_free(&b);
	return ret;
}

static int lookup(void)
{
	struct rcd_err err = {0};
	struct rcd_form f = {.n = 0};
	int ret = 0;

	T_DO(rcd_form_parse(RCD_SV("NumMedia=0&Body=&From=a&From=b&Flag&body=x"), &f, &err), err);
	T_INT(f.n, 6);
	T_OK(rcd_sv_is(rcd_form_get(&f, "NumMedia"), "0"));
	T_OK(rcd_sv_is(rcd_form_get(&f, "From"), "a"));
	T_OK(rcd_form_get(&f, "Body").p != NULL && rcd_form_get(&f, "Body").n == 0);
	T_OK(rcd_form_get(&f, "Flag").p != NULL && rcd_form_get(&f, "Flag").n == 0);
	T_OK(rcd_form_get(&f, "To").p == NULL);
	T_OK(rcd_form_has_twice(&f, "From"));
	T_OK(!rcd_form_has_twice(&f, "Body"));
	T_OK(!rcd_form_has_twice(&f, "To"));
	rcd_form_free(&f);
	T_DO(rcd_form_parse((struct rcd_sv){NULL, 0}, &f, &err), err);
	T_INT(f.n, 0);
	T_OK(rcd_form_get(&f, "").p == NULL);
out:
	rcd_form_free(&f);
	rcd_form_free(NULL);
	return ret;
}

static int limits(void)
{
	struct rcd_err err = {0};
	struct rcd_form f = {.n = 0};
	char *big = calloc(1, RCD_MAX_WEBHOOK + 1);
	int ret = 0;

	if (big == NULL)
		return T_NOMEM;
	memset(big, '&', RCD_MAX_WEBHOOK + 1);
	T_INT(rcd_form_parse((struct rcd_sv){big, RCD_MAX_WEBHOOK + 1}, &f, &err), -1);
	T_INT(err.code, RCD_LIMIT);
	T_DO(rcd_form_parse((struct rcd_sv){big, RCD_MAX_WEBHOOK}, &f, &err), err);
	T_INT(f.n, 0);
	rcd_form_free(&f);
	for (int i = 0; i < RCD_MAX_FORM_FIELDS; i++)
		big[2 * i] = 'a';
	T_DO(rcd_form_parse((struct rcd_sv){big, RCD_MAX_WEBHOOK}, &f, &err), err);
	T_INT(f.n, RCD_MAX_FORM_FIELDS);
	rcd_form_free(&f);
	big[2 * RCD_MAX_FORM_FIELDS] = 'a';
	T_INT(rcd_form_parse((struct rcd_sv){big, RCD_MAX_WEBHOOK}, &f, &err), -1);
	T_INT(err.code, RCD_LIMIT);
	T_OK(f.text == NULL && f.pair == NULL); /* untouched by the failure */
out:
	rcd_form_free(&f);
	free(big);
	return ret;
}

/* What escape writes, parse reads: every byte there is. */
static int round_trip(void)
{
	struct rcd_err err = {0};
	struct rcd_form f = {.n = 0};
	struct rcd_buf b;
	char all[256];
	int ret = 0;

	rcd_buf_init(&b, 4096);
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	rcd_form_add(&b, "To", RCD_SV("whatsapp:+55 11~-._"));
	rcd_form_add(&b, "a&b=", (struct rcd_sv){all, sizeof(all)});
	if (b.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_OK(rcd_sv_starts(rcd_buf_view(&b), RCD_SV("To=whatsapp%3A%2B55%2011~-._&a%26b%3D=%00%01")));
	T_DO(rcd_form_parse(rcd_buf_view(&b), &f, &err), err);
	T_INT(f.n, 2);
	T_OK(rcd_sv_is(rcd_form_get(&f, "To"), "whatsapp:+55 11~-._"));
	T_OK(rcd_sv_eq(rcd_form_get(&f, "a&b="), (struct rcd_sv){all, sizeof(all)}));
out:
	rcd_form_free(&f);
	rcd_buf_free(&b);
	return ret;
}

/* The standard decodes to UTF-8 with replacement, which is our rcd_json_str(). */
static bool same_text(struct rcd_sv got, const json_t *want)
{
	json_t *text = rcd_json_str(got);
	bool same = text != NULL && json_equal(text, want);

	json_decref(text);
	return same;
}

static int platform_tests(void)
{
	struct rcd_err err = {0};
	struct rcd_form f = {.n = 0};
	char path[512], *text = NULL;
	json_t *all = NULL, *one, *pair;
	size_t n = 0, i, k;
	int ret = 0;

	if (t_corpus() == NULL)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/text/wpt_urlencoded_parser.json", t_corpus());
	text = t_slurp(path, &n);
	if (text == NULL)
		return 0;
	all = json_loadb(text, n, 0, NULL);
	T_OK(json_array_size(all) >= 30);
	json_array_foreach (all, i, one) {
		T_DO(rcd_form_parse(rcd_json_sv(one, "input"), &f, &err), err);
		T_INT(f.n, json_array_size(json_object_get(one, "output")));
		json_array_foreach (json_object_get(one, "output"), k, pair) {
			T_OK(same_text(f.pair[k].name, json_array_get(pair, 0)));
			T_OK(same_text(f.pair[k].value, json_array_get(pair, 1)));
		}
		rcd_form_free(&f);
	}
out:
	rcd_form_free(&f);
	json_decref(all);
	free(text);
	return ret;
}

const struct t_case t_cases[] = {
	{"table", table, T_OOM},
	{"lookup", lookup, T_OOM},
	{"limits", limits, T_OOM},
	{"round_trip", round_trip, T_OOM},
	{"platform_tests", platform_tests, 0},
	{NULL, NULL, 0},
};
