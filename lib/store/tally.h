#ifndef RCD_STORE_TALLY_H
#define RCD_STORE_TALLY_H

#include "store/db.h"

/* Sums by day (UTC), kept as things happen. */
struct rcd_tally {
	int64_t conversations, audio;
	int64_t users; /* contacts that had a conversation that day */
	int64_t new_users;
	int64_t received, sent, rejected;
	int64_t ahead_abandoned, ahead_tokens; /* model calls that a newer message made useless */
};

/* Inside a write: adds to the day of ms. */
int rcd_tally_add(struct rcd_conn *conn, int64_t tenant, int64_t ms, const struct rcd_tally *more,
                  struct rcd_err *err);
int64_t rcd_tally_day(int64_t ms);

#endif
