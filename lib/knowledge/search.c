#include "base/clock.h"
#include "base/fold.h"
#include "base/stem.h"
#include "knowledge/knowledge.h"
#include "knowledge/vec.h"

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

static bool is_known(const struct question *q, const char *stem)
{
	for (size_t i = 0; i < 2 * q->n; i += 2)
		if (strcmp(q->stem[i], stem) == 0)
			return true;
	return false;
}

static int add_word(struct question *q, struct rcd_stemmer *stemmer, struct rcd_sv word,
                    struct rcd_err *err)
{
	char *pt = q->stem[2 * q->n], *en = q->stem[2 * q->n + 1];

	if (rcd_stem(stemmer, RCD_PT, word, pt, err) != 0 ||
	    rcd_stem(stemmer, RCD_EN, word, en, err) != 0)
		return -1;
	if (is_known(q, pt))
		return 0;
	if (strcmp(pt, en) == 0)
		en[0] = '\0';
	q->view[2 * q->n] = rcd_sv(pt);
	q->view[2 * q->n + 1] = rcd_sv(en);
	q->n++;
	return 0;
}

static int parse_question(struct question *q, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_stemmer *stemmer;
	struct rcd_sv rest, word;
	struct rcd_buf folded;
	int ret;

	q->n = 0;
	if (rcd_stemmer_new(&stemmer, err) != 0)
		return -1;
	rcd_buf_init(&folded, 16 * MAX_QUESTION);
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
static bool has_stem(const char *stems, struct rcd_sv stem)
{
	struct rcd_sv rest = rcd_sv(stems), one;

	while (stem.n > 0 && rcd_sv_cut(&rest, ' ', &one))
		if (rcd_sv_eq(one, stem))
			return true;
	return false;
}

/* Of at least half of the question's words. */
static bool is_about(const struct question *q, const struct rcd_passage *p)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n; i++)
		n += has_stem(p->stems, q->view[2 * i]) || has_stem(p->stems, q->view[2 * i + 1]);
	return 2 * n >= q->n;
}

/* --- two lists become one ------------------------------------------------------------------ */

#define LIST 40 /* of each list, what is looked at */
#define RRF 60  /* reciprocal rank fusion: 1 / (RRF + rank), ranks from 1 */

struct ranked {
	int64_t id;
	double score, similarity;
};

struct ranking {
	struct ranked row[2 * LIST];
	size_t n;
};

static void add_rank(struct ranking *r, int64_t id, size_t rank, double similarity)
{
	size_t i = 0;

	while (i < r->n && r->row[i].id != id)
		i++;
	if (i == r->n)
		r->row[r->n++] = (struct ranked){.id = id};
	r->row[i].score += 1.0 / (double)(RRF + rank);
	if (similarity > r->row[i].similarity)
		r->row[i].similarity = similarity;
}

static int compare_scores(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->similarity != y->similarity)
		return x->similarity > y->similarity ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* What holds enough of the question's words, in the order of bm25. */
static int rank_by_words(struct rcd_db *db, int64_t tenant, const struct question *q, int most,
                         struct ranking *r, struct rcd_err *err)
{
	struct rcd_passage *found = NULL;
	size_t n = 0, rank = 0;

	if (rcd_passage_search(db, tenant, q->view, 2 * q->n, most, &found, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (is_about(q, &found[i]))
			add_rank(r, found[i].id, ++rank, 0);
	rcd_passages_free(found, n);
	return 0;
}

/* The question's embedding, unless it cannot be had in time. */
static int embed_question(const struct rcd_semantic *s, struct rcd_sv question, float *out)
{
	int64_t deadline = rcd_deadline_in(s->within_ms);
	struct rcd_err err = {0};
	int ret;

	if (rcd_breaker_enter(s->breaker, "embeddings", RCD_UNREAD_ERR) != 0)
		return -1;
	ret = s->embedder.embed(s->embedder.arg, &question, 1, deadline, out, &err);
	rcd_breaker_settle(s->breaker, ret, &err);
	return ret;
}

/* What is near enough to the question. Nothing that goes wrong here keeps full text from
 * answering. The room for it would be half of what a turn's stack ever comes to: not on there. */
static void rank_by_meaning(const struct rcd_semantic *s, struct rcd_sv question, size_t most,
                            struct ranking *r)
{
	struct {
		struct rcd_near near[RCD_MAX_NEAR];
		float query[RCD_MAX_DIMENSIONS];
	} * room;
	size_t n = 0;

	if (s->embedder.dimensions > RCD_MAX_DIMENSIONS || !rcd_vectors_any(s->vectors) ||
	    (room = malloc(sizeof(*room))) == NULL)
		return;
	if (embed_question(s, question, room->query) == 0 &&
	    rcd_vectors_search(s->vectors, room->query, most, room->near, &n, RCD_UNREAD_ERR) == 0)
		for (size_t i = 0; i < n && room->near[i].similarity >= s->floor; i++)
			add_rank(r, room->near[i].id, i + 1, room->near[i].similarity);
	free(room);
}

/* The best of them as passages; what is gone from the store by now is left out. */
static int load_passages(struct rcd_db *db, int64_t tenant, struct ranking *r, size_t max,
                         struct rcd_passage **rows, size_t *n, struct rcd_err *err)
{
	int64_t id[2 * LIST];

	qsort(r->row, r->n, sizeof(r->row[0]), compare_scores);
	if (r->n > max)
		r->n = max;
	for (size_t i = 0; i < r->n; i++)
		id[i] = r->row[i].id;
	if (r->n > 0 && rcd_passage_get(db, tenant, id, r->n, rows, n, err) != 0)
		return -1;
	for (size_t i = 0, k = 0; i < *n; i++) {
		while (r->row[k].id != (*rows)[i].id)
			k++;
		(*rows)[i].score = r->row[k].score;
		(*rows)[i].similarity = r->row[k].similarity;
	}
	return 0;
}

int rcd_knowledge_search(struct rcd_db *db, int64_t tenant, const struct rcd_semantic *semantic,
                         struct rcd_sv question, int max, struct rcd_passage **rows, size_t *n,
                         struct rcd_err *err)
{
	const int most = 4 * max < LIST ? 4 * max : LIST;
	struct ranking r = {.n = 0};
	struct question q;

	*rows = NULL;
	*n = 0;
	question.n = rcd_utf8_cut(question, MAX_QUESTION);
	if (max < 1 || parse_question(&q, question, err) != 0)
		return max < 1 ? 0 : -1;
	if (q.n == 0)
		return 0;
	if (rank_by_words(db, tenant, &q, most, &r, err) != 0)
		return -1;
	if (semantic != NULL)
		rank_by_meaning(semantic, question, (size_t)most, &r);
	return load_passages(db, tenant, &r, (size_t)max, rows, n, err);
}
