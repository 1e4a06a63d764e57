#include "store/tally.h"

#include "store/driver.h"

int64_t rcd_tally_day(int64_t ms)
{
	return ms / 86400000;
}

int rcd_tally_add(struct rcd_conn *conn, int64_t tenant, int64_t ms, const struct rcd_tally *more,
                  struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO tally(tenant_id, day, shard, conversations, audio, users, new_users, received,"
		" sent, rejected, ahead_abandoned, ahead_tokens)"
		" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
		" ON CONFLICT(tenant_id, day, shard) DO UPDATE"
		" SET conversations = tally.conversations + excluded.conversations,"
		" audio = tally.audio + excluded.audio, users = tally.users + excluded.users,"
		" new_users = tally.new_users + excluded.new_users,"
		" received = tally.received + excluded.received, sent = tally.sent + excluded.sent,"
		" rejected = tally.rejected + excluded.rejected,"
		" ahead_abandoned = tally.ahead_abandoned + excluded.ahead_abandoned,"
		" ahead_tokens = tally.ahead_tokens + excluded.ahead_tokens";

	return rcd_exec(conn, NULL, add,
	                RCD_BIND(rcd_i64(tenant), rcd_i64(rcd_tally_day(ms)),
	                         rcd_i64(rcd_conn_shard(conn)), rcd_i64(more->conversations),
	                         rcd_i64(more->audio), rcd_i64(more->users), rcd_i64(more->new_users),
	                         rcd_i64(more->received), rcd_i64(more->sent), rcd_i64(more->rejected),
	                         rcd_i64(more->ahead_abandoned), rcd_i64(more->ahead_tokens)),
	                err);
}
