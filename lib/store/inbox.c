#include "store/inbox.h"

#include "base/clock.h"
#include "base/limits.h"
#include "store/contact.h"
#include "store/dead.h"
#include "store/driver.h"
#include "store/rows.h"

#include <stddef.h>
#include <stdlib.h>

#define MAX_NAME 256 /* an event key, a route */

struct put {
	const struct rcd_inbox_in *in;
	bool fresh;
};

/* No turn will ever take it up, unless a person says so. */
static int set_aside(struct rcd_conn *conn, const struct rcd_inbox_in *in, struct rcd_err *err)
{
	static const char get[] =
		"UPDATE inbox SET turn_id = -1 WHERE tenant_id = $1 AND event_key = $2"
		" RETURNING id";
	struct rcd_dead_in dead = {.tenant = in->tenant,
	                           .kind = RCD_DEAD_LATE,
	                           .sender = in->sender,
	                           .why = in->late};

	if (rcd_get_i64(conn, &dead.inbox_id, get,
	                RCD_BIND(rcd_i64(in->tenant), rcd_text(in->event_key)), err) != 0)
		return -1;
	return rcd_dead_add(conn, &dead, err);
}

static int begin_suppression(struct rcd_conn *conn, const struct rcd_inbox_in *in,
                             struct rcd_err *err)
{
	static const char get[] = "SELECT id FROM inbox WHERE tenant_id = $1 AND event_key = $2";
	struct rcd_suppress what = in->wish->what;

	what.tenant = in->tenant;
	if (rcd_contact_find(conn, in->tenant, in->wish->phone, in->wish->bsuid, &what.contact_id,
	                     err) != 0)
		return -1;
	if (what.contact_id == 0)
		return 0;
	if (rcd_get_i64(conn, &what.inbox_id, get,
	                RCD_BIND(rcd_i64(in->tenant), rcd_text(in->event_key)), err) != 0)
		return -1;
	return rcd_suppression_put(conn, &what, NULL, err);
}

/* The clock may have been set back since the message came: no window is longer from now on than it
 * was from there. */
static int64_t bound_window(const struct rcd_inbox_in *in, int64_t until_ms)
{
	const int64_t most = rcd_now_ms() + until_ms - in->received_ms;

	return until_ms < most ? until_ms : most;
}

static int put_job(struct rcd_conn *conn, const struct rcd_inbox_in *in, struct rcd_err *err)
{
	return (in->ahead ? rcd_job_put_ahead : rcd_job_put)(conn, in->tenant, RCD_JOB_TURN, in->sender,
	                                                     bound_window(in, in->due_ms),
	                                                     bound_window(in, in->latest_ms), err);
}

/* The engine numbers the rows, and a sender's writers take turns from before that until their
 * commit: so the order of its messages is that of the commits, which is what gather wants. A
 * row and its job are five small tree inserts; nothing else is done while the sender waits, but
 * for the few messages that are wishes. */
static int put_message(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char insert[] =
		"INSERT INTO inbox(tenant_id, event_key, sender, route, received_ms, body)"
		" VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(tenant_id, event_key) DO NOTHING";
	struct put *p = arg;
	const struct rcd_inbox_in *in = p->in;
	int64_t n;

	if (rcd_conn_lock_key(conn, in->sender, err) != 0 ||
	    rcd_exec(conn, &n, insert,
	             RCD_BIND(rcd_i64(in->tenant), rcd_text(in->event_key), rcd_text(in->sender),
	                      rcd_text(in->route), rcd_i64(in->received_ms), rcd_bytes(in->body)),
	             err) != 0)
		return -1;
	p->fresh = n == 1;
	if (!p->fresh)
		return 0;
	if (in->late != NULL ? set_aside(conn, in, err) != 0 : put_job(conn, in, err) != 0)
		return -1;
	/* the job's row before the contact's, as everywhere */
	return in->wish != NULL ? begin_suppression(conn, in, err) : 0;
}

int rcd_inbox_put(struct rcd_db *db, const struct rcd_inbox_in *in, bool *fresh,
                  struct rcd_err *err)
{
	struct put p = {.in = in};

	if (in->event_key.n == 0 || in->event_key.n > MAX_NAME || in->route.n > MAX_NAME ||
	    in->sender.n == 0 || in->sender.n > RCD_MAX_ADDRESS || in->body.n > RCD_MAX_WEBHOOK)
		return rcd_fail(err, RCD_LIMIT, 0,
		                "message: key, sender, route or body is empty or too long");
	if (rcd_db_write(db, put_message, &p, err) != 0)
		return -1;
	*fresh = p.fresh;
	return 0;
}

struct has {
	int64_t tenant, n;
	struct rcd_sv key;
};

static int has_key(struct rcd_conn *conn, struct has *h, struct rcd_err *err)
{
	static const char get[] = "SELECT count(*) FROM inbox WHERE tenant_id = $1 AND event_key = $2";

	return rcd_get_i64(conn, &h->n, get, RCD_BIND(rcd_i64(h->tenant), rcd_text(h->key)), err);
}

int rcd_inbox_has(struct rcd_db *db, int64_t tenant, struct rcd_sv event_key, bool *has,
                  struct rcd_err *err)
{
	struct has h = {.tenant = tenant, .key = event_key};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = has_key(read.conn, &h, err);
	if (read.ret != 0)
		return -1;
	*has = h.n > 0;
	return 0;
}

/* --- settled without a turn -------------------------------------------------------------- */

