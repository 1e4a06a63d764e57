#include "daemon/eval/judge.h"

#include "daemon/eval/language.h"

#include <inttypes.h>
#include <string.h>

#define SHOWN 200 /* bytes of a call's arguments */

static int check_memory(const struct rcd_buf *found, struct rcd_err *err)
{
	return found->bad ? rcd_fail_nomem(err) : 0;
}

/* --- words and characters ------------------------------------------------------------------- */

typedef int compare_fn(struct rcd_sv text, struct rcd_sv piece, bool *there, struct rcd_err *err);

/* Index of the first alternative found; n_any: none. */
static int find_first(const struct rcd_expect *e, struct rcd_sv text, compare_fn *compare,
                      size_t *at, struct rcd_err *err)
{
	bool there = false;
	size_t i;

	for (i = 0; i < e->n_any; i++) {
		if (compare(text, e->any[i], &there, err) != 0)
			return -1;
		if (there)
			break;
	}
	*at = i;
	return 0;
}

static int judge_text(const struct rcd_expect *e, const struct rcd_heard *h, bool *held,
                      struct rcd_buf *found, struct rcd_err *err)
{
	const bool words = e->kind == RCD_MUST_SAY || e->kind == RCD_MUST_NOT_SAY;
	const bool wanted = e->kind == RCD_MUST_SAY || e->kind == RCD_MUST_WRITE;
	size_t at;

	if (find_first(e, h->text, words ? rcd_says : rcd_writes, &at, err) != 0)
		return -1;
	*held = (at < e->n_any) == wanted;
	if (!*held && wanted)
		rcd_buf_fmt(found, "%s", e->n_any > 1 ? "none of it is there" : "it is not there");
	else if (!*held)
		rcd_buf_fmt(found, "\"%.*s\" is there", RCD_SV_ARG(e->any[at]));
	return check_memory(found, err);
}

/* --- passages ------------------------------------------------------------------------------- */

/* "trocas.md" is also "loja/trocas.md". */
static bool is_same_source(struct rcd_sv source, struct rcd_sv want)
{
	return rcd_sv_ends(source, want) &&
	       (source.n == want.n || source.p[source.n - want.n - 1] == '/');
}

/* Calls fn for each passage: those of the prompt and those in tool results. */
static void for_each_source(const struct rcd_heard *h, void (*fn)(void *arg, struct rcd_sv source),
                            void *arg)
{
	const json_t *p, *call;
	size_t i, k;

	json_array_foreach (h->passages, i, p) {
		fn(arg, rcd_json_sv(p, "source"));
	}
	json_array_foreach (h->calls, i, call) {
		json_array_foreach (json_object_get(json_object_get(call, "result"), "passages"), k, p) {
			fn(arg, rcd_json_sv(p, "source"));
		}
	}
}

static void add_source(void *arg, struct rcd_sv source)
{
	struct rcd_buf *found = arg;

	rcd_buf_str(found, found->n == 0 ? "given were " : ", ");
	rcd_buf_sv(found, source);
}

struct cited {
	const struct rcd_expect *e;
	bool there;
};

static void compare_source(void *arg, struct rcd_sv source)
{
	struct cited *c = arg;

	for (size_t i = 0; i < c->e->n_any; i++)
		c->there = c->there || is_same_source(source, c->e->any[i]);
}

static int judge_sources(const struct rcd_expect *e, const struct rcd_heard *h, bool *held,
                         struct rcd_buf *found, struct rcd_err *err)
{
	struct cited c = {.e = e};

	for_each_source(h, compare_source, &c);
	*held = c.there == (e->kind == RCD_MUST_CITE);
	if (!*held)
		for_each_source(h, add_source, found);
	if (!*held && found->n == 0)
		rcd_buf_str(found, "no passage was given");
	return check_memory(found, err);
}

/* --- calls ---------------------------------------------------------------------------------- */

static void add_call(const json_t *call, struct rcd_buf *found)
{
	const json_t *arguments = json_object_get(call, "arguments");
	struct rcd_buf text;
	struct rcd_sv v;

	rcd_buf_sv(found, rcd_json_sv(call, "name"));
	if (arguments == NULL)
		return;
	rcd_buf_init(&text, 1 << 20);
	rcd_json_canonical(arguments, &text);
	v = rcd_buf_view(&text);
	v.n = rcd_utf8_cut(v, SHOWN);
	rcd_buf_fmt(found, " %.*s%s", RCD_SV_ARG(v), v.n < text.n ? "…" : "");
	rcd_buf_free(&text);
}

