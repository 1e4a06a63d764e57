/* Markdown as the channel's marks: the table beside this file, and what no table shows. */

#include "tests/t.h"

#include "answer/marks.h"
#include "answer/sentence.h"
#include "base/limits.h"

#include <stdlib.h>
#include <time.h>

/* "\n" in a table is a line end. */
static void unescape(struct rcd_sv in, struct rcd_buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		bool line = in.p[i] == '\\' && i + 1 < in.n && in.p[i + 1] == 'n';

		rcd_buf_ch(out, line ? '\n' : in.p[i]);
		i += line;
	}
}

static void marked(struct rcd_sv text, enum rcd_marks_style style, size_t step, struct rcd_buf *out)
{
	struct rcd_marks m;

	rcd_marks_init(&m, style);
	while (text.n > 0) {
		size_t n = step < text.n ? step : text.n;

		rcd_marks_push(&m, (struct rcd_sv){text.p, n}, out);
		text = rcd_sv_skip(text, n);
	}
	rcd_marks_end(&m, out);
	rcd_marks_done(&m);
}

static int check_style(struct rcd_sv in, struct rcd_sv want_row, enum rcd_marks_style style)
{
	struct rcd_buf text, want, got;
	int ret = 0;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	rcd_buf_init(&want, RCD_MAX_TEXT);
	rcd_buf_init(&got, RCD_MAX_TEXT);
	unescape(in, &text);
	unescape(want_row, &want);
	for (size_t step = 1; step <= RCD_MAX_TEXT; step = step < 8 ? step + 1 : step * 64) {
		rcd_buf_reset(&got);
		marked(rcd_buf_view(&text), style, step, &got);
		if (got.bad || !rcd_sv_eq(rcd_buf_view(&got), rcd_buf_view(&want)))
			T_FAIL("%.*s\n  is %s %.*s\n  and not %.*s", RCD_SV_ARG(in),
			       style == RCD_MARKS_PLAIN ? "plain" : "on WhatsApp", (int)got.n,
			       got.n > 0 ? got.p : "", (int)want.n, want.n > 0 ? want.p : "");
	}
out:
	rcd_buf_free(&text);
	rcd_buf_free(&want);
	rcd_buf_free(&got);
	return ret;
}

/* A row: the text, a tab, what WhatsApp gets, a tab, what SMS gets; "=": the one before. */
static int check_row(struct rcd_sv row)
{
	struct rcd_sv in, whatsapp, plain = row;
	int a, b;

	(void)rcd_sv_cut(&plain, '\t', &in);
	(void)rcd_sv_cut(&plain, '\t', &whatsapp);
	whatsapp = rcd_sv_is(whatsapp, "=") ? in : whatsapp;
	a = check_style(in, whatsapp, RCD_MARKS_WHATSAPP);
	b = check_style(in, rcd_sv_is(plain, "=") ? whatsapp : plain, RCD_MARKS_PLAIN);
	return a != 0 || b != 0;
}

static int table(void)
{
	struct rcd_sv rest, row;
	size_t n = 0;
	char *file = t_slurp("tests/unit/answer_marks.tsv", &n);
	int ret = 0, rows = 0, bad = 0;

	T_OK(file != NULL);
	rest = (struct rcd_sv){file, n};
	while (rcd_sv_cut(&rest, '\n', &row)) {
		if (row.n == 0)
			continue;
		rows++;
		bad += check_row(row);
	}
	T_INT(bad, 0);
	T_OK(rows >= 100);
out:
	free(file);
	return ret;
}

