#include "daemon/eval/script.h"

#include "base/buf.h"
#include "base/limits.h"
#include "daemon/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One pass over the lines. A logical line is a keyword, a colon and what follows, with the lines
 * below that begin with "+" put behind it. Where an expectation stands says whose it is: the
 * file's, a case's or a turn's, so they lie in one array in the order of the file. */

enum keyword { CASE, TAGS, NEEDS, USER, EXPECT };

struct reader {
	struct rcd_eval *e;
	struct rcd_sv rest;
	int line; /* that was read last */
	struct rcd_err *err;
};

/* --- what is being read --------------------------------------------------------------------- */

static struct rcd_eval_case *get_case(const struct reader *r)
{
	return r->e->n_cases > 0 ? &r->e->cases[r->e->n_cases - 1] : NULL;
}

static struct rcd_eval_turn *get_turn(const struct reader *r)
{
	struct rcd_eval_case *c = get_case(r);

	return c != NULL && c->n_turns > 0 ? &r->e->turns[r->e->n_turns - 1] : NULL;
}

/* The list that an expectation on the next line is added to. */
static struct rcd_expects *find_expects(const struct reader *r)
{
	struct rcd_eval_turn *t = get_turn(r);
	struct rcd_eval_case *c = get_case(r);

	if (t != NULL)
		return &t->expects;
	return c != NULL ? &c->always : &r->e->always;
}

/* The array of n things with room for one more, which is zeroed; NULL when memory is short: the
 * old one stays. */
static void *grow_array(void *array, size_t n, size_t size)
{
	char *more = array;

	if ((n & (n - 1)) == 0) /* 0, 1, 2, 4, 8 … are full */
		more = realloc(array, (n > 0 ? 2 * n : 1) * size);
	if (more != NULL)
		memset(more + n * size, 0, size);
	return more;
}

/* --- one keyword each ----------------------------------------------------------------------- */

static int expect_something(struct reader *r)
{
	const struct rcd_eval *e = r->e;
	const struct rcd_eval_case *c = get_case(r);
	size_t n = e->always.n;

	if (c == NULL)
		return 0;
	if (c->n_turns == 0) {
		r->line = c->line;
		return rcd_fail(r->err, RCD_INVAL, 0,
		                "nobody says anything in this case: it wants a line \"user: ...\"");
	}
	n += c->always.n;
	for (size_t i = 0; i < c->n_turns; i++)
		n += e->turns[c->first_turn + i].expects.n;
	if (n > 0)
		return 0;
	r->line = c->line;
	return rcd_fail(
		r->err, RCD_INVAL, 0,
		"nothing is expected in this case, so it cannot fail: say what, such as \"must say: ...\"");
}

static int add_case(struct reader *r, struct rcd_sv name)
{
	struct rcd_eval *e = r->e;
	struct rcd_eval_case *c, *more;

	if (expect_something(r) != 0)
		return -1;
	if (memchr(name.p, '\n', name.n) != NULL)
		return rcd_fail(r->err, RCD_INVAL, 0, "the name of a case is one line");
	if (rcd_utf8_count(name) > RCD_EVAL_NAME)
		return rcd_fail(r->err, RCD_LIMIT, 0, "a name of more than %d characters", RCD_EVAL_NAME);
	for (size_t i = 0; i < e->n_cases; i++)
		if (rcd_sv_is(name, e->cases[i].name))
			return rcd_fail(r->err, RCD_INVAL, 0, "the case on line %d has the same name",
			                e->cases[i].line);
	if (e->n_cases == RCD_EVAL_CASES)
		return rcd_fail(r->err, RCD_LIMIT, 0, "more than %d cases in one file", RCD_EVAL_CASES);
	more = grow_array(e->cases, e->n_cases, sizeof(*c));
	if (more == NULL)
		return rcd_fail_nomem(r->err);
	e->cases = more;
	c = &more[e->n_cases];
	c->name = rcd_sv_dup(name);
	if (c->name == NULL)
		return rcd_fail_nomem(r->err);
	c->line = r->line;
	c->first_turn = e->n_turns;
	c->always.from = e->n_expect;
	e->n_cases++;
	return 0;
}

