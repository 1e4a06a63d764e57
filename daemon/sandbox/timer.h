#ifndef RCD_SB_TIMER_H
#define RCD_SB_TIMER_H

#include "base/err.h"

/* One thread that calls functions later, in the order of their times. The functions must be
 * short. */
struct rcd_sb_timer;

typedef void rcd_sb_timer_fn(void *arg);

int rcd_sb_timer_open(struct rcd_sb_timer **out, struct rcd_err *err);
/* -1 when memory is short or the timer is being closed: fn will not be called. */
int rcd_sb_timer_add(struct rcd_sb_timer *t, int ms, rcd_sb_timer_fn *fn, void *arg);
/* Calls at once what still waits, joins the thread. NULL-safe, returns NULL. */
struct rcd_sb_timer *rcd_sb_timer_close(struct rcd_sb_timer *t);

#endif
