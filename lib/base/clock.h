#ifndef RCD_CLOCK_H
#define RCD_CLOCK_H

#include "base/sv.h"

/* Wall clock (ms UTC) for stored times; monotonic clock for waits and deadlines. */
int64_t rcd_now_ms(void);
int64_t rcd_mono_ms(void);
int64_t rcd_mono_us(void);

/* Formats ms as "2026-11-21 13:05:09", UTC, as the history views show it. */
#define RCD_TIME_TEXT 24
void rcd_time_text(int64_t ms, char out[RCD_TIME_TEXT]);
/* Parses a database timestamp: "2026-11-21 13:05:09", with "T" instead of the space, a fraction,
 * and a trailing Z or offset ("-03", "-03:00"); UTC without one. Years 1970 to 2199. 0 or -1. */
int rcd_time_parse(struct rcd_sv text, int64_t *ms);

/* A deadline is a rcd_mono_ms() value; 0 means none. */
int64_t rcd_deadline_in(int64_t ms);
/* Remaining ms, between 0 and cap (cap when there is no deadline). */
int64_t rcd_deadline_left(int64_t deadline, int64_t cap);

/* 64-bit row ids ordered by time: 43 bits of ms UTC, a zero bit, a 19-bit counter that starts at
 * random in each millisecond. Thread-safe; safe across fork. */
int64_t rcd_id_new(void);
/* Id of an imported row of time ms that has the number n at its origin. Deterministic, in time
 * order, and disjoint from rcd_id_new's ids (the bit that is zero there is one here). */
int64_t rcd_id_past(int64_t ms, int64_t n);

#endif
