#include "base/limits.h"
#include "net/sse.h"
#include "tests/t.h"

#include <dirent.h>
#include <stdlib.h>

/* Events as "[type|data]", one after the other. */
static int note(void *arg, struct rcd_sv type, struct rcd_sv data, struct rcd_err *err)
{
	struct rcd_buf *b = arg;

	rcd_buf_ch(b, '[');
	rcd_buf_sv(b, type);
	rcd_buf_ch(b, '|');
	rcd_buf_sv(b, data);
	rcd_buf_ch(b, ']');
	return b->bad ? rcd_fail_nomem(err) : 0;
}

/* Feeds in pieces of cut bytes (0: all at once). */
static int parse(struct rcd_sv in, size_t cut, struct rcd_buf *out, struct rcd_err *err)
{
	struct rcd_sse s;
	int ret = 0;

	rcd_sse_init(&s);
	rcd_buf_reset(out);
	rcd_buf_str(out, "");
	for (size_t i = 0, n; i < in.n && ret == 0; i += n) {
		n = cut == 0 || in.n - i < cut ? in.n - i : cut;
		ret = rcd_sse_feed(&s, in.p + i, n, note, out, err);
	}
	rcd_sse_done(&s);
	return ret;
}

static const size_t cuts[] = {0, 1, 2, 3, 7, 4096};
#define N_CUTS (sizeof(cuts) / sizeof(cuts[0]))

static int table(void)
{
	static const struct {
		struct rcd_sv in;
		const char *want;
	} row[] = {
		{RCD_SV(""), ""},
		{RCD_SV("\n\n\n"), ""},
		{RCD_SV("data: a\n\n"), "[|a]"},
		{RCD_SV("data: a\r\n\r\n"), "[|a]"},
		{RCD_SV("data: a\r\r"), "[|a]"},
		{RCD_SV("data: a\r\n\n"), "[|a]"},
		{RCD_SV("data: a\n\r\ndata: b\r\r\n"), "[|a][|b]"},
		{RCD_SV("data: a\n"), ""},
		{RCD_SV("data: a"), ""},
		{RCD_SV("\xEF\xBB\xBF"
	            "data: a\n\n"),
	     "[|a]"},
		{RCD_SV("\xEF\xBB\xBF\xEF\xBB\xBF"
	            "data: a\n\n"),
	     ""},
		{RCD_SV("\n\xEF\xBB\xBF"
	            "data: a\n\n"),
	     ""},
		{RCD_SV("data\n\n"), "[|]"},
		{RCD_SV("data:\n\n"), "[|]"},
		{RCD_SV("data\ndata\n\n"), "[|\n]"},
		{RCD_SV("data: a\ndata:b\ndata:  c\n\n"), "[|a\nb\n c]"},
		{RCD_SV(":data: a\n\n"), ""},
		{RCD_SV("event: x\n\ndata: a\n\n"), "[|a]"},
		{RCD_SV("event: x\ndata: a\n\ndata: b\n\n"), "[x|a][|b]"},
		{RCD_SV("event: x\nevent: y\ndata: a\n\n"), "[y|a]"},
		{RCD_SV("event: x\nevent\ndata: a\n\n"), "[|a]"},
		{RCD_SV("data: a\nevent: z\n\n"), "[z|a]"},
		{RCD_SV("id: 1\nretry: 10\ndata: a:b\nDATA: no\n data: no\n\n"), "[|a:b]"},
		{RCD_SV("data : no\ndata: yes\n\n"), "[|yes]"},
		{RCD_SV("data: [DONE]\n\n"), "[|[DONE]]"},
		{RCD_SV("data: \xC3\xA7\xC3\xA3o \xFF\n\n"), "[|\xC3\xA7\xC3\xA3o \xFF]"},
	};
	struct rcd_err err = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 4096);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (size_t k = 0; k < N_CUTS; k++) {
			T_DO(parse(row[i].in, cuts[k], &b, &err), err);
			if (b.bad) {
				ret = T_NOMEM;
				goto out;
			}
			T_STR(b.p, row[i].want);
		}
out:
	rcd_buf_free(&b);
	return ret;
}

static int nul_bytes(void)
{
	struct rcd_err err = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 4096);
	for (size_t k = 0; k < N_CUTS; k++) {
		T_DO(parse(RCD_SV("event: a\0b\ndata: c\0d\n\n"), cuts[k], &b, &err), err);
		T_OK(rcd_sv_eq(rcd_buf_view(&b), RCD_SV("[a\0b|c\0d]")));
	}
out:
	rcd_buf_free(&b);
	return ret;
}

static int count(void *arg, struct rcd_sv type, struct rcd_sv data, struct rcd_err *err)
{
	(void)type;
	(void)err;
	*(size_t *)arg += data.n;
	return 0;
}