static void add_calls(const json_t *calls, struct rcd_buf *found)
{
	const json_t *call;
	size_t i;

	if (json_array_size(calls) == 0)
		rcd_buf_str(found, "no tool was called");
	json_array_foreach (calls, i, call) {
		rcd_buf_str(found, i == 0 ? "called were " : ", ");
		add_call(call, found);
	}
}

static int is_call(const struct rcd_expect *e, const json_t *call, bool *is, struct rcd_err *err)
{
	*is = rcd_sv_is(e->any[0], "*") || rcd_sv_eq(rcd_json_sv(call, "name"), e->any[0]);
	if (!*is || e->arguments == NULL)
		return 0;
	return rcd_holds_json(json_object_get(call, "arguments"), e->arguments, is, err);
}

static int judge_calls(const struct rcd_expect *e, const struct rcd_heard *h, bool *held,
                       struct rcd_buf *found, struct rcd_err *err)
{
	bool there = false, is;
	const json_t *call;
	size_t i;

	json_array_foreach (h->calls, i, call) {
		if (is_call(e, call, &is, err) != 0)
			return -1;
		there = there || is;
	}
	*held = there == (e->kind == RCD_MUST_CALL);
	if (!*held)
		add_calls(h->calls, found);
	return check_memory(found, err);
}

/* --- the rest ------------------------------------------------------------------------------- */

static int judge_language(const struct rcd_expect *e, const struct rcd_heard *h, bool *held,
                          struct rcd_buf *found, struct rcd_err *err)
{
	enum rcd_language t;

	if (rcd_language_of(h->text, &t, err) != 0)
		return -1;
	*held = rcd_sv_is(e->any[0], rcd_language_name(t));
	if (!*held && t == RCD_LANGUAGE_UNTOLD)
		rcd_buf_str(found, "its words do not tell the language");
	else if (!*held)
		rcd_buf_fmt(found, "it is %s",
		            t == RCD_LANGUAGE_OTHER ? "another language" : rcd_language_name(t));
	return check_memory(found, err);
}

static int judge_figure(const struct rcd_expect *e, const struct rcd_heard *h, bool *held,
                        struct rcd_buf *found, struct rcd_err *err)
{
	const bool length = e->kind == RCD_EXPECT_LENGTH;
	const int64_t v = length ? (int64_t)rcd_utf8_count(h->text) : h->ms;

	*held = v >= e->min && v <= e->max;
	if (!*held)
		rcd_buf_fmt(found, length ? "it has %" PRId64 " characters" : "it took %" PRId64 " ms", v);
	return check_memory(found, err);
}

static int judge_rung(const struct rcd_expect *e, const struct rcd_heard *h, bool *held,
                      struct rcd_buf *found, struct rcd_err *err)
{
	*held = false;
	for (size_t i = 0; i < e->n_any; i++)
		*held = *held || rcd_sv_is(e->any[i], h->rung);
	if (!*held)
		rcd_buf_fmt(found, "%s answered", h->rung[0] != '\0' ? h->rung : "nobody");
	return check_memory(found, err);
}

static int judge_yes(const struct rcd_expect *e, const struct rcd_heard *h, bool *held,
                     struct rcd_buf *found, struct rcd_err *err)
{
	const bool voice = e->kind == RCD_EXPECT_VOICE, is = voice ? h->spoken : h->handed_over;

	*held = is == e->yes;
	if (!*held)
		rcd_buf_fmt(found, "it was %s%s", is ? "" : "not ", voice ? "spoken" : "handed over");
	return check_memory(found, err);
}

int rcd_judge(const struct rcd_expect *e, const struct rcd_heard *heard, bool *held,
              struct rcd_buf *found, struct rcd_err *err)
{
	switch (e->kind) {
	case RCD_MUST_CALL:
	case RCD_MUST_NOT_CALL:
		return judge_calls(e, heard, held, found, err);
	case RCD_MUST_CITE:
	case RCD_MUST_NOT_CITE:
		return judge_sources(e, heard, held, found, err);
	case RCD_EXPECT_LANGUAGE:
		return judge_language(e, heard, held, found, err);
	case RCD_EXPECT_LENGTH:
	case RCD_EXPECT_WITHIN:
		return judge_figure(e, heard, held, found, err);
	case RCD_EXPECT_RUNG:
		return judge_rung(e, heard, held, found, err);
	case RCD_EXPECT_VOICE:
	case RCD_EXPECT_HANDED_OVER:
		return judge_yes(e, heard, held, found, err);
	default:
		return judge_text(e, heard, held, found, err);
	}
}
