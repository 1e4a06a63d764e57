/* Turns of another system, taken over with ids that can be computed again. */
#include "store/history.h"

#include "base/clock.h"
#include "store/tally.h"

#define DAY_MS 86400000
#define LONGEST_TURN_MS 3600000
#define NEIGHBOURS 256 /* turns of several sources that may meet in one millisecond and number */

/* -1 nobody has the id, 0 another turn has it, 1 this one. */
static int find_holder(struct rcd_conn *conn, const struct rcd_turn_past *in, int64_t id,
                       int64_t *who, struct rcd_err *err)
{
	static const char get[] =
		"SELECT coalesce((SELECT CASE WHEN tenant_id = $2 AND contact_id = $3 AND user_message = $4"
		" AND bot_response = $5 THEN 1 ELSE 0 END FROM turn WHERE id = $1), -1)";

	return rcd_get_i64(conn, who, get,
	                   RCD_BIND(rcd_i64(id), rcd_i64(in->tenant), rcd_i64(in->contact_id),
	                            rcd_text(in->user_message), rcd_text(in->bot_response)),
	                   err);
}

int rcd_history_past_id(struct rcd_conn *conn, const struct rcd_turn_past *in, int64_t *id,
                        bool *known, struct rcd_err *err)
{
	for (int64_t i = 0; i < NEIGHBOURS; i++) {
		int64_t at = rcd_id_past(in->ms, in->row + i), who;

		if (find_holder(conn, in, at, &who, err) != 0)
			return -1;
		if (who == 0)
			continue;
		*known = who == 1;
		*id = at;
		return 0;
	}
	return rcd_fail(err, RCD_LIMIT, 0, "more than %d turns at the same moment", NEIGHBOURS);
}

/* The turns of a day have ids of that day, but for one that began before midnight. */
static int first_of_day(struct rcd_conn *conn, const struct rcd_turn_past *in, bool *first,
                        struct rcd_err *err)
{
	static const char any[] =
		"SELECT coalesce((SELECT 1 FROM turn WHERE tenant_id = $1 AND contact_id = $2 AND id >= $3"
		" AND id < $4 AND finished_ms >= $5 AND finished_ms < $6 LIMIT 1), 0)";
	int64_t from = rcd_tally_day(in->ms) * DAY_MS, to = from + DAY_MS, found;

	if (rcd_get_i64(conn, &found, any,
	                RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->contact_id),
	                         rcd_i64((from - LONGEST_TURN_MS) * (1 << 20)), rcd_i64(to * (1 << 20)),
	                         rcd_i64(from), rcd_i64(to)),
	                err) != 0)
		return -1;
	*first = found == 0;
	return 0;
}

int rcd_history_past_add(struct rcd_conn *conn, const struct rcd_turn_past *in, int64_t id,
                         struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO turn(tenant_id, contact_id, id, started_ms, answered_ms, finished_ms, audio,"
		" user_message, bot_response, transcript, thread_id, route)"
		" VALUES($1, $2, $3, $4, $4, $4, $5, $6, $7, $8, $9, 'import')";
	struct rcd_tally more = {.conversations = 1, .audio = in->audio};
	bool first;

	if (first_of_day(conn, in, &first, err) != 0 ||
	    rcd_exec(conn, NULL, add,
	             RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->contact_id), rcd_i64(id),
	                      rcd_i64(in->ms), rcd_i64(in->audio), rcd_text(in->user_message),
	                      rcd_text(in->bot_response), rcd_text(in->transcript),
	                      rcd_text(in->thread_id)),
	             err) != 0)
		return -1;
	more.users = first;
	return rcd_tally_add(conn, in->tenant, in->ms, &more, err);
}
