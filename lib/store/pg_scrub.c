/* Rewrites the tables that hold customers' words, so that deleted rows leave the server's files.
 * The server's write-ahead log keeps them until it is recycled, see docs/postgresql.md. */
#include "base/clock.h"
#include "store/pg_session.h"

#include <stdio.h>
#include <unistd.h>

#define MOST_BYTES (64LL << 20) /* of one table: nobody reads or writes it meanwhile */
#define PATIENCE_MS 2000        /* for those who may still see what was deleted */
#define LOOK_US 20000

static const char *const tables[] = {
	"inbox",      "heard", "attachment", "dead_letter",   "outbox",  "media",    "speech",
	"turn_trace", "turn",  "tool_call",  "contact_card",  "lead",    "followup", "handoff",
	"summary",    "fact",  "job",        "contact_alias", "contact",
};

/* One number, in a transaction of its own that leaves nothing queued. */
static int ask_number(struct rcd_conn *conn, const char *sql, const char *arg, int64_t *out,
                      struct rcd_err *err)
{
	struct rcd_session *s = (struct rcd_session *)conn;
	int ret = conn->engine->begin(conn, false, err);

	if (ret == 0)
		ret = rcd_get_i64(conn, out, sql, RCD_BIND(rcd_str(arg)), err);
	conn->engine->rollback(conn);
	return ret == 0 ? rcd_session_collect(s, err) : -1;
}

/* Rows that somebody's snapshot holds would be written into the new file too. */
static int wait_for_others(struct rcd_conn *conn, struct rcd_err *err)
{
	static const char begun[] =
		"SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
		" WHERE $1 = ''";
	static const char older[] =
		"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
		" AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL"
		" AND extract(epoch FROM xact_start) * 1000000 < CAST($1 AS BIGINT)";
	int64_t until = rcd_deadline_in(PATIENCE_MS), now, n;
	char since[24];

	if (ask_number(conn, begun, "", &now, err) != 0)
		return -1;
	(void)snprintf(since, sizeof(since), "%lld", (long long)now);
	for (;;) {
		if (ask_number(conn, older, since, &n, err) != 0)
			return -1;
		if (n == 0)
			return 0;
		if (rcd_deadline_left(until, PATIENCE_MS) == 0)
			return rcd_fail(err, RCD_BUSY, 0,
			                "%lld transactions in the database have not ended: what they can see "
			                "stays in its files until VACUUM FULL is run",
			                (long long)n);
		(void)usleep(LOOK_US);
	}
}

static int rewrite_table(struct rcd_conn *conn, const char *table, struct rcd_err *err)
{
	static const char size[] = "SELECT pg_table_size(CAST($1 AS regclass))";
	struct rcd_session *s = (struct rcd_session *)conn;
	char sql[80];
	int64_t bytes;

	if (ask_number(conn, size, table, &bytes, err) != 0)
		return -1;
	if (bytes > MOST_BYTES)
		return rcd_fail(err, RCD_LIMIT, 0,
		                "the table %s is too large to be written anew beside its writers: words "
		                "that were deleted may stand in its file until VACUUM FULL is run",
		                table);
	/* ANALYZE: the statistics hold samples of the columns */
	(void)snprintf(sql, sizeof(sql), "VACUUM (FULL, ANALYZE) recado.%s", table);
	return rcd_pq_script(s->pq, sql, err);
}

int rcd_pg_scrub(struct rcd_conn *conn, struct rcd_err *err)
{
	struct rcd_session *s = (struct rcd_session *)conn;
	struct rcd_err one = {0};
	int ret = 0;

	if (!s->direct)
		return rcd_fail(err, RCD_LIMIT, 0,
		                "behind a pooler tables are not written anew: words that were deleted may "
		                "stand in their files until VACUUM FULL is run");
	if (wait_for_others(conn, err) != 0 ||
	    rcd_pq_script(s->pq, "SET lock_timeout = '3s'", err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (rewrite_table(conn, tables[i], &one) != 0 && ret == 0) {
			ret = -1;
			*err = one;
		}
	/* the old samples; a warning, and no more, where the database is not ours */
	if (rcd_pq_script(s->pq, "VACUUM FULL pg_catalog.pg_statistic", &one) != 0 && ret == 0) {
		ret = -1;
		*err = one;
	}
	s->broken = s->broken || rcd_pq_script(s->pq, "SET lock_timeout = '10s'", &one) != 0;
	return ret;
}
