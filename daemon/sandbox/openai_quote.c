#include "daemon/sandbox/openai_quote.h"

#include "base/fold.h"
#include "base/limits.h"
#include "base/stem.h"
#include "base/words.h"

#include <string.h>

#define WORDS 32 /* of the question that are looked for */
#define PASSAGES 16
#define SENTENCES 64 /* of one passage */
#define BEGINNING 3  /* sentences that answer a question which only the heading names */

struct quote {
	struct rcd_stemmer *stemmer;
	char stem[WORDS][RCD_STEM_N]; /* the question's words */
	size_t n;
	/* the best so far */
	struct rcd_sv first, second;
	int score;
	size_t passages; /* looked at */
};

/* The stems of a text, a space between them, appended to out. */
static int stem_words(const struct quote *q, struct rcd_sv text, struct rcd_buf *out)
{
	struct rcd_buf folded;
	int ret;

	rcd_buf_init(&folded, 20 * RCD_MAX_TEXT);
	ret = rcd_fold(text, &folded, RCD_UNREAD_ERR);
	if (ret == 0)
		ret = rcd_stems(q->stemmer, RCD_PT, rcd_buf_view(&folded), out, RCD_UNREAD_ERR);
	rcd_buf_free(&folded);
	return ret;
}

/* --- the question --------------------------------------------------------------------------- */

/* "Quanto custa" finds the price of anything: the word asks for a figure, which is preferred as it
 * is (is_better). */
static bool is_price_word(struct rcd_sv word)
{
	return rcd_sv_is(word, "custa") || rcd_sv_is(word, "custam");
}

static void drop_price_words(struct rcd_sv folded, struct rcd_buf *out)
{
	struct rcd_sv word;

	while (rcd_word(&folded, &word))
		if (!is_price_word(word)) {
			rcd_buf_sv(out, word);
			rcd_buf_ch(out, ' ');
		}
}

static bool has_stem(const struct quote *q, struct rcd_sv stem)
{
	for (size_t i = 0; i < q->n; i++)
		if (rcd_sv_is(stem, q->stem[i]))
			return true;
	return false;
}

static void keep_stems(struct quote *q, struct rcd_sv stems)
{
	struct rcd_sv one;

	while (q->n < WORDS && rcd_sv_cut(&stems, ' ', &one)) {
		if (one.n == 0 || one.n >= RCD_STEM_N || has_stem(q, one))
			continue;
		memcpy(q->stem[q->n], one.p, one.n);
		q->stem[q->n++][one.n] = '\0';
	}
}

static int read_question(struct quote *q, struct rcd_sv question)
{
	struct rcd_buf folded, asked, stems;
	int ret;

	rcd_buf_init(&folded, 20 * RCD_MAX_TEXT);
	rcd_buf_init(&asked, 20 * RCD_MAX_TEXT);
	rcd_buf_init(&stems, 20 * RCD_MAX_TEXT);
	ret = rcd_fold(question, &folded, RCD_UNREAD_ERR);
	if (ret == 0) {
		drop_price_words(rcd_buf_view(&folded), &asked);
		ret = asked.bad ? -1 : stem_words(q, rcd_buf_view(&asked), &stems);
	}
	if (ret == 0)
		keep_stems(q, rcd_buf_view(&stems));
	rcd_buf_free(&folded);
	rcd_buf_free(&asked);
	rcd_buf_free(&stems);
	return ret;
}

/* --- a passage ------------------------------------------------------------------------------ */

struct sentence {
	struct rcd_sv text;
	uint32_t has;   /* the question's words in it, a bit each */
	uint32_t above; /* those in the heading, or in a question that it answers */
};

static int count_bits(uint32_t bits)
{
	return __builtin_popcount(bits);
}

