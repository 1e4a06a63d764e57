/* Parses the value of an expectation, the text after its colon. */

#include "daemon/eval/judge.h"

#include "daemon/options.h"

#include <stdlib.h>
#include <string.h>

#define ALTERNATIVES 64
#define MAX_MS (10 * 60000)
#define MAX_CHARS 100000

const char *const rcd_expect_name[RCD_N_EXPECT_KINDS] = {
	[RCD_MUST_SAY] = "must say",        [RCD_MUST_NOT_SAY] = "must not say",
	[RCD_MUST_WRITE] = "must write",    [RCD_MUST_NOT_WRITE] = "must not write",
	[RCD_MUST_CALL] = "must call",      [RCD_MUST_NOT_CALL] = "must not call",
	[RCD_MUST_CITE] = "must cite",      [RCD_MUST_NOT_CITE] = "must not cite",
	[RCD_EXPECT_LANGUAGE] = "language", [RCD_EXPECT_LENGTH] = "length",
	[RCD_EXPECT_WITHIN] = "within",     [RCD_EXPECT_RUNG] = "rung",
	[RCD_EXPECT_VOICE] = "voice",       [RCD_EXPECT_HANDED_OVER] = "handed over",
};

static int fail_expectation(const struct rcd_expect *e, struct rcd_err *err, const char *want)
{
	return rcd_fail(err, RCD_INVAL, 0, "\"%s\" wants %s", rcd_expect_name[e->kind], want);
}

/* --- alternatives --------------------------------------------------------------------------- */

static int split_values(struct rcd_expect *e, char sep, struct rcd_err *err)
{
	struct rcd_sv rest = rcd_sv(e->text), part;
	size_t n = 1;

	for (const char *p = e->text; *p != '\0'; p++)
		n += *p == sep;
	if (n > ALTERNATIVES)
		return rcd_fail(err, RCD_LIMIT, 0, "more than %d alternatives", ALTERNATIVES);
	e->any = calloc(n, sizeof(*e->any));
	if (e->any == NULL)
		return rcd_fail_nomem(err);
	while (rcd_sv_cut(&rest, sep, &part)) {
		part = rcd_sv_trim(part);
		if (part.n == 0)
			return rcd_fail(err, RCD_INVAL, 0, "nothing stands on one side of a \"|\"");
		e->any[e->n_any++] = part;
	}
	return 0;
}

static int read_words(struct rcd_expect *e, struct rcd_err *err)
{
	bool has;

	if (split_values(e, '|', err) != 0)
		return -1;
	for (size_t i = 0; i < e->n_any; i++) {
		if (rcd_has_words(e->any[i], &has, err) != 0)
			return -1;
		if (!has)
			return rcd_fail(
				err, RCD_INVAL, 0,
				"there is no letter or digit in one of the alternatives: marks are compared by "
				"\"%s\"",
				rcd_expect_name[e->kind == RCD_MUST_SAY ? RCD_MUST_WRITE : RCD_MUST_NOT_WRITE]);
	}
	return 0;
}

/* --- calls ---------------------------------------------------------------------------------- */

static bool of_name(struct rcd_sv v)
{
	if (rcd_sv_is(v, "*"))
		return true;
	for (size_t i = 0; i < v.n; i++)
		if (!((v.p[i] >= 'a' && v.p[i] <= 'z') || (v.p[i] >= 'A' && v.p[i] <= 'Z') ||
		      (v.p[i] >= '0' && v.p[i] <= '9') || v.p[i] == '_' || v.p[i] == '-'))
			return false;
	return v.n > 0;
}

/* "NAME" or "NAME {JSON}". */
static int read_call(struct rcd_expect *e, struct rcd_err *err)
{
	struct rcd_sv text = rcd_sv(e->text), arguments;
	const char *brace = strchr(e->text, '{');
	struct rcd_err why;

	e->any = calloc(1, sizeof(*e->any));
	if (e->any == NULL)
		return rcd_fail_nomem(err);
	e->n_any = 1;
	e->any[0] = rcd_sv_trim(
		(struct rcd_sv){text.p, brace != NULL ? (size_t)(brace - text.p) : text.n});
	if (!of_name(e->any[0]))
		return fail_expectation(
			e, err,
			"the name of one tool, or * for any, and after it at most {\"argument\": \"words\"}");
	if (brace == NULL)
		return 0;
	arguments = rcd_sv(brace);
	if (rcd_json_parse(arguments, RCD_EVAL_LINE, &e->arguments, &why) == 0)
		return 0;
	if (why.code == RCD_NOMEM)
		return rcd_fail_nomem(err);
	return rcd_fail(err, RCD_INVAL, 0,
	                "the arguments behind the tool's name are no JSON object: %s", why.msg);
}

/* --- numbers -------------------------------------------------------------------------------- */

