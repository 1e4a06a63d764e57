/* Scripted conversations: what is read, and what is refused where. */
#include "base/buf.h"
#include "base/limits.h"
#include "daemon/eval/script.h"
#include "tests/t.h"

#include <stdlib.h>

static int read_text(const char *text, struct rcd_eval **e, int *line, struct rcd_err *err)
{
	*e = NULL;
	*err = (struct rcd_err){.code = RCD_OK};
	return rcd_eval_read(e, rcd_sv(text), line, err);
}

static const char good[] = "# of a shop\n"
						   "must not say: não consigo ouvir | não envio áudio\n"
						   "\n"
						   "case: prazo de troca\n"
						   "tags: trocas, basic\n"
						   "needs: model, tool save_contact\n"
						   "Language : pt\n"
						   "user: Comprei ontem,\n"
						   "  + não serviu.\n"
						   "+\n"
						   "+ Posso trocar?\n"
						   "  must say: 7 dias | sete dias\n"
						   "  # indented, as people write\n"
						   "  must  call: save_contact {\"name\": \"Ana\",\n"
						   "    + \"notes\": \"a | b\"}\n"
						   "length: 20..600\n"
						   "user: Obrigada!\n"
						   "WITHIN: 1,5 s\n"
						   "handed over: no\n"
						   "case: the second\n"
						   "user: hi: there\n"
						   "rung: chat | knowledge\n";

static int reads(void)
{
	struct rcd_eval *e = NULL;
	struct rcd_err err;
	int line, ret = 0;

	T_DO(read_text(good, &e, &line, &err), err);
	T_INT(e->n_cases, 2);
	T_INT(e->n_turns, 3);
	T_INT(e->n_expect, 8);
	T_INT(e->always.n, 1);
	T_INT(e->expect[0].n_any, 2);
	T_OK(rcd_sv_is(e->expect[0].any[1], "não envio áudio"));
	T_STR(e->cases[0].name, "prazo de troca");
	T_INT(e->cases[0].line, 4);
	T_OK(rcd_eval_has_word(e->cases[0].tags, RCD_SV("Basic")) &&
	     !rcd_eval_has_word(e->cases[0].tags, RCD_SV("bas")));
	T_STR(e->cases[0].needs, "model, tool save_contact");
	T_INT(e->cases[0].always.from, 1);
	T_INT(e->cases[0].always.n, 1);
	T_INT(e->expect[1].kind, RCD_EXPECT_LANGUAGE);
	T_INT(e->cases[0].n_turns, 2);
	T_STR(e->turns[0].said, "Comprei ontem,\nnão serviu.\n\nPosso trocar?");
	T_INT(e->turns[0].line, 8);
	T_INT(e->turns[0].expects.n, 3);
	T_INT(e->expect[3].kind, RCD_MUST_CALL);
	T_INT(e->expect[3].line, 14);
	T_OK(rcd_sv_is(e->expect[3].any[0], "save_contact"));
	T_OK(rcd_sv_is(rcd_json_sv(e->expect[3].arguments, "notes"), "a | b"));
	T_INT(e->expect[4].line, 16);
	T_INT(e->expect[4].min, 20);
	T_INT(e->expect[4].max, 600);
	T_INT(e->expect[5].max, 1500);
	T_OK(!e->expect[6].yes);
	T_STR(e->turns[2].said, "hi: there");
	T_INT(e->cases[1].always.n, 0);
	T_INT(e->cases[1].first_turn, 2);
out:
	rcd_eval_free(e);
	return ret;
}

/* As editors of other systems write it. */
static int line_ends(void)
{
	struct rcd_buf text;
	struct rcd_eval *e = NULL;
	struct rcd_err err;
	int line, ret = 0;

	rcd_buf_init(&text, 1 << 16);
	rcd_buf_str(&text, "\xEF\xBB\xBF");
	for (const char *p = good; *p != '\0'; p++) {
		if (*p == '\n')
			rcd_buf_ch(&text, '\r');
		rcd_buf_ch(&text, *p);
	}
	T_DO(rcd_eval_read(&e, rcd_buf_view(&text), &line, &err), err);
	T_INT(e->n_turns, 3);
	T_STR(e->turns[0].said, "Comprei ontem,\nnão serviu.\n\nPosso trocar?");
	T_STR(e->cases[1].name, "the second");
out:
	rcd_eval_free(e);
	rcd_buf_free(&text);
	return ret;
}

