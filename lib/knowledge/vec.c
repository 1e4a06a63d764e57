#include "knowledge/vec.h"

#include <math.h>
#include <string.h>

#define QUERY_MOST 2047 /* 2047 × 127 × 4096 fits into an int32_t */
#define ROW_MOST 127

/* The largest of a unit vector's components and its length; false: there is no such vector. */
static bool measure_vector(const float *v, size_t n, double *length, double *largest)
{
	double sum = 0, most = 0;

	if (n == 0 || n > RCD_MAX_DIMENSIONS)
		return false;
	for (size_t i = 0; i < n; i++) {
		double x = (double)v[i];

		sum += x * x;
		if (fabs(x) > most)
			most = fabs(x);
	}
	*length = sqrt(sum);
	*largest = most;
	return isfinite(sum) && most > 0;
}

static int fail_no_vector(struct rcd_err *err)
{
	return rcd_fail(err, RCD_PROTO, 0, "an embedding without a direction");
}

/* Bit i is bit i mod 8 of byte i / 8, whatever the machine. */
static void write_sign_bits(const float *v, size_t n, uint64_t *bits)
{
	uint8_t *byte = (uint8_t *)bits;

	memset(bits, 0, rcd_vec_words(n) * sizeof(*bits));
	for (size_t i = 0; i < n; i++)
		byte[i / 8] = (uint8_t)(byte[i / 8] | (v[i] > 0) << (i % 8));
}

int rcd_vec_code(const float *v, size_t dimensions, uint64_t *bits, int8_t *codes, float *scale,
                 struct rcd_err *err)
{
	double length, largest;

	if (!measure_vector(v, dimensions, &length, &largest))
		return fail_no_vector(err);
	write_sign_bits(v, dimensions, bits);
	memset(codes, 0, rcd_vec_codes(dimensions));
	for (size_t i = 0; i < dimensions; i++)
		codes[i] = (int8_t)lrint((double)v[i] / largest * ROW_MOST);
	*scale = (float)(largest / length / ROW_MOST);
	return 0;
}

int rcd_vec_query(const float *v, size_t dimensions, struct rcd_vec_query *q, struct rcd_err *err)
{
	double length, largest;

	if (!measure_vector(v, dimensions, &length, &largest))
		return fail_no_vector(err);
	write_sign_bits(v, dimensions, q->bits);
	memset(q->value, 0, rcd_vec_codes(dimensions) * sizeof(q->value[0]));
	for (size_t i = 0; i < dimensions; i++)
		q->value[i] = (int16_t)lrint((double)v[i] / largest * QUERY_MOST);
	q->scale = (float)(largest / length / QUERY_MOST);
	return 0;
}

const struct rcd_vec_ops *rcd_vec_best(void)
{
	const struct rcd_vec_ops *o = rcd_vec_ops;

	while (!o->can())
		o++;
	return o;
}
