#include "knowledge/vectors_json.h"

#include "knowledge/passages_json.h"
#include "knowledge/vec.h"

#include <stdlib.h>

#define MISSING 20000 /* passages looked at */
#define MISSING_BYTES ((size_t)64 << 20)
#define BATCH 256

/* Room for one batch of rows of one number of dimensions. */
struct batch {
	size_t dimensions, n;
	float *vector; /* one */
	uint64_t *bits;
	int8_t *codes;
	struct rcd_embedding row[BATCH];
};

static void free_batch(struct batch *b)
{
	if (b == NULL)
		return;
	free(b->vector);
	free(b->bits);
	free(b->codes);
	free(b);
}

/* NULL: memory is short. */
static struct batch *new_batch(size_t dimensions)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->dimensions = dimensions;
	b->vector = calloc(dimensions, sizeof(*b->vector));
	b->bits = calloc(BATCH * rcd_vec_words(dimensions), sizeof(*b->bits));
	b->codes = calloc(BATCH * rcd_vec_codes(dimensions), sizeof(*b->codes));
	if (b->vector != NULL && b->bits != NULL && b->codes != NULL)
		return b;
	free_batch(b);
	return NULL;
}

static bool is_of_model(const json_t *file, const char *model)
{
	struct rcd_sv name = rcd_json_sv(file, "model");

	return rcd_sv_is(name.n > 0 ? name : rcd_json_sv(file, "embedding_model"), model);
}

/* The item's vector into b->vector; false when it has none of that length. */
static bool read_vector(const json_t *item, struct batch *b)
{
	static const char *const names[] = {"embedding", "vector", "values"};
	const json_t *v = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && v == NULL; i++)
		v = json_object_get(item, names[i]);
	if (!json_is_array(v) || json_array_size(v) != b->dimensions)
		return false;
	for (size_t i = 0; i < b->dimensions; i++) {
		const json_t *x = json_array_get(v, i);

		if (!json_is_number(x))
			return false;
		b->vector[i] = (float)json_number_value(x);
	}
	return true;
}

static const json_t *item_with(const json_t *list, const char *words)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (rcd_sv_is(rcd_passages_json_words(json_array_get(list, i)), words))
			return json_array_get(list, i);
	return NULL;
}

/* A vector without a direction is passed over, as one that is not there. */
static int add_vector(struct batch *b, int64_t passage)
{
	uint64_t *bits = b->bits + b->n * rcd_vec_words(b->dimensions);
	int8_t *codes = b->codes + b->n * rcd_vec_codes(b->dimensions);
	float scale;

	if (rcd_vec_code(b->vector, b->dimensions, bits, codes, &scale, RCD_UNREAD_ERR) != 0)
		return 0;
	b->row[b->n++] = (struct rcd_embedding){.passage_id = passage,
	                                        .scale = (double)scale,
	                                        .bits = {(const char *)bits, (b->dimensions + 7) / 8},
	                                        .codes = {(const char *)codes, b->dimensions}};
	return 1;
}

static int put_batch(struct rcd_db *db, const struct rcd_embedding_kind *kind, struct batch *b,
                     struct rcd_err *err)
{
	int ret = b->n > 0 ? rcd_embedding_put(db, kind, b->row, b->n, err) : 0;

	b->n = 0;
	return ret;
}

int rcd_vectors_json(struct rcd_db *db, const struct rcd_embedding_kind *kind, const json_t *file,
                     size_t *n, struct rcd_err *err)
{
	const json_t *list = rcd_passages_json_list(file);
	struct rcd_unembedded *missing = NULL;
	struct batch *b;
	size_t n_missing = 0, taken = 0;
	int ret = 0;

	*n = 0;
	if (list == NULL || !is_of_model(file, kind->model) || kind->dimensions < 1 ||
	    kind->dimensions > RCD_MAX_DIMENSIONS)
		return 0;
	if (rcd_embedding_missing(db, kind, 0, MISSING, MISSING_BYTES, &missing, &n_missing, err) != 0)
		return -1;
	b = new_batch((size_t)kind->dimensions);
	if (b == NULL)
		ret = rcd_fail_nomem(err);
	for (size_t i = 0; b != NULL && ret == 0 && i < n_missing; i++) {
		const json_t *item = item_with(list, missing[i].text);

		if (item != NULL && read_vector(item, b))
			taken += (size_t)add_vector(b, missing[i].id);
		if (b->n == BATCH)
			ret = put_batch(db, kind, b, err);
	}
	if (b != NULL && ret == 0)
		ret = put_batch(db, kind, b, err);
	if (ret == 0)
		*n = taken;
	free_batch(b);
	rcd_unembedded_free(missing, n_missing);
	return ret;
}