#define C "case: a\n"
#define CU C "user: b\n"

/* text, the line that is named, a part of what is said of it */
static const struct {
	const char *text;
	int line;
	const char *why;
} refused[] = {
	{"", 0, "no case"},
	{"# nothing\n\n", 0, "no case"},
	{"must say: x\n", 0, "no case"},
	{CU "must sya: x\n", 3, "did you mean \"must say\""},
	{CU "langauge: pt\n", 3, "did you mean \"language\""},
	{CU "usr: x\n", 3, "did you mean \"user\""},
	{"# c\nCase prazo\n", 2, "no colon"},
	{CU "+ more\n\n+ alone\n", 5, "none"},
	{"+ x\n", 1, "none"},
	{"user: x\n", 1, "before the first \"case\""},
	{"tags: x\n", 1, "between \"case\" and its first"},
	{CU "tags: x\n", 3, "between \"case\" and its first"},
	{C "tags: x\ntags: y\n", 3, "second \"tags\""},
	{C "needs: modle\n", 2, "did you mean \"model\""},
	{C "needs: tool\n", 2, "which tool"},
	{C "+ b\n", 1, "one line"},
	{C "must say: x\ncase: b\n", 1, "nobody says anything"},
	{C "must say: x\n", 1, "nobody says anything"},
	{CU "\n"
        "case: b\nuser: c\nmust say: x\n",
     1, "cannot fail"},
	{CU, 1, "cannot fail"},
	{CU "must say: x\n" C, 4, "line 1 has the same name"},
	{CU "must say:\n", 3, "nothing stands behind \"must say:\""},
	{C "user: \n", 2, "nothing stands behind \"user:\""},
	{CU "must say: x | \n", 3, "one side"},
	{CU "must say: | x\n", 3, "one side"},
	{CU "must say: x | !?\n", 3, "\"must write\""},
	{CU "must not say: **\n", 3, "\"must not write\""},
	{CU "must call: two words\n", 3, "name of one tool"},
	{CU "must call: {\"a\": 1}\n", 3, "name of one tool"},
	{CU "must call: f {\"a\": }\n", 3, "no JSON object"},
	{CU "must call: f {\"a\": 1} x\n", 3, "no JSON object"},
	{CU "language: fr\n", 3, "wants pt or en"},
	{CU "language: pt | en\n", 3, "wants pt or en"},
	{CU "length: 20\n", 3, "20..600"},
	{CU "length: ..\n", 3, "20..600"},
	{CU "length: 30..20\n", 3, "20..600"},
	{CU "length: a..20\n", 3, "20..600"},
	{CU "length: 0..100001\n", 3, "20..600"},
	{CU "within: 8\n", 3, "8 s or 800 ms"},
	{CU "within: 0 s\n", 3, "8 s or 800 ms"},
	{CU "within: 601 s\n", 3, "8 s or 800 ms"},
	{CU "within: 1.-5 s\n", 3, "8 s or 800 ms"},
	{CU "within: 1.5 ms\n", 3, "8 s or 800 ms"},
	{CU "within: s\n", 3, "8 s or 800 ms"},
	{CU "voice: maybe\n", 3, "yes or no"},
	{CU "handed over: ja\n", 3, "yes or no"},
	{CU "rung: the chat\n", 3, "chat | knowledge"},
	{CU "rung: *\n", 3, "chat | knowledge"},
	{CU "must say: n\xE3o\n", 3, "0xe3 is no text in UTF-8: save"},
	{CU "\nmust say: a\x01\n", 4, "0x01"},
	{"\xFF\xFE"
     "c",
     1, "save the file as UTF-8"},
};