static int add_turn(struct reader *r, struct rcd_sv said)
{
	struct rcd_eval *e = r->e;
	struct rcd_eval_case *c = get_case(r);
	struct rcd_eval_turn *t, *more;

	if (c == NULL)
		return rcd_fail(r->err, RCD_INVAL, 0, "\"user\" stands before the first \"case\"");
	if (c->n_turns == RCD_EVAL_TURNS)
		return rcd_fail(r->err, RCD_LIMIT, 0, "more than %d turns in one case", RCD_EVAL_TURNS);
	more = grow_array(e->turns, e->n_turns, sizeof(*t));
	if (more == NULL)
		return rcd_fail_nomem(r->err);
	e->turns = more;
	t = &more[e->n_turns];
	t->said = rcd_sv_dup(said);
	if (t->said == NULL)
		return rcd_fail_nomem(r->err);
	t->line = r->line;
	t->expects.from = e->n_expect;
	e->n_turns++;
	c->n_turns++;
	return 0;
}

static int check_needs(struct rcd_sv words, struct rcd_err *err)
{
	static const char *const known[] = {"model", "tool"};
	struct rcd_sv word;

	while (rcd_eval_word(&words, &word)) {
		if (rcd_sv_ieq(word, RCD_SV("model")))
			continue;
		if (!rcd_sv_ieq(word, RCD_SV("tool"))) {
			char name[64];

			(void)snprintf(name, sizeof(name), "%.*s", (int)rcd_utf8_cut(word, 60), word.p);
			return rcd_fail(err, RCD_INVAL, 0, "a case cannot need \"%s\": did you mean \"%s\"?",
			                name, rcd_nearest_word(name, known, 2));
		}
		if (!rcd_eval_word(&words, &word))
			return rcd_fail(err, RCD_INVAL, 0, "which tool? Write \"needs: tool NAME\"");
	}
	return 0;
}

/* "tags" and "needs": words of the case. */
static int set_words(struct reader *r, enum keyword k, struct rcd_sv words)
{
	struct rcd_eval_case *c = get_case(r);
	char **at;

	if (c == NULL || c->n_turns > 0)
		return rcd_fail(r->err, RCD_INVAL, 0,
		                "\"%s\" belongs between \"case\" and its first \"user\"",
		                k == TAGS ? "tags" : "needs");
	at = k == TAGS ? &c->tags : &c->needs;
	if (*at != NULL)
		return rcd_fail(r->err, RCD_INVAL, 0, "a second \"%s\" of one case: put all into one line",
		                k == TAGS ? "tags" : "needs");
	if (k == NEEDS && check_needs(words, r->err) != 0)
		return -1;
	*at = rcd_sv_dup(words);
	return *at != NULL ? 0 : rcd_fail_nomem(r->err);
}

static int add_expect(struct reader *r, enum rcd_expect_kind kind, struct rcd_sv text)
{
	struct rcd_expects *mine = find_expects(r);
	struct rcd_expect *x;

	if (mine->n == RCD_EVAL_EXPECTS)
		return rcd_fail(r->err, RCD_LIMIT, 0, "more than %d expectations in one place",
		                RCD_EVAL_EXPECTS);
	x = grow_array(r->e->expect, r->e->n_expect, sizeof(*x));
	if (x == NULL)
		return rcd_fail_nomem(r->err);
	r->e->expect = x;
	x += r->e->n_expect;
	x->kind = kind;
	x->line = r->line;
	x->text = rcd_sv_dup(text);
	if (x->text == NULL)
		return rcd_fail_nomem(r->err);
	mine->n++;
	r->e->n_expect++; /* owned by the script from here on */
	return rcd_expect_read(x, r->err);
}

/* --- lines ---------------------------------------------------------------------------------- */

#define N_OTHERS 4
static const char *const others[N_OTHERS] = {"case", "tags", "needs", "user"};

