#include "base/fold.h"
#include "base/stem.h"
#include "knowledge/knowledge.h"

#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 64
#define MAX_QUESTION 4096 /* nobody asks longer, and the query stays small */

/* What is asked for: the content words, each once. A word has a stem in either language:
 * a question is too short to say which one it is in. */
struct question {
	char stem[2 * MAX_WORDS][RCD_STEM_N];
	struct rcd_sv view[2 * MAX_WORDS]; /* those of word i at 2 i and 2 i + 1; "": the same again */
	size_t n;                          /* words */
};

static bool known(const struct question *q, const char *stem)
{
	for (size_t i = 0; i < 2 * q->n; i += 2)
		if (strcmp(q->stem[i], stem) == 0)
			return true;
	return false;
}

static int add_word(struct question *q, struct rcd_stemmer *stemmer, struct rcd_sv word, struct rcd_err *err)
{
	char *pt = q->stem[2 * q->n], *en = q->stem[2 * q->n + 1];

	if (rcd_stem(stemmer, RCD_PT, word, pt, err) != 0 || rcd_stem(stemmer, RCD_EN, word, en, err) != 0)
		return -1;
	if (known(q, pt))
		return 0;
	if (strcmp(pt, en) == 0)
		en[0] = '\0';
	q->view[2 * q->n] = rcd_sv(pt);
	q->view[2 * q->n + 1] = rcd_sv(en);
	q->n++;
	return 0;
}

static int understand(struct question *q, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_stemmer *stemmer;
	struct rcd_sv rest, word;
	struct rcd_buf folded;
	int ret;

	q->n = 0;
	if (rcd_stemmer_new(&stemmer, err) != 0)
		return -1;
	rcd_buf_init(&folded, 16 * MAX_QUESTION);
	text.n = rcd_utf8_cut(text, MAX_QUESTION);
	ret = rcd_fold(text, &folded, err);
	rest = rcd_buf_view(&folded);
	while (ret == 0 && q->n < MAX_WORDS && rcd_word(&rest, &word))
		if (word.n <= RCD_MAX_WORD && !rcd_stop_word(word))
			ret = add_word(q, stemmer, word, err);
	rcd_buf_free(&folded);
	rcd_stemmer_free(stemmer);
	return ret;
}

/* stems: as a passage has them, a space behind each. */
static bool holds(const char *stems, struct rcd_sv stem)
{
	struct rcd_sv rest = rcd_sv(stems), one;

	while (stem.n > 0 && rcd_sv_cut(&rest, ' ', &one))
		if (rcd_sv_eq(one, stem))
			return true;
	return false;
}

/* Of at least half of the question's words. */
static bool about(const struct question *q, const struct rcd_passage *p)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n; i++)
		n += holds(p->stems, q->view[2 * i]) || holds(p->stems, q->view[2 * i + 1]);
	return 2 * n >= q->n;
}

/* Moves what passes the floor to the front, best first as they came; how many. */
static size_t over_the_floor(const struct question *q, struct rcd_passage *p, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (about(q, &p[i])) {
			struct rcd_passage swap = p[kept];

			p[kept++] = p[i];
			p[i] = swap;
		}
	}
	return kept;
}

int rcd_knowledge_search(struct rcd_db *db, int64_t tenant, struct rcd_sv question, int max,
                         struct rcd_passage **rows, size_t *n, struct rcd_err *err)
{
	struct rcd_passage *found = NULL;
	size_t n_found = 0, kept;
	struct question q;

	if (understand(&q, question, err) != 0)
		return -1;
	if (q.n > 0 && rcd_passage_search(db, tenant, q.view, 2 * q.n, 4 * max, &found, &n_found, err) != 0)
		return -1;
	kept = over_the_floor(&q, found, n_found);
	if (kept == 0) {
		rcd_passages_free(found, n_found);
		found = NULL;
	}
	*rows = found;
	*n = kept < (size_t)max ? kept : (size_t)max;
	return 0;
}