/* Which of the question's words are in text, a bit each. */
static int find_words(const struct quote *q, struct rcd_sv text, uint32_t *bits)
{
	struct rcd_buf stems;
	struct rcd_sv rest, one;
	int ret;

	*bits = 0;
	rcd_buf_init(&stems, 20 * RCD_MAX_TEXT);
	ret = stem_words(q, text, &stems);
	rest = rcd_buf_view(&stems);
	while (ret == 0 && rcd_sv_cut(&rest, ' ', &one))
		for (size_t i = 0; i < q->n; i++)
			if (rcd_sv_is(one, q->stem[i]))
				*bits |= 1U << i;
	rcd_buf_free(&stems);
	return ret;
}

/* A full stop, or the end of a paragraph, of an item or of a row. */
static bool ends_sentence(struct rcd_sv v, size_t at)
{
	if (v.p[at] == '\n')
		return at + 1 < v.n && strchr("\n-*|", v.p[at + 1]) != NULL;
	if (strchr(".!?", v.p[at]) == NULL)
		return false;
	return at + 1 == v.n || v.p[at + 1] == ' ' || v.p[at + 1] == '\n';
}

/* Takes the next sentence off *rest; false at its end. */
static bool cut_sentence(struct rcd_sv *rest, struct rcd_sv *out)
{
	size_t n = 0;

	*rest = rcd_sv_trim(*rest);
	while (n < rest->n && !ends_sentence(*rest, n))
		n++;
	n += n < rest->n;
	*out = rcd_sv_trim((struct rcd_sv){rest->p, n});
	*rest = rcd_sv_skip(*rest, n);
	if (rcd_sv_starts(*out, RCD_SV("- ")) || rcd_sv_starts(*out, RCD_SV("* ")))
		*out = rcd_sv_skip(*out, 2);
	return out->n > 0;
}

/* The sentences that can be an answer. A question among them is a heading of what follows it. */
static int read_sentences(const struct quote *q, struct rcd_sv heading, struct rcd_sv text,
                          struct sentence part[SENTENCES], size_t *n)
{
	struct rcd_sv one;
	uint32_t over, asked = 0, has;

	*n = 0;
	if (find_words(q, heading, &over) != 0)
		return -1;
	while (*n < SENTENCES && cut_sentence(&text, &one)) {
		if (find_words(q, one, &has) != 0)
			return -1;
		if (rcd_sv_ends(one, RCD_SV("?")) && text.n > 0)
			asked = has;
		else
			part[(*n)++] = (struct sentence){.text = one, .has = has, .above = over | asked};
	}
	return 0;
}

static bool has_figure(struct rcd_sv v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] >= '0' && v.p[i] <= '9')
			return true;
	return false;
}

/* The words found in it or over it, then those in it. 0: nothing of the question. */
static int rate_sentence(const struct sentence *s)
{
	return 2 * count_bits(s->has | s->above) + count_bits(s->has);
}

/* Among equals of one passage, a sentence that names a time or a price. */
static bool is_better(const struct sentence *a, const struct sentence *b)
{
	int rate_a = rate_sentence(a), rate_b = rate_sentence(b);

	return rate_a > rate_b || (rate_a == rate_b && has_figure(a->text) && !has_figure(b->text));
}

/* The first sentence with most words of the question that best has not; n: none. */
static size_t find_supplement(const struct sentence *part, size_t n, size_t best)
{
	uint32_t said = part[best].has;
	size_t more = n;

	for (size_t i = 0; i < n; i++) {
		int news = count_bits(part[i].has & ~said);

		if (news > 0 && (more == n || news > count_bits(part[more].has & ~said)))
			more = i;
	}
	return more;
}

/* The sentences from best on that have the same heading, at most BEGINNING of them. */
static struct rcd_sv join_beginning(const struct sentence *part, size_t n, size_t best)
{
	size_t end = best + 1;
	const char *from = part[best].text.p;

	while (end < n && end < best + BEGINNING && part[end].above == part[best].above)
		end++;
	return (struct rcd_sv){from, (size_t)(part[end - 1].text.p + part[end - 1].text.n - from)};
}

