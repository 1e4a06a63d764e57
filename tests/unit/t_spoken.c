/* What a voice says of a text: the tables beside this file, and what no table shows. */

#include "tests/t.h"

#include "base/limits.h"
#include "speech/spoken.h"

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

/* One row: the text, a tab, what is said. */
static int check(struct rcd_sv row, const char *language, struct rcd_buf *text,
                 struct rcd_buf *want, struct rcd_buf *got)
{
	struct rcd_sv in;
	int ret = 0;

	rcd_buf_reset(text);
	rcd_buf_reset(want);
	rcd_buf_reset(got);
	(void)rcd_sv_cut(&row, '\t', &in);
	unescape(in, text);
	unescape(row, want);
	rcd_spoken(rcd_buf_view(text), language, true, got);
	T_OK(!text->bad && !want->bad && !got->bad);
	if (!rcd_sv_eq(rcd_buf_view(got), rcd_buf_view(want)))
		T_FAIL("%.*s\n  is said %.*s\n  and not %.*s", RCD_SV_ARG(in), (int)got->n,
		       got->n > 0 ? got->p : "", (int)want->n, want->n > 0 ? want->p : "");
out:
	return ret;
}

static int table(const char *path, const char *language, int least)
{
	struct rcd_buf text, want, got;
	struct rcd_sv rest, row;
	char *file;
	size_t n = 0;
	int ret = 0, rows = 0, bad = 0;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	rcd_buf_init(&want, RCD_MAX_TEXT);
	rcd_buf_init(&got, RCD_MAX_SPOKEN);
	file = t_slurp(path, &n);
	T_OK(file != NULL);
	rest = (struct rcd_sv){file, n};
	while (rcd_sv_cut(&rest, '\n', &row)) {
		if (row.n == 0)
			continue;
		rows++;
		bad += check(row, language, &text, &want, &got) != 0;
	}
	T_INT(bad, 0);
	T_OK(rows >= least);
out:
	rcd_buf_free(&text);
	rcd_buf_free(&want);
	rcd_buf_free(&got);
	free(file);
	return ret;
}

static int portuguese(void)
{
	return table("tests/unit/spoken_pt.tsv", "pt", 300);
}

static int english(void)
{
	return table("tests/unit/spoken_en.tsv", "en", 60);
}

static int says(const char *in, size_t n, bool whole, const char *want)
{
	struct rcd_buf out;
	int ret = 0;

	rcd_buf_init(&out, RCD_MAX_SPOKEN);
	rcd_spoken((struct rcd_sv){in, n}, "pt", whole, &out);
	if (out.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_STR(out.n > 0 ? out.p : "", want);
out:
	rcd_buf_free(&out);
	return ret;
}

/* Broken bytes are left out, whatever stands around them. */
static int garbage(void)
{
	int ret = 0;

	T_OK(says("ol\xC3\xA1 \xFF\xFEtudo \xE2\x82", 14, true, "olá tudo") == 0);
	T_OK(says("a\0b", 3, true, "ab") == 0);
	T_OK(says("\xF0\x9F", 2, true, "") == 0);
	T_OK(says(NULL, 0, true, "") == 0);
out:
	return ret;
}

/* A picture behind other sentences is not named, one that is all of the answer is. */
static int pictures(void)
{
	int ret = 0;

	T_OK(says("\xF0\x9F\x98\x8A", 4, false, "") == 0);
	T_OK(says("\xF0\x9F\x98\x8A", 4, true, "sorriso") == 0);
out:
	return ret;
}

static int no_memory(void)
{
	return says("R$ 50,00 em 2 parcelas 😊", strlen("R$ 50,00 em 2 parcelas 😊"), true,
	            "cinquenta reais em duas parcelas");
}

/* What would be the worst for a reader that looks far ahead takes no longer than the rest, and
 * the result stays below its maximum. */
static int long_texts(void)
{
	static const char *const piece[] = {"[",
	                                    "<a",
	                                    "1",
	                                    "1-",
	                                    "1/",
	                                    "seg, ",
	                                    "a@",
	                                    "*_",
	                                    "2 a ",
	                                    "9h-",
	                                    "999999999999999 ",
	                                    "http://a",
	                                    "|",
	                                    "&",
	                                    "😊",
	                                    "1.000.",
	                                    "+5",
	                                    "XX "};
	char *text = malloc(RCD_MAX_TEXT);
	struct rcd_buf out;
	int ret = 0;

	rcd_buf_init(&out, RCD_MAX_SPOKEN);
	T_OK(text != NULL);
	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++) {
		size_t n = strlen(piece[i]);
		clock_t begin = clock();

		for (size_t k = 0; k < RCD_MAX_TEXT; k++)
			text[k] = piece[i][k % n];
		rcd_buf_reset(&out);
		rcd_spoken((struct rcd_sv){text, RCD_MAX_TEXT}, "pt", true, &out);
		T_OK(!out.bad && out.n <= RCD_MAX_SPOKEN);
		T_OK(rcd_utf8_ok(rcd_buf_view(&out)));
		if (clock() - begin > 2 * CLOCKS_PER_SEC)
			T_FAIL("\"%s\" again and again takes too long", piece[i]);
	}
out:
	rcd_buf_free(&out);
	free(text);
	return ret;
}

const struct t_case t_cases[] = {
	{"the table of Portuguese", portuguese, 0},
	{"the table of English", english, 0},
	{"broken bytes", garbage, 0},
	{"pictures alone", pictures, 0},
	{"no memory", no_memory, T_OOM},
	{"long and nasty texts", long_texts, 0},
	{NULL, NULL, 0},
};
