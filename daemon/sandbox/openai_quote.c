#include "daemon/sandbox/openai_quote.h"

#include "base/fold.h"
#include "base/limits.h"
#include "base/stem.h"

#include <string.h>

#define WORDS 32 /* of the question that are looked for */
#define PASSAGES 16
#define SENTENCES 64 /* of one passage */

struct quote {
	struct rcd_stemmer *stemmer;
	char stem[WORDS][RCD_STEM_N];
	size_t n;
	/* the best so far */
	struct rcd_sv first, second;
	int score;
	size_t passages; /* looked at */
};

/* Which of the question's words are in text, a bit each. */
static int words_in(const struct quote *q, struct rcd_sv text, uint32_t *bits)
{
	struct rcd_buf folded, stems;
	struct rcd_sv rest, one;
	int ret;

	*bits = 0;
	rcd_buf_init(&folded, 20 * RCD_MAX_TEXT);
	rcd_buf_init(&stems, 20 * RCD_MAX_TEXT);
	ret = rcd_fold(text, &folded, NULL) != 0 ||
	              rcd_stems(q->stemmer, RCD_PT, rcd_buf_view(&folded), &stems, NULL) != 0
	          ? -1
	          : 0;
	rest = rcd_buf_view(&stems);
	while (ret == 0 && rcd_sv_cut(&rest, ' ', &one))
		for (size_t i = 0; i < q->n; i++)
			if (rcd_sv_is(one, q->stem[i]))
				*bits |= 1U << i;
	rcd_buf_free(&folded);
	rcd_buf_free(&stems);
	return ret;
}

static int ask(struct quote *q, struct rcd_sv question)
{
	struct rcd_buf folded, stems;
	struct rcd_sv rest, one;
	int ret;

	rcd_buf_init(&folded, 20 * RCD_MAX_TEXT);
	rcd_buf_init(&stems, 20 * RCD_MAX_TEXT);
	ret = rcd_fold(question, &folded, NULL) != 0 ||
	              rcd_stems(q->stemmer, RCD_PT, rcd_buf_view(&folded), &stems, NULL) != 0
	          ? -1
	          : 0;
	rest = rcd_buf_view(&stems);
	while (ret == 0 && q->n < WORDS && rcd_sv_cut(&rest, ' ', &one)) {
		bool new = one.n > 0 && one.n < RCD_STEM_N;

		for (size_t i = 0; i < q->n && new; i++)
			new = !rcd_sv_is(one, q->stem[i]);
		if (!new)
			continue;
		memcpy(q->stem[q->n], one.p, one.n);
		q->stem[q->n++][one.n] = '\0';
	}
	rcd_buf_free(&folded);
	rcd_buf_free(&stems);
	return ret;
}

/* --- a passage ------------------------------------------------------------------------------ */

static bool ends_sentence(struct rcd_sv v, size_t at)
{
	if (strchr(".!?", v.p[at]) == NULL)
		return v.p[at] == '\n' && at + 1 < v.n && v.p[at + 1] == '\n';
	return at + 1 == v.n || v.p[at + 1] == ' ' || v.p[at + 1] == '\n';
}

/* Takes the next sentence off *rest; false at its end. */
static bool sentence(struct rcd_sv *rest, struct rcd_sv *out)
{
	size_t n = 0;

	*rest = rcd_sv_trim(*rest);
	while (n < rest->n && !ends_sentence(*rest, n))
		n++;
	n += n < rest->n;
	*out = rcd_sv_trim((struct rcd_sv){rest->p, n});
	*rest = rcd_sv_skip(*rest, n);
	return out->n > 0;
}

static int look(struct quote *q, struct rcd_sv heading, struct rcd_sv text)
{
	struct rcd_sv part[SENTENCES];
	uint32_t above, has[SENTENCES];
	size_t n = 0, best = 0, more;
	int score = 0, now;

	if (++q->passages > PASSAGES)
		return 0;
	if (words_in(q, heading, &above) != 0)
		return -1;
	while (n < SENTENCES && sentence(&text, &part[n])) {
		if (words_in(q, part[n], &has[n]) != 0)
			return -1;
		now = has[n] == 0 ? 0
		                  : 2 * __builtin_popcount(has[n]) + __builtin_popcount(above & ~has[n]);
		if (now > score) {
			score = now;
			best = n;
		}
		n++;
	}
	if (score <= q->score)
		return 0;
	q->score = score;
	q->first = part[best];
	q->second = (struct rcd_sv){NULL, 0};
	more = n;
	for (size_t i = 0; i < n; i++)
		if ((has[i] & ~has[best]) != 0 &&
		    (more == n ||
		     __builtin_popcount(has[i] & ~has[best]) > __builtin_popcount(has[more] & ~has[best])))
			more = i;
	if (more < n)
		q->second = part[more];
	return 0;
}

