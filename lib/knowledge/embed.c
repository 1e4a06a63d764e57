#include "knowledge/embed.h"

#include "base/buf.h"
#include "base/limits.h"
#include "knowledge/vec.h"

#include <stdlib.h>

#define BATCH 256 /* so that little is lost with a call that fails */

/* What is in work at a time. All arrays have n places. */
struct batch {
	struct rcd_unembedded *passage;
	size_t n, dimensions;
	char **joined; /* heading and text of each */
	struct rcd_sv *text;
	float *vector;
	uint64_t *bits;
	int8_t *codes;
	struct rcd_embedding *row;
};

static void free_batch(struct batch *b)
{
	for (size_t i = 0; b->joined != NULL && i < b->n; i++)
		free(b->joined[i]);
	free(b->joined);
	free(b->text);
	free(b->vector);
	free(b->bits);
	free(b->codes);
	free(b->row);
	rcd_unembedded_free(b->passage, b->n);
}

static int make_room(struct batch *b, struct rcd_err *err)
{
	b->joined = calloc(b->n, sizeof(*b->joined));
	b->text = calloc(b->n, sizeof(*b->text));
	b->vector = calloc(b->n * b->dimensions, sizeof(*b->vector));
	b->bits = calloc(b->n * rcd_vec_words(b->dimensions), sizeof(*b->bits));
	b->codes = calloc(b->n * rcd_vec_codes(b->dimensions), sizeof(*b->codes));
	b->row = calloc(b->n, sizeof(*b->row));
	return b->joined != NULL && b->text != NULL && b->vector != NULL && b->bits != NULL &&
	               b->codes != NULL && b->row != NULL
	           ? 0
	           : rcd_fail_nomem(err);
}

/* The heading says what a passage is about that does not name it itself. */
static int join_passage(struct batch *b, size_t i, struct rcd_err *err)
{
	const struct rcd_unembedded *p = &b->passage[i];
	struct rcd_buf text;

	rcd_buf_init(&text, 2 * RCD_MAX_DOCUMENT_TEXT);
	rcd_buf_str(&text, p->heading);
	rcd_buf_ch(&text, '\n');
	rcd_buf_str(&text, p->text);
	b->joined[i] = rcd_buf_take(&text, NULL);
	if (b->joined[i] == NULL)
		return rcd_fail_nomem(err);
	b->text[i] = rcd_sv(b->joined[i]);
	return 0;
}

static int encode_vector(struct batch *b, size_t i, struct rcd_err *err)
{
	uint64_t *bits = b->bits + i * rcd_vec_words(b->dimensions);
	int8_t *codes = b->codes + i * rcd_vec_codes(b->dimensions);
	float scale;

	if (rcd_vec_code(b->vector + i * b->dimensions, b->dimensions, bits, codes, &scale, err) != 0)
		return -1;
	b->row[i] = (struct rcd_embedding){.passage_id = b->passage[i].id,
	                                   .scale = (double)scale,
	                                   .bits = {(const char *)bits, (b->dimensions + 7) / 8},
	                                   .codes = {(const char *)codes, b->dimensions}};
	return 0;
}

static int embed_all(struct batch *b, const struct rcd_embedder *by, int64_t deadline,
                     struct rcd_err *err)
{
	if (make_room(b, err) != 0)
		return -1;
	for (size_t i = 0; i < b->n; i++)
		if (join_passage(b, i, err) != 0)
			return -1;
	if (by->embed(by->arg, b->text, b->n, deadline, b->vector, err) != 0)
		return -1;
	for (size_t i = 0; i < b->n; i++)
		if (encode_vector(b, i, err) != 0)
			return -1;
	return 0;
}

int rcd_knowledge_embed(struct rcd_db *db, int64_t tenant, const struct rcd_embedder *by,
                        int64_t deadline, int64_t *after, size_t *n, struct rcd_err *err)
{
	const struct rcd_embedding_kind kind = {tenant, by->model, (int64_t)by->dimensions};
	struct batch b = {.dimensions = by->dimensions};
	size_t bytes = by->most_bytes / 2; /* a line end for each is not counted */
	int ret;

	if (rcd_embedding_missing(db, &kind, *after, (int)(by->most < BATCH ? by->most : BATCH), bytes,
	                          &b.passage, &b.n, err) != 0)
		return -1;
	*n = b.n;
	if (b.n == 0)
		return 0;
	ret = embed_all(&b, by, deadline, err);
	if (ret == 0)
		ret = rcd_embedding_put(db, &kind, b.row, b.n, err);
	if (ret == 0)
		*after = b.passage[b.n - 1].id;
	free_batch(&b);
	return ret;
}