/* Words with one space between, in small ASCII letters. */
static void read_keyword_text(struct rcd_sv v, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < v.n && n + 1 < size; i++) {
		bool space = v.p[i] == ' ' || v.p[i] == '\t';

		if (space && (n == 0 || out[n - 1] == ' '))
			continue;
		if (v.p[i] >= 'A' && v.p[i] <= 'Z')
			out[n++] = (char)(v.p[i] + 32);
		else
			out[n++] = space ? ' ' : v.p[i];
	}
	out[n] = '\0';
}

static int fail_unknown(const char *word, struct rcd_err *err)
{
	const char *all[N_OTHERS + RCD_N_EXPECT_KINDS];

	for (size_t i = 0; i < N_OTHERS; i++)
		all[i] = others[i];
	for (size_t i = 0; i < RCD_N_EXPECT_KINDS; i++)
		all[N_OTHERS + i] = rcd_expect_name[i];
	return rcd_fail(err, RCD_INVAL, 0, "there is no \"%s\": did you mean \"%s\"?", word,
	                rcd_nearest_word(word, all, sizeof(all) / sizeof(all[0])));
}

static int find_keyword(struct rcd_sv v, enum keyword *k, enum rcd_expect_kind *kind,
                        struct rcd_err *err)
{
	char word[48];

	v.n = rcd_utf8_cut(v, sizeof(word) - 1);
	read_keyword_text(v, word, sizeof(word));
	for (size_t i = 0; i < N_OTHERS; i++)
		if (strcmp(word, others[i]) == 0) {
			*k = (enum keyword)i;
			return 0;
		}
	for (size_t i = 0; i < RCD_N_EXPECT_KINDS; i++)
		if (strcmp(word, rcd_expect_name[i]) == 0) {
			*k = EXPECT;
			*kind = (enum rcd_expect_kind)i;
			return 0;
		}
	return fail_unknown(word, err);
}

/* text is the logical line: continuation lines are joined to it. */
static int take_line(struct reader *r, struct rcd_sv text)
{
	struct rcd_sv word, rest = text;
	enum rcd_expect_kind kind = RCD_MUST_SAY;
	enum keyword k = EXPECT;

	if (memchr(text.p, ':', text.n) == NULL)
		return rcd_fail(
			r->err, RCD_INVAL, 0,
			"there is no colon in this line: a line is a keyword, a colon and what it is about, "
			"such as \"user: Oi!\"");
	(void)rcd_sv_cut(&rest, ':', &word);
	if (find_keyword(rcd_sv_trim(word), &k, &kind, r->err) != 0)
		return -1;
	rest = rcd_sv_trim(rest);
	if (rest.n == 0)
		return rcd_fail(r->err, RCD_INVAL, 0, "nothing stands behind \"%s:\"",
		                k == EXPECT ? rcd_expect_name[kind] : others[k]);
	switch (k) {
	case CASE:
		return add_case(r, rest);
	case USER:
		return add_turn(r, rest);
	case EXPECT:
		return add_expect(r, kind, rest);
	default:
		return set_words(r, k, rest);
	}
}

static bool take_next_line(struct reader *r, struct rcd_sv *line)
{
	if (!rcd_sv_cut(&r->rest, '\n', line))
		return false;
	r->line++;
	*line = rcd_sv_trim(*line);
	return true;
}

/* Appends the continuation lines, which begin with "+". */
static bool is_continuation(const struct reader *r)
{
	struct rcd_sv rest = r->rest, line;

	return rcd_sv_cut(&rest, '\n', &line) && rcd_sv_starts(rcd_sv_trim(line), RCD_SV("+"));
}

static int read_line(struct reader *r, struct rcd_sv line, struct rcd_buf *whole)
{
	const int first = r->line;
	int last, ret;

	rcd_buf_reset(whole);
	rcd_buf_sv(whole, line);
	while (is_continuation(r) && take_next_line(r, &line)) {
		rcd_buf_ch(whole, '\n');
		rcd_buf_sv(whole, rcd_sv_trim(rcd_sv_skip(line, 1)));
	}
	last = r->line;
	r->line = first;
	if (whole->bad)
		return whole->over
		           ? rcd_fail(r->err, RCD_LIMIT, 0, "a line of more than %d bytes", RCD_EVAL_LINE)
		           : rcd_fail_nomem(r->err);
	if (rcd_sv_starts(rcd_buf_view(whole), RCD_SV("+")))
		return rcd_fail(r->err, RCD_INVAL, 0,
		                "\"+\" goes on with the line above, and there is none");
	ret = take_line(r, rcd_buf_view(whole));
	if (ret == 0)
		r->line = last;
	return ret;
}