static int limits(void)
{
	struct rcd_err err = {0};
	struct rcd_sse s;
	char *big = malloc(RCD_MAX_SSE_LINE + 8);
	size_t got = 0;
	int ret = 0;

	rcd_sse_init(&s);
	if (big == NULL)
		return T_NOMEM;
	memset(big, 'a', RCD_MAX_SSE_LINE + 8);
	memcpy(big, "data:", 5);
	/* the longest line there is, in two pieces and in one */
	T_DO(rcd_sse_feed(&s, big, 1000, count, &got, &err), err);
	T_DO(rcd_sse_feed(&s, big + 1000, RCD_MAX_SSE_LINE - 1000, count, &got, &err), err);
	T_DO(rcd_sse_feed(&s, "\n\n", 2, count, &got, &err), err);
	T_INT(got, RCD_MAX_SSE_LINE - 5);
	big[RCD_MAX_SSE_LINE] = big[RCD_MAX_SSE_LINE + 1] = '\n';
	T_DO(rcd_sse_feed(&s, big, RCD_MAX_SSE_LINE + 2, count, &got, &err), err);
	T_INT(got, 2 * (RCD_MAX_SSE_LINE - 5));
	/* two of them are too long an event */
	T_DO(rcd_sse_feed(&s, big, RCD_MAX_SSE_LINE + 1, count, &got, &err), err);
	T_INT(rcd_sse_feed(&s, big, RCD_MAX_SSE_LINE + 1, count, &got, &err), -1);
	T_INT(err.code, RCD_LIMIT);
	rcd_sse_done(&s);
	/* one byte more is too long a line, whole or in pieces */
	big[RCD_MAX_SSE_LINE] = 'a';
	rcd_sse_init(&s);
	T_INT(rcd_sse_feed(&s, big, RCD_MAX_SSE_LINE + 2, count, &got, &err), -1);
	T_INT(err.code, RCD_LIMIT);
	T_DO(rcd_sse_feed(&s, big, RCD_MAX_SSE_LINE, count, &got, &err), err);
	T_INT(rcd_sse_feed(&s, "a", 1, count, &got, &err), -1);
	T_INT(err.code, RCD_LIMIT);
	rcd_sse_done(&s);
	rcd_sse_init(&s);
	T_INT(rcd_sse_feed(&s,
	                   "event:123456789012345678901234567890123456789012345678901234567890"
	                   "12345\n",
	                   72, count, &got, &err),
	      -1);
	T_INT(err.code, RCD_LIMIT);
out:
	rcd_sse_done(&s);
	free(big);
	return ret;
}

static int stop(void *arg, struct rcd_sv type, struct rcd_sv data, struct rcd_err *err)
{
	(void)type;
	(void)data;
	++*(int *)arg;
	return rcd_fail(err, RCD_CANCELLED, 0, "enough");
}

static int handler_stops(void)
{
	struct rcd_err err = {0};
	struct rcd_sse s;
	int calls = 0, ret = 0;

	rcd_sse_init(&s);
	T_INT(rcd_sse_feed(&s, "data: a\n\ndata: b\n\n", 18, stop, &calls, &err), -1);
	if (err.code == RCD_NOMEM) {
		ret = T_NOMEM;
		goto out;
	}
	T_INT(err.code, RCD_CANCELLED);
	T_INT(calls, 1);
out:
	rcd_sse_done(&s);
	return ret;
}

/* In pieces of random sizes, up to 200 bytes; the same seed gives the same pieces. */
static int parse_anyhow(struct rcd_sv in, unsigned seed, struct rcd_buf *out, struct rcd_err *err)
{
	unsigned x = seed * 2654435761u + 1;
	struct rcd_sse s;
	int ret = 0;

	rcd_sse_init(&s);
	rcd_buf_reset(out);
	rcd_buf_str(out, "");
	for (size_t i = 0, n; i < in.n && ret == 0; i += n) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		n = 1 + x % 200;
		n = in.n - i < n ? in.n - i : n;
		ret = rcd_sse_feed(&s, in.p + i, n, note, out, err);
	}
	rcd_sse_done(&s);
	return ret;
}

static int one_recording(const char *path, struct rcd_buf *whole, struct rcd_buf *cut)
{
	struct rcd_err err = {0};
	size_t n = 0;
	char *text = t_slurp(path, &n);
	int ret = 0;

	T_OK(text != NULL);
	T_DO(parse((struct rcd_sv){text, n}, 0, whole, &err), err);
	T_OK(whole->n > 0);
	for (size_t k = 1; k < N_CUTS; k++) {
		T_DO(parse((struct rcd_sv){text, n}, cuts[k], cut, &err), err);
		T_OK(rcd_sv_eq(rcd_buf_view(cut), rcd_buf_view(whole)));
	}
	for (unsigned seed = 1; seed <= 20; seed++) {
		T_DO(parse_anyhow((struct rcd_sv){text, n}, seed, cut, &err), err);
		T_OK(rcd_sv_eq(rcd_buf_view(cut), rcd_buf_view(whole)));
	}
out:
	free(text);
	return ret;
}

static int recordings(void)
{
	struct rcd_buf whole, cut;
	struct dirent *e;
	char path[1024];
	DIR *dir = NULL;
	int seen = 0, ret = 0;

	rcd_buf_init(&whole, 64 << 20);
	rcd_buf_init(&cut, 64 << 20);
	if (t_corpus() == NULL) {
		(void)fprintf(stderr, "skipped: no corpus\n");
		goto out;
	}
	(void)snprintf(path, sizeof(path), "%s/sse", t_corpus());
	dir = opendir(path);
	if (dir == NULL)
		goto out;
	while ((e = readdir(dir)) != NULL) {
		if (!rcd_sv_ends(rcd_sv(e->d_name), RCD_SV(".sse")))
			continue;
		(void)snprintf(path, sizeof(path), "%s/sse/%s", t_corpus(), e->d_name);
		T_INT(one_recording(path, &whole, &cut), 0);
		seen++;
	}
	T_OK(seen > 0);
out:
	if (dir != NULL)
		(void)closedir(dir);
	rcd_buf_free(&whole);
	rcd_buf_free(&cut);
	return ret;
}

const struct t_case t_cases[] = {
	{"table", table, T_OOM},       {"nul_bytes", nul_bytes, T_OOM},
	{"limits", limits, T_OOM},     {"handler_stops", handler_stops, T_OOM},
	{"recordings", recordings, 0}, {NULL, NULL, 0},
};