static int refuses(void)
{
	struct rcd_eval *e = NULL;
	struct rcd_err err;
	int line, ret = 0;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (read_text(refused[i].text, &e, &line, &err) == 0)
			T_FAIL("taken: %s", refused[i].text);
		if (line != refused[i].line || strstr(err.msg, refused[i].why) == NULL)
			T_FAIL("%s is refused on line %d: %s", refused[i].text, line, err.msg);
	}
	/* UTF-16, as Windows may save it: the NULs are bytes too */
	T_INT(rcd_eval_read(&e, (struct rcd_sv){"c\0a\0", 4}, &line, &err), -1);
	T_INT(line, 1);
out:
	rcd_eval_free(e);
	return ret;
}

/* head, then `unit` n times, then tail */
static int many(const char *head, const char *unit, int n, const char *tail, struct rcd_eval **e,
                int *line, struct rcd_err *err)
{
	struct rcd_buf b;
	int ret;

	*e = NULL;
	rcd_buf_init(&b, 4 << 20);
	rcd_buf_str(&b, head);
	for (int i = 0; i < n; i++) {
		const char *star = strchr(unit, '*'); /* stands for the number */

		rcd_buf_add(&b, unit, star != NULL ? (size_t)(star - unit) : strlen(unit));
		if (star != NULL)
			rcd_buf_fmt(&b, "%d%s", i, star + 1);
	}
	rcd_buf_str(&b, tail);
	ret = b.bad ? rcd_fail_nomem(err) : rcd_eval_read(e, rcd_buf_view(&b), line, err);
	rcd_buf_free(&b);
	return ret;
}

static int caps(void)
{
	static const struct {
		const char *head, *unit;
		int n;
		const char *tail, *why;
		int line;
	} over[] = {
		{"", "case: c*\nuser: a\nmust say: b\n", RCD_EVAL_CASES + 1, "", "more than 2000 cases",
	     6001},
		{C, "user: a\n", RCD_EVAL_TURNS + 1, "must say: x\n", "more than 50 turns", 52},
		{CU, "must say: x\n", RCD_EVAL_EXPECTS + 1, "", "more than 100 expectations", 103},
		{CU "must say: x", " | x", 64, "", "more than 64 alternatives", 3},
		{"case: ", "á", RCD_EVAL_NAME + 1, "\n", "more than 80 characters", 1},
		{C "user: ", "b", RCD_EVAL_LINE, "\nmust say: x\n", "more than 8192 bytes", 2},
		{C "user: b\n", "+ b\n", RCD_EVAL_LINE, "must say: x\n", "more than 8192 bytes", 2},
		{CU "must say: x\n", "# comment\n", RCD_MAX_EVAL_FILE / 10, "", "more than 1048576 bytes",
	     0},
	};
	struct rcd_eval *e = NULL;
	struct rcd_err err;
	int line, ret = 0;

	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		if (many(over[i].head, over[i].unit, over[i].n, over[i].tail, &e, &line, &err) == 0)
			T_FAIL("taken: %s", over[i].why);
		if (line != over[i].line || strstr(err.msg, over[i].why) == NULL)
			T_FAIL("line %d: %s", line, err.msg);
	}
	for (size_t i = 0; i < 5; i++) { /* and one less is taken */
		T_DO(many(over[i].head, over[i].unit, over[i].n - 1,
		          over[i].tail[0] != '\0' && i != 1 ? "\nuser: b\nmust say: x\n" : over[i].tail, &e,
		          &line, &err),
		     err);
		e = rcd_eval_free(e);
	}
out:
	rcd_eval_free(e);
	return ret;
}

static int long_file(void)
{
	struct rcd_eval *e = NULL;
	struct rcd_err err;
	int line, ret = 0;

	T_DO(many("", "case: c*\n\nuser: oi\n# c\nmust say: olá | oi\nlanguage: pt\n", 1800, "", &e,
	          &line, &err),
	     err);
	T_INT(e->n_cases, 1800);
	T_INT(e->n_expect, 3600);
	T_INT(line, 10801); /* with the empty one behind the last "\n" */
	T_INT(e->expect[3599].line, 10800);
out:
	rcd_eval_free(e);
	return ret;
}

const struct t_case t_cases[] = {
	{"reads", reads, T_OOM}, {"line_ends", line_ends, 0}, {"refuses", refuses, 0},
	{"caps", caps, 0},       {"long_file", long_file, 0}, {NULL, NULL, 0},
};
