/* The same two sums for each generation of processors; which one runs is decided at run time. */
#include "knowledge/vec.h"

static bool is_always(void)
{
	return true;
}

static void count_differences(const uint64_t *row, size_t n, size_t words, const uint64_t *q,
                              uint16_t *out)
{
	for (size_t i = 0; i < n; i++, row += words) {
		unsigned sum = 0;

		for (size_t k = 0; k < words; k++)
			sum += (unsigned)__builtin_popcountll(row[k] ^ q[k]);
		out[i] = (uint16_t)sum;
	}
}

static int32_t compute_dot(const int8_t *row, const int16_t *q, size_t n)
{
	int32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += row[i] * q[i];
	return sum;
}

#ifdef __x86_64__
#include <immintrin.h>

#define POPCNT __attribute__((target("popcnt")))
#define AVX2 __attribute__((target("avx2,popcnt")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx512vnni")))

static bool can_popcnt(void)
{
	return __builtin_cpu_supports("popcnt") != 0;
}

POPCNT static void popcnt_differ(const uint64_t *row, size_t n, size_t words, const uint64_t *q,
                                 uint16_t *out)
{
	for (size_t i = 0; i < n; i++, row += words) {
		uint64_t a = 0, b = 0;

		for (size_t k = 0; k < words; k += 2) {
			a += (uint64_t)__builtin_popcountll(row[k] ^ q[k]);
			b += (uint64_t)__builtin_popcountll(row[k + 1] ^ q[k + 1]);
		}
		out[i] = (uint16_t)(a + b);
	}
}

static bool can_avx2(void)
{
	return __builtin_cpu_supports("avx2") != 0 && can_popcnt();
}

/* How many bits each byte has, by a table of half bytes. */
AVX2 static inline __m256i avx2_count(__m256i v)
{
	const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
	                                       2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
	const __m256i low = _mm256_set1_epi8(15);

	return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(v, low)),
	                       _mm256_shuffle_epi8(table,
	                                           _mm256_and_si256(_mm256_srli_epi16(v, 4), low)));
}

/* A byte counts at most 8 of each of two registers before it is added to a wider sum. */
AVX2 static void avx2_differ(const uint64_t *row, size_t n, size_t words, const uint64_t *q,
                             uint16_t *out)
{
	const __m256i *want = (const __m256i *)(const void *)q;
	const size_t steps = words / 4;

	for (size_t i = 0; i < n; i++, row += words) {
		const __m256i *have = (const __m256i *)(const void *)row;
		__m256i sum = _mm256_setzero_si256();
		__m128i half;

		for (size_t k = 0; k < steps; k += 2) {
			__m256i a = avx2_count(
				_mm256_xor_si256(_mm256_load_si256(have + k), _mm256_load_si256(want + k)));
			__m256i b = avx2_count(
				_mm256_xor_si256(_mm256_load_si256(have + k + 1), _mm256_load_si256(want + k + 1)));

			sum = _mm256_add_epi64(sum,
			                       _mm256_sad_epu8(_mm256_add_epi8(a, b), _mm256_setzero_si256()));
		}
		half = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
		out[i] = (uint16_t)(_mm_extract_epi64(half, 0) + _mm_extract_epi64(half, 1));
	}
}

AVX2 static int32_t avx2_dot(const int8_t *row, const int16_t *q, size_t n)
{
	__m256i a = _mm256_setzero_si256(), b = a;
	__m128i half;

	for (size_t i = 0; i < n; i += 32) {
		__m256i x = _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(const void *)(row + i)));
		__m256i y = _mm256_cvtepi8_epi16(
			_mm_load_si128((const __m128i *)(const void *)(row + i + 16)));

		a = _mm256_add_epi32(a, _mm256_madd_epi16(x, _mm256_load_si256(
														 (const __m256i *)(const void *)(q + i))));
		b = _mm256_add_epi32(b,
		                     _mm256_madd_epi16(y, _mm256_load_si256((
													  const __m256i *)(const void *)(q + i + 16))));
	}
	a = _mm256_add_epi32(a, b);
	half = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
	half = _mm_hadd_epi32(half, half);
	half = _mm_hadd_epi32(half, half);
	return _mm_cvtsi128_si32(half);
}

static bool can_avx512(void)
{
	return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
	       __builtin_cpu_supports("avx512vl") != 0 &&
	       __builtin_cpu_supports("avx512vpopcntdq") != 0 &&
	       __builtin_cpu_supports("avx512vnni") != 0;
}

AVX512 static void avx512_differ(const uint64_t *row, size_t n, size_t words, const uint64_t *q,
                                 uint16_t *out)
{
	for (size_t i = 0; i < n; i++, row += words) {
		__m512i sum = _mm512_setzero_si512();

		for (size_t k = 0; k < words; k += 8)
			sum = _mm512_add_epi64(sum,
			                       _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_load_si512(row + k),
			                                                            _mm512_load_si512(q + k))));
		out[i] = (uint16_t)_mm512_reduce_add_epi64(sum);
	}
}

AVX512 static int32_t avx512_dot(const int8_t *row, const int16_t *q, size_t n)
{
	__m512i a = _mm512_setzero_si512(), b = a;

	for (size_t i = 0; i < n; i += 64) {
		const __m256i *r = (const __m256i *)(const void *)(row + i);

		a = _mm512_dpwssd_epi32(a, _mm512_cvtepi8_epi16(_mm256_load_si256(r)),
		                        _mm512_load_si512(q + i));
		b = _mm512_dpwssd_epi32(b, _mm512_cvtepi8_epi16(_mm256_load_si256(r + 1)),
		                        _mm512_load_si512(q + i + 32));
	}
	return _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
}
#endif

const struct rcd_vec_ops rcd_vec_ops[] = {
#ifdef __x86_64__
	{"avx512", can_avx512, avx512_differ, avx512_dot},
	{"avx2", can_avx2, avx2_differ, avx2_dot},
	{"popcnt", can_popcnt, popcnt_differ, compute_dot},
#endif
	{"plain", is_always, count_differences, compute_dot},
};
const size_t rcd_n_vec_ops = sizeof(rcd_vec_ops) / sizeof(rcd_vec_ops[0]);
