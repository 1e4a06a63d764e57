#include "store/spend.h"

#include "store/tally.h"

struct spend {
	const struct rcd_spend *in;
	bool over, first;
};

/* Both statements look and write in one step: two who spend at once cannot exceed the most. */
static int add_spending(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char take[] =
		"INSERT INTO voice_day(tenant_id, day, characters, told) VALUES($1, $2, $3, 0)"
		" ON CONFLICT(tenant_id, day) DO UPDATE"
		" SET characters = voice_day.characters + excluded.characters"
		" WHERE voice_day.characters + excluded.characters <= $4";
	static const char tell[] =
		"INSERT INTO voice_day(tenant_id, day, characters, told) VALUES($1, $2, 0, 1)"
		" ON CONFLICT(tenant_id, day) DO UPDATE SET told = 1 WHERE voice_day.told = 0";
	struct spend *s = arg;
	const struct rcd_spend *in = s->in;
	int64_t day = rcd_tally_day(in->now_ms), changes = 0;

	if (in->characters <= in->most && rcd_exec(conn, &changes, take,
	                                           RCD_BIND(rcd_i64(in->tenant), rcd_i64(day),
	                                                    rcd_i64(in->characters), rcd_i64(in->most)),
	                                           err) != 0)
		return -1;
	s->over = changes == 0;
	if (s->over &&
	    rcd_exec(conn, &changes, tell, RCD_BIND(rcd_i64(in->tenant), rcd_i64(day)), err) != 0)
		return -1;
	s->first = s->over && changes > 0;
	return 0;
}

int rcd_spend(struct rcd_db *db, const struct rcd_spend *in, bool *first, struct rcd_err *err)
{
	struct spend s = {.in = in};

	if (rcd_db_write(db, add_spending, &s, err) != 0)
		return -1;
	*first = s.first;
	return s.over ? rcd_fail(err, RCD_LIMIT, 0, "the voice's %lld characters of the day are spent",
	                         (long long)in->most)
	              : 0;
}
