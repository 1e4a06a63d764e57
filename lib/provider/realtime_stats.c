#include "provider/realtime_stats.h"

#include <stddef.h>

/* 0 … 3 ms have buckets of their own; from there on the leading bit and the two behind it
 * name the bucket. */
static size_t get_bucket(int64_t ms)
{
	uint64_t v = ms > 0 ? (uint64_t)ms : 0;
	unsigned e;
	size_t i;

	if (v < 4)
		return (size_t)v;
	e = 63 - (unsigned)__builtin_clzll(v);
	i = (e - 1) * 4 + (size_t)(v >> (e - 2) & 3);
	return i < RCD_FIRST_BUCKETS ? i : RCD_FIRST_BUCKETS - 1;
}

/* The largest time in it. */
static int64_t get_upper_ms(size_t i)
{
	unsigned e = (unsigned)(i / 4) + 1;

	return i < 4 ? (int64_t)i : (int64_t)((4 + i % 4 + 1) << (e - 2)) - 1;
}

void rcd_realtime_first(struct rcd_realtime_stats *s, int64_t ms)
{
	atomic_fetch_add(&s->first[get_bucket(ms)], 1);
}

void rcd_realtime_sound(struct rcd_realtime_stats *s, int64_t ms)
{
	atomic_fetch_add(&s->sound[get_bucket(ms)], 1);
}

void rcd_realtime_add(struct rcd_realtime_sum *sum, struct rcd_realtime_stats *s)
{
	sum->ready += atomic_load(&s->ready);
	sum->busy += atomic_load(&s->busy);
	sum->waiting += atomic_load(&s->waiting);
	sum->opened += atomic_load(&s->opened);
	sum->renewed += atomic_load(&s->renewed);
	sum->failed += atomic_load(&s->failed);
	for (size_t i = 0; i < RCD_FIRST_BUCKETS; i++) {
		uint32_t n = atomic_load(&s->first[i]), heard = atomic_load(&s->sound[i]);

		sum->first[i] += n;
		sum->answers += n;
		sum->sound[i] += heard;
		sum->spoken += heard;
	}
}

static int64_t find_percentile(const uint64_t at[RCD_FIRST_BUCKETS], int64_t all, int percent)
{
	uint64_t want = ((uint64_t)all * (uint64_t)percent + 99) / 100, seen = 0;

	if (all == 0)
		return -1;
	for (size_t i = 0; i < RCD_FIRST_BUCKETS; i++) {
		seen += at[i];
		if (seen >= want)
			return get_upper_ms(i);
	}
	return get_upper_ms(RCD_FIRST_BUCKETS - 1);
}

int64_t rcd_realtime_percentile(const struct rcd_realtime_sum *sum, int percent)
{
	return find_percentile(sum->first, sum->answers, percent);
}

int64_t rcd_realtime_sound_percentile(const struct rcd_realtime_sum *sum, int percent)
{
	return find_percentile(sum->sound, sum->spoken, percent);
}