static int read_passage(struct quote *q, struct rcd_sv heading, struct rcd_sv text)
{
	struct sentence part[SENTENCES];
	size_t n, best = 0, more;

	if (++q->passages > PASSAGES)
		return 0;
	if (read_sentences(q, heading, text, part, &n) != 0)
		return -1;
	for (size_t i = 1; i < n; i++)
		if (is_better(&part[i], &part[best]))
			best = i;
	if (n == 0 || rate_sentence(&part[best]) <= q->score)
		return 0;
	q->score = rate_sentence(&part[best]);
	q->second = rcd_sv(NULL);
	if (part[best].has == 0) {
		q->first = join_beginning(part, n, best);
		return 0;
	}
	q->first = part[best].text;
	more = find_supplement(part, n, best);
	if (more < n)
		q->second = part[more].text;
	return 0;
}

/* --- what the model was told ---------------------------------------------------------------- */

/* The passages in one text, each up to the next "## ". */
static int read_passages(struct quote *q, struct rcd_sv text)
{
	struct rcd_sv heading = {NULL, 0}, from = {NULL, 0}, line, rest = text;
	bool below = false; /* the line under a heading is next */

	while (rcd_sv_cut(&rest, '\n', &line)) {
		bool source = below && rcd_sv_starts(line, RCD_SV("(")) && rcd_sv_ends(line, RCD_SV(")"));

		below = rcd_sv_starts(line, RCD_SV("## "));
		if (below && from.p != NULL) {
			from.n = (size_t)(line.p - from.p);
			if (read_passage(q, heading, from) != 0)
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
	return read_passage(q, heading, from);
}

static int read_messages(struct quote *q, const json_t *messages)
{
	const json_t *m;
	size_t i;

	json_array_foreach (messages, i, m) {
		struct rcd_sv role = rcd_json_sv(m, "role");

		if ((rcd_sv_is(role, "system") || rcd_sv_is(role, "developer")) &&
		    read_passages(q, rcd_json_sv(m, "content")) != 0)
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
static int read_words(struct quote *q, struct rcd_sv question, struct rcd_buf *document)
{
	struct rcd_buf own;
	int ret;

	pick_lines(question, true, document);
	if (document->n == 0)
		return document->bad ? -1 : read_question(q, question);
	rcd_buf_init(&own, RCD_MAX_PROMPT);
	pick_lines(question, false, &own);
	ret = own.bad || document->bad ? -1 : read_question(q, rcd_buf_view(&own));
	rcd_buf_free(&own);
	return ret;
}

/* In one line, as one would say it. */
static void append_line(struct rcd_sv v, struct rcd_buf *out)
{
	for (size_t i = 0; i < v.n; i++)
		rcd_buf_ch(out, v.p[i] == '\n' ? ' ' : v.p[i]);
}

int rcd_sb_quote(const json_t *req, struct rcd_sv question, struct rcd_buf *out)
{
	struct quote q = {.n = 0};
	struct rcd_buf document;
	int ret;

	if (rcd_stemmer_new(&q.stemmer, RCD_UNREAD_ERR) != 0)
		return -1;
	question.n = rcd_utf8_cut(question, RCD_MAX_TEXT);
	rcd_buf_init(&document, RCD_MAX_PROMPT);
	ret = read_words(&q, question, &document);
	if (ret == 0 && q.n > 0 && document.n > 0)
		ret = read_passage(&q, rcd_sv(NULL), rcd_buf_view(&document));
	if (ret == 0 && q.n > 0)
		ret = read_passages(&q, rcd_json_sv(req, "instructions")) != 0 ||
		              read_messages(&q, json_object_get(req, "messages")) != 0 ||
		              read_messages(&q, json_object_get(req, "input")) != 0
		          ? -1
		          : 0;
	rcd_stemmer_free(q.stemmer);
	append_line(q.first, out);
	if (q.second.n > 0) {
		rcd_buf_ch(out, ' ');
		append_line(q.second, out);
	}
	return ret == 0 && !out->bad ? 0 : -1;
}