/* why: the reason for the dead letter; NULL: none is written. */
static int settle_message(struct rcd_conn *conn, const struct rcd_job *job, int64_t id,
                          const char *why, struct rcd_err *err)
{
	static const char set[] = "UPDATE inbox SET turn_id = -1 WHERE id = $2 AND tenant_id = $1"
							  " AND (turn_id IS NULL OR turn_id = $3)";
	const struct rcd_dead_in dead = {.tenant = job->tenant,
	                                 .kind = RCD_DEAD_MESSAGE,
	                                 .sender = rcd_sv(job->key),
	                                 .inbox_id = id,
	                                 .why = why};
	int64_t n;

	if (rcd_exec(conn, &n, set, RCD_BIND(rcd_i64(job->tenant), rcd_i64(id), rcd_i64(job->turn_id)),
	             err) != 0)
		return -1;
	return n == 1 && why != NULL ? rcd_dead_add(conn, &dead, err) : 0;
}

struct settle {
	const struct rcd_job *job;
	const struct rcd_inbox_settled *row;
	size_t n;
};

static int settle_rows(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct settle *s = arg;

	if (rcd_job_check(conn, s->job, err) != 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (settle_message(conn, s->job, s->row[i].id, s->row[i].why, err) != 0)
			return -1;
	return 0;
}

int rcd_inbox_settle(struct rcd_db *db, const struct rcd_job *job,
                     const struct rcd_inbox_settled *row, size_t n, struct rcd_err *err)
{
	struct settle s = {job, row, n};

	return rcd_db_write(db, settle_rows, &s, err);
}

int rcd_inbox_settle_waiting(struct rcd_conn *conn, const struct rcd_job *job, const char *why,
                             struct rcd_err *err)
{
	static const char get[] = "SELECT id FROM inbox WHERE tenant_id = $1 AND sender = $2"
							  " AND turn_id IS NULL ORDER BY id LIMIT $3";
	int64_t ids[RCD_MAX_TURN_MESSAGES];
	size_t n = 0;
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get,
	          RCD_BIND(rcd_i64(job->tenant), rcd_str(job->key), rcd_i64(RCD_MAX_TURN_MESSAGES)),
	          err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1 && n < RCD_MAX_TURN_MESSAGES)
		ids[n++] = rcd_q_i64(&q, 0);
	rcd_q_end(&q);
	for (size_t i = 0; row == 0 && i < n; i++)
		row = settle_message(conn, job, ids[i], why, err);
	return row < 0 ? -1 : 0;
}

/* --- gather --------------------------------------------------------------------------- */

#define COLUMNS "id, received_ms, event_key, route, body"

struct gather {
	const struct rcd_job *job;
	bool more;
	struct rcd_rows rows;
};

static int start_gather(struct rcd_q *q, struct rcd_conn *conn, const struct rcd_job *job,
                        bool more, struct rcd_err *err)
{
	static const char of_turn[] = "SELECT " COLUMNS " FROM inbox"
								  " WHERE turn_id = $2 AND tenant_id = $1 ORDER BY id LIMIT $3";
	static const char both[] =
		"SELECT " COLUMNS " FROM inbox WHERE turn_id = $2 AND tenant_id = $1"
		" UNION ALL SELECT " COLUMNS " FROM inbox"
		" WHERE tenant_id = $1 AND sender = $3 AND turn_id IS NULL ORDER BY id LIMIT $4";
	static const char waiting[] =
		"SELECT " COLUMNS " FROM inbox"
		" WHERE tenant_id = $1 AND sender = $2 AND turn_id IS NULL ORDER BY id LIMIT $3";
	const int64_t max = RCD_MAX_TURN_MESSAGES;

	if (job->turn_id == 0)
		return rcd_q(q, conn, waiting,
		             RCD_BIND(rcd_i64(job->tenant), rcd_str(job->key), rcd_i64(max)), err);
	return more ? rcd_q(q, conn, both,
	                    RCD_BIND(rcd_i64(job->tenant), rcd_i64(job->turn_id), rcd_str(job->key),
	                             rcd_i64(max)),
	                    err)
	            : rcd_q(q, conn, of_turn,
	                    RCD_BIND(rcd_i64(job->tenant), rcd_i64(job->turn_id), rcd_i64(max)), err);
}

static int gather_rows(struct rcd_conn *conn, struct gather *g, struct rcd_err *err)
{
	struct rcd_q q;
	int row;

	if (start_gather(&q, conn, g->job, g->more, err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_inbox_row *r = rcd_rows_add(&g->rows);
		struct rcd_sv body = rcd_q_sv(&q, 4);

		if (r == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		r->id = rcd_q_i64(&q, 0);
		r->received_ms = rcd_q_i64(&q, 1);
		r->event_key = rcd_rows_text(&g->rows, rcd_q_sv(&q, 2));
		r->route = rcd_rows_text(&g->rows, rcd_q_sv(&q, 3));
		r->body = (struct rcd_sv){rcd_rows_text(&g->rows, body), body.n};
	}
	rcd_q_end(&q);
	return row;
}

int rcd_inbox_gather(struct rcd_db *db, const struct rcd_job *job, bool more,
                     struct rcd_inbox_row **rows, size_t *n, struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_inbox_row, event_key),
	                              offsetof(struct rcd_inbox_row, route),
	                              offsetof(struct rcd_inbox_row, body.p)};
	struct gather g = {.job = job, .more = more};
	void *all;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&g.rows, sizeof(struct rcd_inbox_row));
	while (rcd_read_attempt(&read, err))
		read.ret = gather_rows(read.conn, &g, err);
	if (read.ret != 0) {
		rcd_rows_free(&g.rows);
		return -1;
	}
	if (rcd_rows_take(&g.rows, text, 3, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}

void rcd_inbox_rows_free(struct rcd_inbox_row *rows, size_t n)
{
	(void)n;
	free(rows);
}
