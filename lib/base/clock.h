#ifndef RCD_CLOCK_H
#define RCD_CLOCK_H

#include <stdint.h>

/* Wall clock for what is stored (ms UTC), monotonic clock for every wait and deadline. */
int64_t rcd_now_ms(void);
int64_t rcd_mono_ms(void);
int64_t rcd_mono_us(void);

/* "2026-11-21 13:05:09", UTC; the form the history views show. */
#define RCD_TIME_TEXT 24
void rcd_time_text(int64_t ms, char out[RCD_TIME_TEXT]);

/* A deadline is a rcd_mono_ms() value; 0 means none. */
int64_t rcd_deadline_in(int64_t ms);
/* What is left of it in ms, at least 0 and at most cap (cap when there is no deadline). */
int64_t rcd_deadline_left(int64_t deadline, int64_t cap);

/* 64-bit row ids, made by us, ordered by time: 43 bits of ms UTC, 20 bits that begin at
 * random and count up within the millisecond. Thread-safe; safe across fork. */
int64_t rcd_id_new(void);

#endif