static int sentence_ends(void)
{
	static const struct {
		const char *text;
		size_t n;
	} row[] = {
		{"A entrega é grátis no centro. O nosso plano inclui também troca em até",
	     sizeof("A entrega é grátis no centro. ") - 1},
		{"Tudo certo.", sizeof("Tudo certo.") - 1},
		{"Tudo certo?!", sizeof("Tudo certo?!") - 1},
		{"Custa R$ 3.", 0},
		{"Sim. Custa R$ 3.", sizeof("Sim. ") - 1},
		{"O nosso plano inclui", 0},
		{"- item um\n- item do", sizeof("- item um\n") - 1},
		{"Fale com o Sr.", 0},
		{"", 0},
		{"Olá! (veja só.) E depois", sizeof("Olá! (veja só.) ") - 1},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		T_INT(rcd_sentence_last(rcd_sv(row[i].text)), row[i].n);
out:
	return ret;
}

/* What the voice has been given of a text is never cut off afterwards. */
static int spoken_is_kept(void)
{
	static const char text[] =
		"Oi! 1. Sim. O Sr. João e a Av. Brasil, R$ 3.50. Veja:\n2. Não vem… E a troca em at";
	int ret = 0;

	for (size_t n = 0; n < sizeof(text); n++) {
		struct rcd_sv cut = {text, rcd_utf8_cut((struct rcd_sv){text, n}, n)}, rest = cut;
		size_t taken = 0, k;

		while ((k = rcd_sentence(rest, taken == 0)) > 0) {
			taken += k;
			rest = rcd_sv_skip(rest, k);
		}
		if (taken > rcd_sentence_last(cut) + 1) /* the white space behind it */
			T_FAIL("at %zu: %zu were spoken, %zu are kept", n, taken, rcd_sentence_last(cut));
	}
out:
	return ret;
}

static int cut_lines(void)
{
	struct rcd_marks m;
	struct rcd_buf out;
	int ret = 0;

	rcd_buf_init(&out, RCD_MAX_TEXT);
	rcd_marks_init(&m, RCD_MARKS_WHATSAPP);
	rcd_marks_push(&m, RCD_SV("**Oi!** Tudo bem.\nO plano é **bom**. Ele inclui até"), &out);
	T_INT(rcd_marks_cut(&m), sizeof("Ele inclui até") - 1);
	rcd_marks_end(&m, &out);
	T_STR(out.p, "*Oi!* Tudo bem.\nO plano é *bom*.");
out:
	rcd_marks_done(&m);
	rcd_buf_free(&out);
	return ret;
}

static int long_texts(void)
{
	static const char *const piece[] = {"*", "**a",  "~~a ", "_a",   "[",     "[a](",
	                                    "`", "``a",  "<a",   "|",    "a|\n",  "|-|\n",
	                                    "#", "***a", "&",    "\\",   "h",     "https://",
	                                    "(", "~",    "a**",  "*a* ", "- [ ] "};
	char *text = malloc(RCD_MAX_TEXT);
	struct rcd_buf out;
	int ret = 0;

	rcd_buf_init(&out, 4 * RCD_MAX_TEXT);
	T_OK(text != NULL);
	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++) {
		clock_t begin = clock();

		for (size_t k = 0; k < RCD_MAX_TEXT; k++)
			text[k] = piece[i][k % strlen(piece[i])];
		rcd_buf_reset(&out);
		rcd_marks_text((struct rcd_sv){text, RCD_MAX_TEXT}, RCD_MARKS_WHATSAPP, &out);
		T_OK(!out.bad);
		if (clock() - begin > 2 * CLOCKS_PER_SEC)
			T_FAIL("\"%s\" again and again takes too long", piece[i]);
	}
out:
	rcd_buf_free(&out);
	free(text);
	return ret;
}

static int no_memory(void)
{
	struct rcd_buf out;
	int ret = 0;

	rcd_buf_init(&out, RCD_MAX_TEXT);
	rcd_marks_text(RCD_SV("# Planos\n\n| A | B |\n|---|---|\n| 1 | **2** |"), RCD_MARKS_WHATSAPP,
	               &out);
	if (out.bad)
		ret = T_NOMEM;
	else
		T_STR(out.p, "*Planos*\n\nA: 1; B: *2*");
out:
	rcd_buf_free(&out);
	return ret;
}

const struct t_case t_cases[] = {
	{"table", table, 0},
	{"sentence_ends", sentence_ends, 0},
	{"spoken_is_kept", spoken_is_kept, 0},
	{"cut_lines", cut_lines, 0},
	{"long_texts", long_texts, 0},
	{"no_memory", no_memory, T_OOM},
	{NULL, NULL, 0},
};
