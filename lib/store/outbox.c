#include "store/outbox.h"

#include "base/clock.h"
#include "store/rows.h"
#include "store/tally.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* --- reading -------------------------------------------------------------------------- */

struct of_turn {
	int64_t tenant, turn_id;
	struct rcd_rows rows;
};

static void read_row(struct rcd_q *q, struct rcd_rows *rows, struct rcd_outbox_row *r)
{
	struct rcd_sv key = rcd_q_sv(q, 2);

	r->id = rcd_q_i64(q, 0);
	r->part = (int)rcd_q_i64(q, 1);
	memcpy(r->key, key.p, key.n < sizeof(r->key) ? key.n : sizeof(r->key) - 1);
	r->state = (enum rcd_out_state)rcd_q_i64(q, 3);
	r->attempts = (int)rcd_q_i64(q, 4);
	r->created_ms = rcd_q_i64(q, 5);
	r->from = rcd_rows_text(rows, rcd_q_sv(q, 6));
	r->to = rcd_rows_text(rows, rcd_q_sv(q, 7));
	r->body = rcd_rows_text(rows, rcd_q_sv(q, 8));
	r->media_url = rcd_rows_text(rows, rcd_q_sv(q, 9));
}

static int of_turn(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char get[] =
		"SELECT id, part, key, state, attempts, created_ms, from_address, to_address, body, media_url"
		" FROM outbox WHERE tenant_id = $1 AND turn_id = $2 ORDER BY part";
	struct of_turn *o = arg;
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, err, "ii", o->tenant, o->turn_id) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_outbox_row *r = rcd_rows_add(&o->rows);

		if (r == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		read_row(&q, &o->rows, r);
	}
	rcd_q_end(&q);
	return row;
}

int rcd_outbox_of_turn(struct rcd_db *db, int64_t tenant, int64_t turn_id,
                       struct rcd_outbox_row **rows, size_t *n, struct rcd_err *err)
{
	static const size_t text[] = {
		offsetof(struct rcd_outbox_row, from), offsetof(struct rcd_outbox_row, to),
		offsetof(struct rcd_outbox_row, body), offsetof(struct rcd_outbox_row, media_url)};
	struct of_turn o = {.tenant = tenant, .turn_id = turn_id};
	void *all;

	rcd_rows_init(&o.rows, sizeof(struct rcd_outbox_row));
	if (rcd_db_read(db, of_turn, &o, err) != 0) {
		rcd_rows_free(&o.rows);
		return -1;
	}
	if (rcd_rows_take(&o.rows, text, 4, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}

void rcd_outbox_rows_free(struct rcd_outbox_row *rows, size_t n)
{
	(void)n;
	free(rows);
}

/* --- marking -------------------------------------------------------------------------- */

struct mark {
	const struct rcd_job *job;
	int64_t id;
	enum rcd_out_state state;
	struct rcd_sv sid;
	int64_t code;
};

/* What the provider has accepted stays accepted; each end is counted once. */
static int move(struct rcd_conn *conn, const struct mark *m, int64_t now, struct rcd_err *err)
{
	static const char set[] =
		"UPDATE outbox SET state = $4, attempts = attempts + $5, sid = coalesce($6, sid), code = $7,"
		" updated_ms = $8 WHERE id = $2 AND tenant_id = $1 AND turn_id = $3";
	const int64_t attempt = m->state == RCD_OUT_SENDING;

	return rcd_exec(conn, NULL, set, err, "iiiiivii", m->job->tenant, m->id, m->job->turn_id,
	                (int64_t)m->state, attempt, m->sid, m->code, now);
}

static int mark(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char get[] = "SELECT state FROM outbox WHERE id = $2 AND tenant_id = $1 AND turn_id = $3";
	const struct mark *m = arg;
	struct rcd_tally more = {0};
	int64_t was, now = rcd_now_ms();

	if (rcd_job_check(conn, m->job, err) != 0 ||
	    rcd_get_i64(conn, &was, get, err, "iii", m->job->tenant, m->id, m->job->turn_id) != 0)
		return -1;
	if (was == RCD_OUT_ACCEPTED && m->state != RCD_OUT_ACCEPTED)
		return rcd_fail(err, RCD_INVAL, 0, "outbox %lld is accepted", (long long)m->id);
	if (move(conn, m, now, err) != 0)
		return -1;
	more.sent = m->state == RCD_OUT_ACCEPTED && was != RCD_OUT_ACCEPTED;
	more.rejected = m->state == RCD_OUT_REJECTED && was != RCD_OUT_REJECTED;
	if (more.sent + more.rejected == 0)
		return 0;
	return rcd_tally_add(conn, m->job->tenant, now, &more, err);
}

int rcd_outbox_mark(struct rcd_db *db, const struct rcd_job *job, int64_t id, enum rcd_out_state state,
                    struct rcd_sv sid, int code, struct rcd_err *err)
{
	struct mark m = {.job = job, .id = id, .state = state, .sid = sid, .code = code};

	return rcd_db_write(db, mark, &m, err);
}
