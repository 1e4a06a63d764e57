/* What of a model's words reaches the channel: the table beside this file, cut in every way. */

#include "tests/t.h"

#include "answer/filter.h"
#include "base/limits.h"
#include "base/visible.h"

#include <stdlib.h>
#include <time.h>

static json_t *offered(void)
{
	return json_pack("[{s:s}, {s:s}]", "name", "save_contact", "name", "search_knowledge");
}

struct heard {
	struct rcd_buf text;
	int pieces;
	bool broken; /* a piece that is no whole characters */
};

static int add(void *arg, struct rcd_sv words, struct rcd_err *err)
{
	struct heard *h = arg;

	(void)err;
	h->pieces++;
	h->broken = h->broken || !rcd_utf8_ok(words) || words.n == 0;
	rcd_buf_sv(&h->text, words);
	return h->text.bad ? rcd_fail_nomem(err) : 0;
}

static int again(void *arg, struct rcd_err *err)
{
	struct heard *h = arg;

	(void)err;
	rcd_buf_reset(&h->text);
	return 0;
}

/* Pieces of at most step bytes: of step bytes, or, random, of 1 to step. 0: passed, else what the
 * filter said. */
static int push_cut(struct rcd_filter *f, struct rcd_sv text, size_t step, bool random,
                    struct rcd_err *err)
{
	unsigned seed = (unsigned)(text.n * 31 + step);

	while (text.n > 0) {
		size_t n = random ? (size_t)rand_r(&seed) % step + 1 : step;

		if (n > text.n)
			n = text.n;
		if (rcd_filter_push(f, (struct rcd_sv){text.p, n}, err) != 0)
			return -1;
		text = rcd_sv_skip(text, n);
	}
	return rcd_filter_end(f, err);
}

/* "\n" in a table is a line end. */
static void unescape(struct rcd_sv in, struct rcd_buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		bool line = in.p[i] == '\\' && i + 1 < in.n && in.p[i + 1] == 'n';

		rcd_buf_ch(out, line ? '\n' : in.p[i]);
		i += line;
	}
}

static int check_cut(struct rcd_sv text, struct rcd_sv want, size_t step, bool random,
                     const json_t *tools)
{
	struct heard h = {.broken = false};
	const struct rcd_filter_sink sink = {add, again, &h};
	struct rcd_filter f;
	struct rcd_err err = {0};
	bool call;
	int ret = 0;

	rcd_buf_init(&h.text, RCD_MAX_TEXT);
	rcd_buf_str(&h.text, "");
	rcd_filter_init(&f, &sink, tools);
	call = push_cut(&f, text, step, random, &err) != 0;
	if (call && err.code != RCD_PROTO)
		T_FAIL("%s", err.msg);
	if (h.broken)
		T_FAIL("%.*s\n  cut at %zu: half a character was said", RCD_SV_ARG(text), step);
	if (rcd_sv_is(want, "!call") ? !call : call)
		T_FAIL("%.*s\n  cut at %zu is %sa call", RCD_SV_ARG(text), step, call ? "" : "not ");
	if (rcd_sv_is(want, "!blank") ? f.visible : !call && f.visible != !rcd_is_blank(want))
		T_FAIL("%.*s\n  cut at %zu: visible is %d", RCD_SV_ARG(text), step, f.visible);
	if (!call && !rcd_sv_is(want, "!blank") && !rcd_sv_eq(rcd_buf_view(&h.text), want))
		T_FAIL("%.*s\n  cut at %zu gives %.*s\n  and not %.*s", RCD_SV_ARG(text), step,
		       (int)h.text.n, h.text.p, RCD_SV_ARG(want));
out:
	rcd_filter_done(&f);
	rcd_buf_free(&h.text);
	return ret;
}

static int check_row(struct rcd_sv in, struct rcd_sv row, const json_t *tools)
{
	struct rcd_buf text, want;
	int ret = 0;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	rcd_buf_init(&want, RCD_MAX_TEXT);
	unescape(in, &text);
	unescape(row, &want);
	rcd_buf_str(&want, "");
	for (size_t step = 1; ret == 0 && step <= 7; step++)
		ret = check_cut(rcd_buf_view(&text), rcd_buf_view(&want), step, false, tools);
	for (size_t step = 2; ret == 0 && step <= 7; step++)
		ret = check_cut(rcd_buf_view(&text), rcd_buf_view(&want), step, true, tools);
	if (ret == 0)
		ret = check_cut(rcd_buf_view(&text), rcd_buf_view(&want), RCD_MAX_TEXT, false, tools);
	rcd_buf_free(&text);
	rcd_buf_free(&want);
	return ret;
}

static int table(void)
{
	json_t *tools = offered();
	struct rcd_sv rest, row, in;
	size_t n = 0;
	char *file = t_slurp("tests/unit/answer_filter.tsv", &n);
	int ret = 0, rows = 0, bad = 0;

	T_OK(file != NULL);
	rest = (struct rcd_sv){file, n};
	while (rcd_sv_cut(&rest, '\n', &row)) {
		if (row.n == 0)
			continue;
		rows++;
		(void)rcd_sv_cut(&row, '\t', &in);
		bad += check_row(in, row, tools) != 0;
	}
	T_INT(bad, 0);
	T_OK(rows >= 200);
out:
	free(file);
	json_decref(tools);
	return ret;
}