/* "20..600", "20..", "..600". */
static int read_length(struct rcd_expect *e, struct rcd_err *err)
{
	const char *dots = strstr(e->text, "..");
	struct rcd_sv from, to;

	if (dots == NULL)
		return fail_expectation(e, err,
		                        "the least and the most characters, such as 20..600 or ..600");
	from = rcd_sv_trim((struct rcd_sv){e->text, (size_t)(dots - e->text)});
	to = rcd_sv_trim(rcd_sv(dots + 2));
	e->max = INT64_MAX;
	if (from.n + to.n == 0 || (from.n > 0 && rcd_parse_i64(from, 0, MAX_CHARS, &e->min) != 0) ||
	    (to.n > 0 && rcd_parse_i64(to, 0, MAX_CHARS, &e->max) != 0) || e->min > e->max)
		return fail_expectation(e, err,
		                        "the least and the most characters, such as 20..600 or ..600");
	return 0;
}

/* "1.5" or "1,5" as thousandths. */
static int parse_thousandths(struct rcd_sv v, int64_t *out)
{
	struct rcd_sv whole = v, part = {NULL, 0};
	int64_t n = 0, more = 0;
	size_t digits = 0;

	while (digits < v.n && v.p[digits] != '.' && v.p[digits] != ',')
		digits++;
	if (digits < v.n) {
		whole.n = digits;
		part = rcd_sv_skip(v, digits + 1);
		if (part.n == 0 || part.n > 3 || part.p[0] == '+' || part.p[0] == '-')
			return -1;
	}
	if (rcd_parse_i64(whole, 0, MAX_MS, &n) != 0 ||
	    (part.n > 0 && rcd_parse_i64(part, 0, 999, &more) != 0))
		return -1;
	for (size_t i = part.n; i > 0 && i < 3; i++)
		more *= 10;
	*out = n * 1000 + more;
	return 0;
}

/* "8 s" or "800 ms". */
static int read_within(struct rcd_expect *e, struct rcd_err *err)
{
	struct rcd_sv v = rcd_sv(e->text);
	bool ms = rcd_sv_ends(v, RCD_SV("ms")), s = !ms && rcd_sv_ends(v, RCD_SV("s"));

	if (ms || s)
		v.n -= ms ? 2 : 1;
	v = rcd_sv_trim(v);
	if ((!ms && !s) ||
	    (ms ? rcd_parse_i64(v, 0, MAX_MS, &e->max) : parse_thousandths(v, &e->max)) != 0 ||
	    e->max < 1 || e->max > MAX_MS)
		return fail_expectation(e, err, "a time up to ten minutes, such as 8 s or 800 ms");
	return 0;
}

/* --- words out of a few --------------------------------------------------------------------- */

static int read_yes(struct rcd_expect *e, struct rcd_err *err)
{
	e->yes = rcd_sv_ieq(rcd_sv(e->text), RCD_SV("yes"));
	return e->yes || rcd_sv_ieq(rcd_sv(e->text), RCD_SV("no"))
	           ? 0
	           : fail_expectation(e, err, "yes or no");
}

static int read_language(struct rcd_expect *e, struct rcd_err *err)
{
	if (split_values(e, '|', err) != 0)
		return -1;
	if (e->n_any == 1 && (rcd_sv_is(e->any[0], "pt") || rcd_sv_is(e->any[0], "en")))
		return 0;
	return fail_expectation(e, err, "pt or en");
}

static int read_rung(struct rcd_expect *e, struct rcd_err *err)
{
	if (split_values(e, '|', err) != 0)
		return -1;
	for (size_t i = 0; i < e->n_any; i++)
		if (!of_name(e->any[i]) || rcd_sv_is(e->any[i], "*"))
			return fail_expectation(e, err, "who answers, such as chat | knowledge");
	return 0;
}

int rcd_expect_read(struct rcd_expect *e, struct rcd_err *err)
{
	switch (e->kind) {
	case RCD_MUST_SAY:
	case RCD_MUST_NOT_SAY:
		return read_words(e, err);
	case RCD_MUST_CALL:
	case RCD_MUST_NOT_CALL:
		return read_call(e, err);
	case RCD_EXPECT_LANGUAGE:
		return read_language(e, err);
	case RCD_EXPECT_LENGTH:
		return read_length(e, err);
	case RCD_EXPECT_WITHIN:
		return read_within(e, err);
	case RCD_EXPECT_RUNG:
		return read_rung(e, err);
	case RCD_EXPECT_VOICE:
	case RCD_EXPECT_HANDED_OVER:
		return read_yes(e, err);
	default:
		return split_values(e, '|', err);
	}
}

void rcd_expect_done(struct rcd_expect *e)
{
	free(e->text);
	free(e->any);
	json_decref(e->arguments);
}
