#ifndef RCD_VEC_H
#define RCD_VEC_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Embeddings as this house keeps them: the signs of a unit vector as bits, to find, and the
 * vector in int8 with a scale, to rank. All sums are of whole numbers, so every processor gives
 * the same answer to the bit. */

#define RCD_MAX_DIMENSIONS 4096

/* Rows are padded with zeros to what the widest kernel takes at once. */
static inline size_t rcd_vec_words(size_t dimensions) /* of bits, in uint64_t */
{
	return (dimensions + 511) / 512 * 8;
}
static inline size_t rcd_vec_codes(size_t dimensions) /* of int8 */
{
	return (dimensions + 63) / 64 * 64;
}

/* v, of any length but zero, made a unit vector and coded; both outputs as long as above.
 * RCD_PROTO when it has no direction or holds what is no number. */
int rcd_vec_code(const float *v, size_t dimensions, uint64_t *bits, int8_t *codes, float *scale,
                 struct rcd_err *err);

/* What is looked for keeps more of itself: 12 bits. */
struct rcd_vec_query {
	uint64_t bits[RCD_MAX_DIMENSIONS / 64];
	int16_t value[RCD_MAX_DIMENSIONS];
	float scale;
};
int rcd_vec_query(const float *v, size_t dimensions, struct rcd_vec_query *q, struct rcd_err *err);

/* The kernels, by what the processor can. */
struct rcd_vec_ops {
	const char *name;
	bool (*can)(void);
	/* For each of n rows of words bits: in how many it differs from q. words is a multiple of
	 * 8, all aligned to 64 bytes. */
	void (*differ)(const uint64_t *row, size_t n, size_t words, const uint64_t *q, uint16_t *out);
	/* n is a multiple of 64, both aligned to 64 bytes. */
	int32_t (*dot)(const int8_t *row, const int16_t *q, size_t n);
};
extern const struct rcd_vec_ops rcd_vec_ops[]; /* the best first, plain C last */
extern const size_t rcd_n_vec_ops;
const struct rcd_vec_ops *rcd_vec_best(void);

#endif
