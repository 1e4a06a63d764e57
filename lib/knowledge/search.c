#include "base/limits.h"
#include "knowledge/words.h"
#include "knowledge/knowledge.h"

#include <stdlib.h>

struct question {
	struct rcd_buf folded;
	struct rcd_sv word[RCD_MAX_WORDS]; /* its content words, each once */
	size_t n;
};

static int understand(struct question *q, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_sv rest, word;

	rcd_buf_init(&q->folded, 4 * RCD_MAX_TEXT);
	q->n = 0;
	text.n = rcd_utf8_cut(text, 4096); /* nobody asks longer, and the query stays small */
	if (rcd_fold(text, &q->folded, err) != 0)
		return -1;
	rest = rcd_buf_view(&q->folded);
	while (q->n < RCD_MAX_WORDS && rcd_word(&rest, &word)) {
		bool seen = word.n > 64 || rcd_stop_word(word);

		for (size_t i = 0; i < q->n && !seen; i++)
			seen = rcd_sv_eq(q->word[i], word);
		if (!seen)
			q->word[q->n++] = word;
	}
	return 0;
}

static bool ends(struct rcd_sv w, const char *s)
{
	return rcd_sv_ends(w, rcd_sv(s));
}

/* What a word of the question shares with its forms in a passage, where it is looked for as
 * the beginning of a word: no plural, no ending of a verb, and of a long word no last vowel.
 * Short ones keep theirs: "prec" would find "precisa" for "preço". */
static size_t stem(struct rcd_sv w)
{
	if (w.n >= 7 && (ends(w, "oes") || ends(w, "aes")))
		return w.n - 3;
	if (w.n >= 6 && ends(w, "ao"))
		return w.n - 2;
	if (w.n >= 5 && (ends(w, "s") || ends(w, "m") || ends(w, "r")))
		w.n--;
	if (w.n >= 6 && (ends(w, "a") || ends(w, "e") || ends(w, "o")))
		w.n--;
	return w.n;
}

static bool holds(struct rcd_sv folded, struct rcd_sv w)
{
	struct rcd_sv word;

	while (rcd_word(&folded, &word))
		if (rcd_sv_starts(word, (struct rcd_sv){w.p, stem(w)}))
			return true;
	return false;
}

/* Of how many of the question's words is the passage about? -1 on failure. */
static int about(const struct question *q, const struct rcd_passage *p, struct rcd_err *err)
{
	struct rcd_buf text;
	int n = 0;

	rcd_buf_init(&text, 4 * RCD_MAX_TEXT);
	if (rcd_fold(rcd_sv(p->heading), &text, err) != 0)
		return -1;
	rcd_buf_ch(&text, ' ');
	if (rcd_fold(rcd_sv(p->text), &text, err) != 0) {
		rcd_buf_free(&text);
		return -1;
	}
	for (size_t i = 0; i < q->n; i++)
		n += holds(rcd_buf_view(&text), q->word[i]);
	rcd_buf_free(&text);
	return n;
}

/* Moves what passes the floor to the front, best first as they came. */
static int over_the_floor(const struct question *q, struct rcd_passage *p, size_t n, size_t *kept,
                          struct rcd_err *err)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		int words = about(q, &p[i], err);

		if (words < 0)
			return -1;
		if (2 * (size_t)words >= q->n) {
			struct rcd_passage swap = p[k];

			p[k++] = p[i];
			p[i] = swap;
		}
	}
	*kept = k;
	return 0;
}

int rcd_knowledge_search(struct rcd_db *db, int64_t tenant, struct rcd_sv question, int max,
                         struct rcd_passage **rows, size_t *n, struct rcd_err *err)
{
	struct rcd_sv stems[RCD_MAX_WORDS];
	struct rcd_passage *found = NULL;
	size_t n_found = 0, kept = 0;
	struct question q;
	int ret = 0;

	if (understand(&q, question, err) != 0)
		return -1;
	for (size_t i = 0; i < q.n; i++)
		stems[i] = (struct rcd_sv){q.word[i].p, stem(q.word[i])};
	if (q.n > 0)
		ret = rcd_passage_search(db, tenant, stems, q.n, 4 * max, &found, &n_found, err);
	if (ret == 0)
		ret = over_the_floor(&q, found, n_found, &kept, err);
	rcd_buf_free(&q.folded);
	if (ret != 0 || kept == 0) {
		rcd_passages_free(found, n_found);
		found = NULL;
	} else if (kept > (size_t)max) {
		kept = (size_t)max;
	}
	if (ret == 0) {
		*rows = found;
		*n = kept;
	}
	return ret;
}
