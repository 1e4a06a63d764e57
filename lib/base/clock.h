#ifndef RCD_CLOCK_H
#define RCD_CLOCK_H

#include "base/sv.h"

/* Wall clock for what is stored (ms UTC), monotonic clock for every wait and deadline. */
int64_t rcd_now_ms(void);
int64_t rcd_mono_ms(void);
int64_t rcd_mono_us(void);

/* "2026-11-21 13:05:09", UTC; the form the history views show. */
#define RCD_TIME_TEXT 24
void rcd_time_text(int64_t ms, char out[RCD_TIME_TEXT]);
/* What databases write: "2026-11-21 13:05:09", T instead of the space, a fraction, and Z or
 * an offset ("-03", "-03:00") behind it; without one it is UTC. Years 1970 to 2199. 0 or -1. */
int rcd_time_parse(struct rcd_sv text, int64_t *ms);

/* A deadline is a rcd_mono_ms() value; 0 means none. */
int64_t rcd_deadline_in(int64_t ms);
/* What is left of it in ms, at least 0 and at most cap (cap when there is no deadline). */
int64_t rcd_deadline_left(int64_t deadline, int64_t cap);

/* 64-bit row ids, made by us, ordered by time: 43 bits of ms UTC, a zero bit, 19 bits that
 * begin at random and count up within the millisecond. Thread-safe; safe across fork. */
int64_t rcd_id_new(void);
/* The id of what happened at ms and is taken over from elsewhere, where it had the number n:
 * the same every time, in order, and never one of rcd_id_new's (the bit is one). */
int64_t rcd_id_past(int64_t ms, int64_t n);

#endif