/* Ordinary words go on at once: a sentence is not held up. */
static int at_once(void)
{
	struct heard h = {.broken = false};
	const struct rcd_filter_sink sink = {add, again, &h};
	struct rcd_filter f;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_buf_init(&h.text, RCD_MAX_TEXT);
	rcd_filter_init(&f, &sink, NULL);
	T_OK(rcd_filter_push(&f, RCD_SV("Olá! "), &err) == 0);
	T_STR(h.text.p, "Olá! ");
	T_OK(rcd_filter_push(&f, RCD_SV("Custa R$ 5. "), &err) == 0);
	T_STR(h.text.p, "Olá! Custa R$ 5. ");
	T_OK(rcd_filter_push(&f, RCD_SV("3 < 5. <b>ok</b>. "), &err) == 0);
	T_STR(h.text.p, "Olá! Custa R$ 5. 3 < 5. <b>ok</b>. ");
	T_INT(h.pieces, 3);
out:
	rcd_filter_done(&f);
	rcd_buf_free(&h.text);
	return ret;
}

/* What looks like a mark for as long as it can takes no longer than the rest. */
static int long_texts(void)
{
	static const char *const piece[] = {"<",         "<a",       "<|",        "<think ",     "[",
	                                    "[{",        "{\"",      "{\"a\": ",  "{",           "&",
	                                    "`",         "```",      "a",         "assistant",   "(",
	                                    "</think>",  "<think>",  "<|start|>", "<|channel|>", "◁",
	                                    "{\"x\": {", "\xF0\x9F", "\xFF"};
	char *text = malloc(RCD_MAX_TEXT);
	struct rcd_buf out;
	struct rcd_err err;
	int ret = 0;

	rcd_buf_init(&out, RCD_MAX_TEXT);
	T_OK(text != NULL);
	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++) {
		size_t n = strlen(piece[i]);
		clock_t begin = clock();
		struct heard h = {.broken = false};
		const struct rcd_filter_sink sink = {add, again, &h};
		struct rcd_filter f;

		for (size_t k = 0; k < RCD_MAX_TEXT; k++)
			text[k] = piece[i][k % n];
		rcd_buf_reset(&out);
		T_OK(rcd_filter_text((struct rcd_sv){text, RCD_MAX_TEXT}, NULL, &out, &err) == 0);
		T_OK(rcd_utf8_ok(rcd_buf_view(&out)));
		rcd_buf_init(&h.text, RCD_MAX_TEXT);
		rcd_filter_init(&f, &sink, NULL);
		T_OK(push_cut(&f, (struct rcd_sv){text, RCD_MAX_TEXT}, 1, false, &err) == 0);
		T_OK(rcd_sv_eq(rcd_buf_view(&h.text), rcd_buf_view(&out)));
		rcd_filter_done(&f);
		rcd_buf_free(&h.text);
		if (clock() - begin > 4 * CLOCKS_PER_SEC)
			T_FAIL("\"%s\" again and again takes too long", piece[i]);
	}
out:
	rcd_buf_free(&out);
	free(text);
	return ret;
}

static int no_memory(void)
{
	static const struct rcd_sv text = {"<think>a</think>Olá {\"a\": 1} <b>tudo</b>", 42};
	struct rcd_buf out;
	struct rcd_err err;
	int ret = 0;

	rcd_buf_init(&out, RCD_MAX_TEXT);
	T_DO(rcd_filter_text(text, NULL, &out, &err), err);
	T_STR(out.p, "Olá {\"a\": 1} <b>tudo</b>");
out:
	rcd_buf_free(&out);
	return ret;
}

static int blank(void)
{
	static const char *const none[] = {"",
	                                   " \n\t",
	                                   "\u200b",
	                                   "\u2800",
	                                   "\u3164",
	                                   "\u00ad",
	                                   "\ufe0f",
	                                   "\ufeff\u2060",
	                                   "\u202e",
	                                   "\U000E0020\U000E007F",
	                                   "\u00a0\u3000",
	                                   "\uffa0",
	                                   "\u115f",
	                                   "\u061c",
	                                   "\u180e",
	                                   "\u034f",
	                                   "\ufffc"};
	static const char *const some[] = {".", "a", "\u200ba", "👍", "é", "·", "\u0301", "٠"};
	int ret = 0;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (!rcd_is_blank(rcd_sv(none[i])))
			T_FAIL("blank %zu can be seen", i);
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		if (rcd_is_blank(rcd_sv(some[i])))
			T_FAIL("\"%s\" cannot be seen", some[i]);
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"table", table, 0},           {"at_once", at_once, 0},
	{"long_texts", long_texts, 0}, {"no_memory", no_memory, T_OOM},
	{"blank", blank, 0},           {NULL, NULL, 0},
};
