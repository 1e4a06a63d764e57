#include "store/channel_day.h"

#include "base/clock.h"
#include "store/driver.h"
#include "store/tally.h"

#define SUM(column) "CAST(coalesce(sum(" column "), 0) AS BIGINT)"

int rcd_channel_day_add(struct rcd_conn *conn, const struct rcd_channel *channel,
                        int64_t model_calls, int64_t messages, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO channel_day(tenant_id, day, channel, shard, model_calls, messages, told)"
		" VALUES($1, $2, $3, $4, $5, $6, 0) ON CONFLICT(tenant_id, day, channel, shard) DO UPDATE"
		" SET model_calls = channel_day.model_calls + excluded.model_calls,"
		" messages = channel_day.messages + excluded.messages";

	if (model_calls == 0 && messages == 0)
		return 0;
	return rcd_exec(conn, NULL, add,
	                RCD_BIND(rcd_i64(channel->tenant), rcd_i64(rcd_tally_day(rcd_now_ms())),
	                         rcd_text(channel->name), rcd_i64(rcd_conn_shard(conn)),
	                         rcd_i64(model_calls), rcd_i64(messages)),
	                err);
}

/* told stands in the row of shard 0 alone. */
int rcd_channel_day_read(struct rcd_conn *conn, const struct rcd_channel *channel,
                         struct rcd_channel_day *out, struct rcd_err *err)
{
	/* clang-format off */
	static const char get[] =
		"SELECT " SUM("model_calls") ", " SUM("messages") ", " SUM("told")
		" FROM channel_day WHERE tenant_id = $1 AND day = $2 AND channel = $3";
	/* clang-format on */
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get,
	          RCD_BIND(rcd_i64(channel->tenant), rcd_i64(rcd_tally_day(rcd_now_ms())),
	                   rcd_text(channel->name)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1)
		*out = (struct rcd_channel_day){rcd_q_i64(&q, 0), rcd_q_i64(&q, 1), rcd_q_i64(&q, 2)};
	rcd_q_end(&q);
	return row == 1 ? 0 : -1;
}

struct ask {
	const struct rcd_channel *channel;
	struct rcd_channel_day day;
	int64_t bit, changes;
};

static int get_day(struct rcd_conn *conn, struct ask *a, struct rcd_err *err)
{
	return rcd_channel_day_read(conn, a->channel, &a->day, err);
}

int rcd_channel_day_get(struct rcd_db *db, const struct rcd_channel *channel,
                        struct rcd_channel_day *out, struct rcd_err *err)
{
	struct ask a = {.channel = channel};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = get_day(read.conn, &a, err);
	if (read.ret != 0)
		return -1;
	*out = a.day;
	return 0;
}

/* Looks and writes in one step: of two who come here at once, one is the first. */
static int mark_told(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char set[] =
		"INSERT INTO channel_day(tenant_id, day, channel, shard, model_calls, messages, told)"
		" VALUES($1, $2, $3, 0, 0, 0, $4) ON CONFLICT(tenant_id, day, channel, shard) DO UPDATE"
		" SET told = channel_day.told | excluded.told WHERE (channel_day.told & excluded.told) = 0";
	struct ask *a = arg;

	return rcd_exec(conn, &a->changes, set,
	                RCD_BIND(rcd_i64(a->channel->tenant), rcd_i64(rcd_tally_day(rcd_now_ms())),
	                         rcd_text(a->channel->name), rcd_i64(a->bit)),
	                err);
}

int rcd_channel_day_tell(struct rcd_db *db, const struct rcd_channel *channel, int64_t bit,
                         bool *first, struct rcd_err *err)
{
	struct ask a = {.channel = channel, .bit = bit};

	if (rcd_db_write(db, mark_told, &a, err) != 0)
		return -1;
	*first = a.changes > 0;
	return 0;
}
