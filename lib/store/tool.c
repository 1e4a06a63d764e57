#include "store/tool.h"

#include "base/clock.h"

#define MAX_NOTES 4000 /* characters; more are not added */

struct begin {
	const struct rcd_tool_entry *in;
	enum rcd_tool_seen seen;
	struct rcd_buf *result;
};

/* What is known of the call. The job's row is held: nobody else begins one of this turn. */
static int find_call(struct rcd_conn *conn, struct begin *b, struct rcd_err *err)
{
	static const char get[] =
		"SELECT result FROM tool_call WHERE turn_id = $1 AND key = $2 AND tenant_id = $3";
	static const char count[] =
		"SELECT count(*) FROM tool_call WHERE turn_id = $1 AND tenant_id = $2";
	const struct rcd_job *job = b->in->job;
	struct rcd_q q;
	int64_t n;
	int row;

	if (rcd_q(&q, conn, get,
	          RCD_BIND(rcd_i64(job->turn_id), rcd_str(b->in->key), rcd_i64(job->tenant)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		b->seen = rcd_q_null(&q, 0) ? RCD_TOOL_LOST : RCD_TOOL_AGAIN;
		rcd_buf_sv(b->result, rcd_q_sv(&q, 0));
	}
	rcd_q_end(&q);
	if (row != 0)
		return row < 0 ? -1 : 0;
	if (rcd_get_i64(conn, &n, count, RCD_BIND(rcd_i64(job->turn_id), rcd_i64(job->tenant)), err) !=
	    0)
		return -1;
	b->seen = n < b->in->most ? RCD_TOOL_NEW : RCD_TOOL_OVER;
	return 0;
}

static int begin_call(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO tool_call(turn_id, key, tenant_id, contact_id, name, result, ms)"
		" VALUES($1, $2, $3, $4, $5, $6, $7)";
	struct begin *b = arg;
	const struct rcd_tool_entry *in = b->in;
	struct rcd_sv result = {NULL, 0};

	rcd_buf_reset(b->result);
	if (rcd_job_check(conn, in->job, err) != 0 || find_call(conn, b, err) != 0)
		return -1;
	if (b->seen != RCD_TOOL_NEW)
		return b->result->bad ? rcd_fail_nomem(err) : 0;
	if (in->effect != NULL) {
		if (in->effect(conn, in->job, in->arg, b->result, err) != 0)
			return -1;
		result = rcd_buf_view(b->result);
	}
	if (b->result->bad)
		return rcd_fail_nomem(err);
	return rcd_exec(conn, NULL, add,
	                RCD_BIND(rcd_i64(in->job->turn_id), rcd_str(in->key), rcd_i64(in->job->tenant),
	                         rcd_i64(in->job->contact_id), rcd_str(in->name), rcd_text(result),
	                         rcd_i64(rcd_now_ms())),
	                err);
}

int rcd_tool_begin(struct rcd_db *db, const struct rcd_tool_entry *in, enum rcd_tool_seen *seen,
                   struct rcd_buf *result, struct rcd_err *err)
{
	struct begin b = {.in = in, .result = result};

	if (rcd_db_write(db, begin_call, &b, err) != 0)
		return -1;
	*seen = b.seen;
	return 0;
}

struct end {
	const struct rcd_tool_entry *in;
	struct rcd_sv result;
};

static int end_call(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char keep[] =
		"UPDATE tool_call SET result = $4 WHERE turn_id = $1 AND key = $2 AND tenant_id = $3";
	static const char drop[] =
		"DELETE FROM tool_call WHERE turn_id = $1 AND key = $2 AND tenant_id = $3"
		" AND result IS NULL";
	const struct end *e = arg;
	const struct rcd_tool_entry *in = e->in;

	if (rcd_job_check(conn, in->job, err) != 0)
		return -1;
	if (e->result.p == NULL)
		return rcd_exec(conn, NULL, drop,
		                RCD_BIND(rcd_i64(in->job->turn_id), rcd_str(in->key),
		                         rcd_i64(in->job->tenant)),
		                err);
	return rcd_exec(conn, NULL, keep,
	                RCD_BIND(rcd_i64(in->job->turn_id), rcd_str(in->key), rcd_i64(in->job->tenant),
	                         rcd_text(e->result)),
	                err);
}

int rcd_tool_end(struct rcd_db *db, const struct rcd_tool_entry *in, struct rcd_sv result,
                 struct rcd_err *err)
{
	struct end e = {in, result};

	return rcd_db_write(db, end_call, &e, err);
}

int rcd_card_put(struct rcd_conn *conn, const struct rcd_job *job, const struct rcd_card_in *in,
                 struct rcd_err *err)
{
	static const char put[] =
		"INSERT INTO contact_card(contact_id, tenant_id, name, email, notes, ms)"
		" VALUES($1, $2, $3, $4, $5, $6)"
		" ON CONFLICT(contact_id) DO UPDATE SET name = coalesce(excluded.name, contact_card.name),"
		" email = coalesce(excluded.email, contact_card.email), ms = excluded.ms,"
		" notes = CASE WHEN excluded.notes = '' OR length(contact_card.notes) > $7 THEN "
		"contact_card.notes"
		"  WHEN contact_card.notes = '' THEN excluded.notes"
		"  ELSE contact_card.notes || $8 || excluded.notes END";

	return rcd_exec(conn, NULL, put,
	                RCD_BIND(rcd_i64(job->contact_id), rcd_i64(job->tenant), rcd_text(in->name),
	                         rcd_text(in->email),
	                         rcd_text(in->notes.p != NULL ? in->notes : RCD_SV("")),
	                         rcd_i64(rcd_now_ms()), rcd_i64(MAX_NOTES), rcd_text(RCD_SV("\n"))),
	                err);
}

int rcd_lead_put(struct rcd_conn *conn, const struct rcd_job *job, const struct rcd_lead_in *in,
                 struct rcd_err *err)
{
	static const char put[] =
		"INSERT INTO lead(contact_id, tenant_id, stage, reason, quote, ms) VALUES($1, $2, $3, $4, "
		"$5, $6)"
		" ON CONFLICT(contact_id) DO UPDATE SET stage = excluded.stage, reason = excluded.reason,"
		" quote = excluded.quote, ms = excluded.ms";

	return rcd_exec(conn, NULL, put,
	                RCD_BIND(rcd_i64(job->contact_id), rcd_i64(job->tenant), rcd_text(in->stage),
	                         rcd_text(in->reason), rcd_text(in->quote), rcd_i64(rcd_now_ms())),
	                err);
}