/* --- the whole file ------------------------------------------------------------------------- */

/* The first byte that is not valid UTF-8 text; false when there is none. */
static bool find_bad_byte(struct rcd_sv text, int *line, unsigned char *byte)
{
	*line = 1;
	for (const char *p = text.p, *end = text.p + text.n; p < end;) {
		const char *from = p;
		uint32_t c = rcd_utf8_next(&p, end);

		*line += c == '\n';
		*byte = (unsigned char)*from;
		if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f ||
		    (c == 0xfffd && p - from == 1))
			return true;
	}
	return false;
}

static int read_lines(struct reader *r, struct rcd_buf *whole)
{
	struct rcd_sv line;
	int last;

	while (take_next_line(r, &line)) {
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (read_line(r, line, whole) != 0)
			return -1;
	}
	last = r->line;
	if (expect_something(r) != 0)
		return -1;
	r->line = last;
	if (r->e->n_cases == 0) {
		r->line = 0;
		return rcd_fail(r->err, RCD_INVAL, 0,
		                "there is no case in it: one begins with \"case: its name\"");
	}
	return 0;
}

int rcd_eval_read(struct rcd_eval **out, struct rcd_sv text, int *line, struct rcd_err *err)
{
	struct reader r = {.err = err};
	struct rcd_buf whole;
	unsigned char byte;
	int ret;

	*line = 0;
	if (rcd_sv_starts(text, RCD_SV("\xEF\xBB\xBF")))
		text = rcd_sv_skip(text, 3);
	if (text.n > RCD_MAX_EVAL_FILE)
		return rcd_fail(err, RCD_LIMIT, 0, "a file of more than %d bytes", RCD_MAX_EVAL_FILE);
	if (find_bad_byte(text, line, &byte))
		return rcd_fail(err, RCD_INVAL, 0,
		                "the byte 0x%02x is no text in UTF-8: save the file as UTF-8", byte);
	*line = 0;
	r.rest = text.p != NULL ? text : RCD_SV("");
	r.e = calloc(1, sizeof(*r.e));
	if (r.e == NULL)
		return rcd_fail_nomem(err);
	rcd_buf_init(&whole, RCD_EVAL_LINE);
	ret = read_lines(&r, &whole);
	rcd_buf_free(&whole);
	*line = r.line;
	if (ret == 0)
		*out = r.e;
	else
		rcd_eval_free(r.e);
	return ret;
}

struct rcd_eval *rcd_eval_free(struct rcd_eval *e)
{
	if (e == NULL)
		return NULL;
	for (size_t i = 0; i < e->n_cases; i++) {
		free(e->cases[i].name);
		free(e->cases[i].tags);
		free(e->cases[i].needs);
	}
	for (size_t i = 0; i < e->n_turns; i++)
		free(e->turns[i].said);
	for (size_t i = 0; i < e->n_expect; i++)
		rcd_expect_done(&e->expect[i]);
	free(e->cases);
	free(e->turns);
	free(e->expect);
	free(e);
	return NULL;
}

static bool is_between(char c)
{
	return c == ',' || c == ' ' || c == '\t' || c == '\n';
}

bool rcd_eval_word(struct rcd_sv *rest, struct rcd_sv *word)
{
	size_t n = 0;

	while (rest->n > 0 && is_between(rest->p[0]))
		*rest = rcd_sv_skip(*rest, 1);
	while (n < rest->n && !is_between(rest->p[n]))
		n++;
	*word = (struct rcd_sv){rest->p, n};
	*rest = rcd_sv_skip(*rest, n);
	return n > 0;
}

bool rcd_eval_has_word(const char *list, struct rcd_sv word)
{
	struct rcd_sv rest = rcd_sv(list), one_word;

	while (rcd_eval_word(&rest, &one_word))
		if (rcd_sv_ieq(one_word, word))
			return true;
	return false;
}