/* --- what the model was told ---------------------------------------------------------------- */

/* The passages in one text, each up to the next "## ". */
static int look_at(struct quote *q, struct rcd_sv text)
{
	struct rcd_sv heading = {NULL, 0}, from = {NULL, 0}, line, rest = text;
	bool below = false; /* the line under a heading is next */

	while (rcd_sv_cut(&rest, '\n', &line)) {
		bool source = below && rcd_sv_starts(line, RCD_SV("(")) && rcd_sv_ends(line, RCD_SV(")"));

		below = rcd_sv_starts(line, RCD_SV("## "));
		if (below && from.p != NULL) {
			from.n = (size_t)(line.p - from.p);
			if (look(q, heading, from) != 0)
				return -1;
			from.p = NULL;
		}
		if (below)
			heading = rcd_sv_skip(line, 3);
		else if (source)
			from.p = rest.p;
	}
	if (from.p == NULL)
		return 0;
	from.n = (size_t)(text.p + text.n - from.p);
	return look(q, heading, from);
}

static int look_through(struct quote *q, const json_t *messages)
{
	const json_t *m;
	size_t i;

	json_array_foreach (messages, i, m) {
		struct rcd_sv role = rcd_json_sv(m, "role");

		if ((rcd_sv_is(role, "system") || rcd_sv_is(role, "developer")) &&
		    look_at(q, rcd_json_sv(m, "content")) != 0)
			return -1;
	}
	return 0;
}

/* --- documents of the customer ---------------------------------------------------------------- */

/* The lines of a message that quote a document, without their marks; or those that are the
 * customer's own words. */
static void pick_lines(struct rcd_sv text, bool quoted, struct rcd_buf *out)
{
	struct rcd_sv line;

	while (rcd_sv_cut(&text, '\n', &line)) {
		bool is_quoted = rcd_sv_starts(line, RCD_SV("> ")),
			 is_mark = rcd_sv_starts(line, RCD_SV("["));

		if (is_quoted != quoted || (is_mark && !quoted) ||
		    rcd_sv_starts(line, RCD_SV("Documento do cliente")))
			continue;
		rcd_buf_sv(out, rcd_sv_skip(line, quoted ? 2 : 0));
		rcd_buf_ch(out, '\n');
	}
}

/* Without documents it is the question as it stands. */
static int ask_words(struct quote *q, struct rcd_sv question, struct rcd_buf *document)
{
	struct rcd_buf own;
	int ret;

	pick_lines(question, true, document);
	if (document->n == 0)
		return document->bad ? -1 : ask(q, question);
	rcd_buf_init(&own, RCD_MAX_PROMPT);
	pick_lines(question, false, &own);
	ret = own.bad || document->bad ? -1 : ask(q, rcd_buf_view(&own));
	rcd_buf_free(&own);
	return ret;
}

/* In one line, as one would say it. */
static void say(struct rcd_sv v, struct rcd_buf *out)
{
	for (size_t i = 0; i < v.n; i++)
		rcd_buf_ch(out, v.p[i] == '\n' ? ' ' : v.p[i]);
}

int rcd_sb_quote(const json_t *req, struct rcd_sv question, struct rcd_buf *out)
{
	struct quote q = {.n = 0};
	struct rcd_buf document;
	int ret;

	if (rcd_stemmer_new(&q.stemmer, NULL) != 0)
		return -1;
	question.n = rcd_utf8_cut(question, RCD_MAX_TEXT);
	rcd_buf_init(&document, RCD_MAX_PROMPT);
	ret = ask_words(&q, question, &document);
	if (ret == 0 && q.n > 0 && document.n > 0)
		ret = look(&q, rcd_sv(NULL), rcd_buf_view(&document));
	if (ret == 0 && q.n > 0)
		ret = look_at(&q, rcd_json_sv(req, "instructions")) != 0 ||
		              look_through(&q, json_object_get(req, "messages")) != 0 ||
		              look_through(&q, json_object_get(req, "input")) != 0
		          ? -1
		          : 0;
	rcd_stemmer_free(q.stemmer);
	say(q.first, out);
	if (q.second.n > 0) {
		rcd_buf_ch(out, ' ');
		say(q.second, out);
	}
	return ret == 0 && !out->bad ? 0 : -1;
}
