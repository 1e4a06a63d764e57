#ifndef RCD_CHANNEL_DAY_H
#define RCD_CHANNEL_DAY_H

#include "store/db.h"

/* What a channel has cost on one day (UTC): requests to models and messages out. Counted in the
 * commits that store answers, so that nothing else is written for it. */
struct rcd_channel_day {
	int64_t model_calls, messages;
	int64_t told; /* bits: what the operator was told that day, see rcd_channel_day_tell */
};

struct rcd_channel {
	int64_t tenant;
	struct rcd_sv name; /* as rcd_address_channel names it */
};

/* Inside a write: adds to today's. */
int rcd_channel_day_add(struct rcd_conn *conn, const struct rcd_channel *channel,
                        int64_t model_calls, int64_t messages, struct rcd_err *err);
/* Inside a read, or on its own: today's so far. */
int rcd_channel_day_read(struct rcd_conn *conn, const struct rcd_channel *channel,
                         struct rcd_channel_day *out, struct rcd_err *err);
int rcd_channel_day_get(struct rcd_db *db, const struct rcd_channel *channel,
                        struct rcd_channel_day *out, struct rcd_err *err);
/* One commit. *first: nobody was told bit today. */
int rcd_channel_day_tell(struct rcd_db *db, const struct rcd_channel *channel, int64_t bit,
                         bool *first, struct rcd_err *err);

#endif
