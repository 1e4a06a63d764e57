/* Retrying and dropping dead letters, by an operator or when their time has come. */
#include "base/clock.h"
#include "base/limits.h"
#include "store/dead.h"
#include "store/job.h"
#include "store/outbox.h"

#include <stdio.h>

struct one {
	int64_t tenant, id;
	bool retry;
	/* what it says */
	char kind[8], sender[RCD_MAX_ADDRESS + 1];
	int64_t contact_id, turn_id, inbox_id;
};

/* Takes the letter out of the table, and what stood in it into o. */
static int take_letter(struct rcd_conn *conn, struct one *o, struct rcd_err *err)
{
	static const char out[] = "DELETE FROM dead_letter WHERE id = $2 AND tenant_id = $1"
							  " RETURNING kind, sender, contact_id, turn_id, inbox_id";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, out, RCD_BIND(rcd_i64(o->tenant), rcd_i64(o->id)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		(void)snprintf(o->kind, sizeof(o->kind), "%.*s", RCD_SV_ARG(rcd_q_sv(&q, 0)));
		(void)snprintf(o->sender, sizeof(o->sender), "%.*s", RCD_SV_ARG(rcd_q_sv(&q, 1)));
		o->contact_id = rcd_q_i64(&q, 2);
		o->turn_id = rcd_q_i64(&q, 3);
		o->inbox_id = rcd_q_i64(&q, 4);
	}
	rcd_q_end(&q);
	if (row == 0)
		return rcd_fail(err, RCD_NOENT, 0, "there is no dead letter %lld", (long long)o->id);
	return row == 1 ? 0 : -1;
}

/* A message that was set aside waits for a turn from now on like any other. */
static int answer_message(struct rcd_conn *conn, const struct one *o, struct rcd_err *err)
{
	static const char wait[] = "UPDATE inbox SET turn_id = NULL WHERE id = $2 AND tenant_id = $1"
							   " AND turn_id = -1";
	int64_t now = rcd_now_ms();

	if (rcd_exec(conn, NULL, wait, RCD_BIND(rcd_i64(o->tenant), rcd_i64(o->inbox_id)), err) != 0)
		return -1;
	return rcd_job_put(conn, o->tenant, RCD_JOB_TURN, rcd_sv(o->sender), now, now, err);
}

static int settle_letter(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct one *o = arg;

	if (take_letter(conn, o, err) != 0)
		return -1;
	if (!o->retry)
		return 0;
	if (rcd_sv_is(rcd_sv(o->kind), RCD_DEAD_LATE) || rcd_sv_is(rcd_sv(o->kind), RCD_DEAD_MESSAGE))
		return answer_message(conn, o, err);
	if (rcd_outbox_revive(conn, o->tenant, o->turn_id, err) != 0)
		return -1;
	return rcd_job_resume(conn, o->tenant, RCD_JOB_TURN, rcd_sv(o->sender), o->turn_id,
	                      o->contact_id, err);
}

int rcd_dead_retry(struct rcd_db *db, int64_t tenant, int64_t id, struct rcd_err *err)
{
	struct one o = {.tenant = tenant, .id = id, .retry = true};

	return rcd_db_write(db, settle_letter, &o, err);
}

int rcd_dead_drop(struct rcd_db *db, int64_t tenant, int64_t id, struct rcd_err *err)
{
	struct one o = {.tenant = tenant, .id = id};

	return rcd_db_write(db, settle_letter, &o, err);
}
