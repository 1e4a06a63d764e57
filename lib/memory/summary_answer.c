#include "memory/summary_answer.h"

#include "answer/filter.h"
#include "base/fold.h"
#include "base/limits.h"
#include "base/visible.h"
#include "base/words.h"

#include <string.h>

#define MAX_SUMMARY 3000
#define MAX_VALUE 200
#define MAX_QUOTE 400

static bool find_kind(struct rcd_sv name, enum rcd_fact_kind *out)
{
	for (int i = 0; i < RCD_N_FACT_KINDS; i++)
		if (rcd_sv_is(name, rcd_fact_kind_name[i])) {
			*out = (enum rcd_fact_kind)i;
			return true;
		}
	return false;
}

static bool is_one_line(struct rcd_sv v, size_t max)
{
	return v.n > 0 && v.n <= max && memchr(v.p, '\n', v.n) == NULL;
}

static bool is_one_word(struct rcd_sv v)
{
	struct rcd_sv word;

	return !rcd_word(&v, &word) || !rcd_word(&v, &word);
}

/* Is one of the lines this, and nothing else? */
static bool is_line(struct rcd_sv lines, struct rcd_sv v)
{
	struct rcd_sv line;

	while (rcd_sv_cut(&lines, '\n', &line))
		if (rcd_sv_eq(rcd_sv_trim(line), v))
			return true;
	return false;
}

/* said: all that the contact said, folded, a message a line. One word out of many proves nothing.
 */
static int check_quote(struct rcd_sv said, struct rcd_sv quote, bool *yes, struct rcd_err *err)
{
	struct rcd_buf folded;
	struct rcd_sv v;
	int ret;

	rcd_buf_init(&folded, RCD_MAX_TEXT);
	ret = rcd_fold(rcd_sv_trim(quote), &folded, err);
	v = rcd_buf_view(&folded);
	*yes = ret == 0 && v.n > 0 &&
	       (is_one_word(v) ? is_line(said, v) : memmem(said.p, said.n, v.p, v.n) != NULL);
	rcd_buf_free(&folded);
	return ret;
}

/* --- the filter ---------------------------------------------------------------------------- */

/* A text of the answer as it may be stored. */
static int filter_text(struct rcd_sv text, struct rcd_buf *out, struct rcd_err *err)
{
	if (rcd_filter_text(text, NULL, out, err) != 0)
		return -1;
	return out->bad ? rcd_fail_nomem(err) : 0;
}

/* A text of a fact, filtered where it stands, so that a view of it lives as long as f. */
static int filter_member(json_t *f, const char *name, struct rcd_err *err)
{
	struct rcd_buf clean;
	int ret;

	rcd_buf_init(&clean, RCD_MAX_TEXT);
	ret = filter_text(rcd_json_sv(f, name), &clean, err);
	if (ret == 0 &&
	    json_object_set_new(f, name, rcd_json_str(rcd_sv_trim(rcd_buf_view(&clean)))) != 0)
		ret = rcd_fail_nomem(err);
	rcd_buf_free(&clean);
	return ret;
}

/* An engine may have put reasoning in front of the JSON. */
static int parse_filtered(struct rcd_sv text, json_t **out, struct rcd_err *err)
{
	struct rcd_buf clean;
	int ret;

	rcd_buf_init(&clean, RCD_MAX_TEXT);
	ret = filter_text(text, &clean, err);
	if (ret == 0)
		ret = rcd_json_parse(rcd_sv_trim(rcd_buf_view(&clean)), RCD_MAX_TEXT, out, err);
	rcd_buf_free(&clean);
	if (ret != 0 && err->code != RCD_NOMEM)
		return rcd_fail(err, RCD_PROTO, 0, "the summary is no JSON");
	return ret;
}

/* What is JSON already is filtered text by text: a mark in one of them must not end the whole. */
static int parse_answer(struct rcd_sv text, json_t **out, struct rcd_err *err)
{
	if (rcd_json_parse(rcd_sv_trim(text), RCD_MAX_TEXT, out, err) == 0)
		return 0;
	return err->code == RCD_NOMEM ? -1 : parse_filtered(text, out, err);
}

/* --- its parts ----------------------------------------------------------------------------- */

static int read_summary(struct rcd_summary_answer *a, struct rcd_err *err)
{
	struct rcd_sv v;

	if (filter_text(rcd_json_sv(a->json, "summary"), &a->summary, err) != 0)
		return -1;
	v = rcd_sv_trim(rcd_buf_view(&a->summary));
	if (rcd_is_blank(v))
		return rcd_fail(err, RCD_PROTO, 0, "a summary without its parts");
	return 0;
}

/* *taken: f is a fact that the contact has said. */
static int read_fact(json_t *f, struct rcd_sv said, struct rcd_fact_in *out, bool *taken,
                     struct rcd_err *err)
{
	struct rcd_fact_in in = {.quote = rcd_json_sv(f, "quote")};
	bool yes = false;

	*taken = false;
	if (!find_kind(rcd_json_sv(f, "kind"), &in.kind) || in.quote.n > MAX_QUOTE)
		return 0;
	if (check_quote(said, in.quote, &yes, err) != 0)
		return err->code == RCD_NOMEM ? -1 : 0;
	if (!yes)
		return 0;
	if (filter_member(f, "value", err) != 0 || filter_member(f, "quote", err) != 0)
		return err->code == RCD_NOMEM ? -1 : 0;
	in.value = rcd_json_sv(f, "value");
	in.quote = rcd_json_sv(f, "quote");
	*taken = is_one_line(in.value, MAX_VALUE) && !rcd_is_blank(in.value);
	if (*taken)
		*out = in;
	return 0;
}

static int read_facts(struct rcd_summary_answer *a, struct rcd_sv said, struct rcd_err *err)
{
	const json_t *facts = json_object_get(a->json, "facts");
	json_t *f;
	size_t i;

	if (!json_is_array(facts))
		return rcd_fail(err, RCD_PROTO, 0, "a summary without its parts");
	json_array_foreach (facts, i, f) {
		bool taken;

		if (a->n == RCD_MAX_ANSWER_FACTS)
			break;
		if (read_fact(f, said, &a->fact[a->n], &taken, err) != 0)
			return -1;
		a->n += taken;
	}
	return 0;
}

int rcd_summary_answer_read(struct rcd_sv text, struct rcd_sv said, struct rcd_summary_answer *out,
                            struct rcd_err *err)
{
	*out = (struct rcd_summary_answer){.n = 0};
	rcd_buf_init(&out->summary, RCD_MAX_TEXT);
	if (parse_answer(text, &out->json, err) != 0 || read_summary(out, err) != 0)
		return -1;
	return read_facts(out, said, err);
}

void rcd_summary_answer_free(struct rcd_summary_answer *a)
{
	json_decref(a->json);
	rcd_buf_free(&a->summary);
}
