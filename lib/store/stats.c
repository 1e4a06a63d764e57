#include "base/clock.h"
#include "store/driver.h"
#include "store/history.h"
#include "store/tally.h"

#include <stdio.h>

struct stats {
	int64_t tenant, now;
	struct rcd_stats *out;
};

#define SUM(column) "CAST(coalesce(sum(" column "), 0) AS BIGINT)"

/* Messages count as received from the moment they are in the inbox; the tally has them once
 * a turn has taken them up, the rest are in the (small) index of those that wait. */
static int read_totals(struct rcd_conn *conn, const struct stats *s, struct rcd_err *err)
{
	static const char sums[] =
		/* clang-format off */
		"SELECT " SUM("new_users") ", " SUM("conversations") ", " SUM("audio") ", " SUM("sent") ", "
		SUM("rejected") ", " SUM("received") " + (SELECT count(*) FROM inbox"
		"  WHERE tenant_id = $1 AND turn_id IS NULL), " SUM("ahead_abandoned") ", "
		SUM("ahead_tokens")
		" FROM tally WHERE tenant_id = $1";
	/* clang-format on */
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, sums, RCD_BIND(rcd_i64(s->tenant)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		s->out->total_users = rcd_q_i64(&q, 0);
		s->out->total_conversations = rcd_q_i64(&q, 1);
		s->out->audio_conversations = rcd_q_i64(&q, 2);
		s->out->text_conversations = s->out->total_conversations - s->out->audio_conversations;
		s->out->messages_sent = rcd_q_i64(&q, 3);
		s->out->messages_rejected = rcd_q_i64(&q, 4);
		s->out->messages_received = rcd_q_i64(&q, 5);
		s->out->ahead_abandoned = rcd_q_i64(&q, 6);
		s->out->ahead_tokens = rcd_q_i64(&q, 7);
	}
	rcd_q_end(&q);
	return row == 1 ? 0 : -1;
}

static int read_jobs(struct rcd_conn *conn, const struct stats *s, struct rcd_err *err)
{
	static const char waiting[] =
		"SELECT count(*), coalesce(min(due_ms), 0) FROM job WHERE state = 0 AND tenant_id = $1";
	static const char running[] = "SELECT count(*) FROM job WHERE state = 1 AND tenant_id = $1";
	struct rcd_q q;
	int64_t due = 0;
	int row;

	if (rcd_q(&q, conn, waiting, RCD_BIND(rcd_i64(s->tenant)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		s->out->jobs_waiting = rcd_q_i64(&q, 0);
		due = rcd_q_i64(&q, 1);
	}
	rcd_q_end(&q);
	s->out->oldest_waiting_ms = due > 0 && due < s->now ? s->now - due : 0;
	return row == 1 ? rcd_get_i64(conn, &s->out->jobs_running, running,
	                              RCD_BIND(rcd_i64(s->tenant)), err)
	                : -1;
}

static int read_stats(struct rcd_conn *conn, const struct stats *s, struct rcd_err *err)
{
	static const char last[] = "SELECT coalesce((SELECT received_ms FROM inbox"
							   " WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1), 0)";
	const struct rcd_channel whatsapp = {s->tenant, RCD_SV("whatsapp")},
							 sms = {s->tenant, RCD_SV("sms")};

	if (read_totals(conn, s, err) != 0 || read_jobs(conn, s, err) != 0 ||
	    rcd_channel_day_read(conn, &whatsapp, &s->out->whatsapp, err) != 0 ||
	    rcd_channel_day_read(conn, &sms, &s->out->sms, err) != 0)
		return -1;
	return rcd_get_i64(conn, &s->out->last_message_ms, last, RCD_BIND(rcd_i64(s->tenant)), err);
}

int rcd_stats(struct rcd_db *db, int64_t tenant, struct rcd_stats *out, struct rcd_err *err)
{
	struct rcd_stats st = {0};
	struct stats s = {.tenant = tenant, .now = rcd_now_ms(), .out = &st};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = read_stats(read.conn, &s, err);
	if (read.ret != 0)
		return -1;
	*out = st;
	return 0;
}

/* --- who answered --------------------------------------------------------------------- */

struct counts {
	int64_t tenant;
	int last, max, n;
	struct rcd_rung_count *out;
};

static int count_rungs(struct rcd_conn *conn, struct counts *c, struct rcd_err *err)
{
	static const char get[] =
		"SELECT rung, count(*) AS n FROM (SELECT rung FROM turn WHERE "
		"tenant_id = $1"
		" AND rung IS NOT NULL ORDER BY id DESC LIMIT $2) AS t GROUP BY rung ORDER BY n DESC, rung "
		"LIMIT $3";
	struct rcd_q q;
	int row;

	c->n = 0;
	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(c->tenant), rcd_i64(c->last), rcd_i64(c->max)),
	          err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_rung_count *r = &c->out[c->n++];

		(void)snprintf(r->rung, sizeof(r->rung), "%.*s", RCD_SV_ARG(rcd_q_sv(&q, 0)));
		r->n = rcd_q_i64(&q, 1);
	}
	rcd_q_end(&q);
	return row;
}

int rcd_rung_counts(struct rcd_db *db, int64_t tenant, int last, struct rcd_rung_count *out,
                    int max, int *n, struct rcd_err *err)
{
	struct counts c = {.tenant = tenant, .last = last, .max = max, .out = out};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = count_rungs(read.conn, &c, err);
	if (read.ret != 0)
		return -1;
	*n = c.n;
	return 0;
}
