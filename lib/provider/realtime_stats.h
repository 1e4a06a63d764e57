#ifndef RCD_REALTIME_STATS_H
#define RCD_REALTIME_STATS_H

#include <stdatomic.h>
#include <stdint.h>

/* What a pool of sessions counts: plain atomics with one writer, so that they may lie in memory
 * that processes share. */

#define RCD_FIRST_BUCKETS 72 /* four to each doubling of the time, up to 260 s */

struct rcd_realtime_stats {
	_Atomic int ready, busy, waiting;        /* now */
	_Atomic int64_t opened, renewed, failed; /* sessions since the start */
	_Atomic uint32_t
		first[RCD_FIRST_BUCKETS]; /* answers, by the time to their first words or sound */
	_Atomic uint32_t
		sound[RCD_FIRST_BUCKETS]; /* and to their first sound, whose voice ever it is */
};

void rcd_realtime_first(struct rcd_realtime_stats *s, int64_t ms);
void rcd_realtime_sound(struct rcd_realtime_stats *s, int64_t ms);

/* Of several pools together; begin with all zero. */
struct rcd_realtime_sum {
	int ready, busy, waiting;
	int64_t opened, renewed, failed, answers, spoken;
	uint64_t first[RCD_FIRST_BUCKETS], sound[RCD_FIRST_BUCKETS];
};
void rcd_realtime_add(struct rcd_realtime_sum *sum, struct rcd_realtime_stats *s);
/* The time within which so many of a hundred answers began, in ms, at most a quarter too
 * large; -1 when there were none. */
int64_t rcd_realtime_percentile(const struct rcd_realtime_sum *sum, int percent);
/* The same of their first sound. */
int64_t rcd_realtime_sound_percentile(const struct rcd_realtime_sum *sum, int percent);

#endif
