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
	r->resends = (int)rcd_q_i64(q, 10);
	r->updated_ms = rcd_q_i64(q, 11);
}

static int of_turn(struct rcd_conn *conn, struct of_turn *o, struct rcd_err *err)
{
	static const char get[] =
		"SELECT id, part, key, state, attempts, created_ms, from_address, to_address, body, "
		"media_url,"
		" resends, updated_ms FROM outbox WHERE tenant_id = $1 AND turn_id = $2 ORDER BY part";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(o->tenant), rcd_i64(o->turn_id)), err) != 0)
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
	static const size_t text[] = {offsetof(struct rcd_outbox_row, from),
	                              offsetof(struct rcd_outbox_row, to),
	                              offsetof(struct rcd_outbox_row, body),
	                              offsetof(struct rcd_outbox_row, media_url)};
	struct of_turn o = {.tenant = tenant, .turn_id = turn_id};
	void *all;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&o.rows, sizeof(struct rcd_outbox_row));
	while (rcd_read_attempt(&read, err))
		read.ret = of_turn(read.conn, &o, err);
	if (read.ret != 0) {
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

/* --- by the provider's id ----------------------------------------------------------------- */

struct sid {
	int64_t tenant, id, n;
	const char *sid;
};

static int count_sid(struct rcd_conn *conn, struct sid *s, struct rcd_err *err)
{
	static const char get[] =
		"SELECT count(*) FROM outbox WHERE sid = $2 AND tenant_id = $1 AND id <> $3";

	return rcd_get_i64(conn, &s->n, get,
	                   RCD_BIND(rcd_i64(s->tenant), rcd_str(s->sid), rcd_i64(s->id)), err);
}

int rcd_outbox_has_sid(struct rcd_db *db, int64_t tenant, const char *sid, int64_t id, bool *has,
                       struct rcd_err *err)
{
	struct sid s = {.tenant = tenant, .id = id, .sid = sid};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = count_sid(read.conn, &s, err);
	if (read.ret != 0)
		return -1;
	*has = s.n > 0;
	return 0;
}

struct listed {
	int64_t tenant, contact_id, n;
	const char *sid;
	struct rcd_sv body;
};

static int count_known(struct rcd_conn *conn, struct listed *l, struct rcd_err *err)
{
	static const char by_sid[] = "SELECT count(*) FROM outbox WHERE sid = $2 AND tenant_id = $1";
	static const char by_text[] =
		"SELECT count(*) FROM (SELECT id FROM turn WHERE tenant_id = $1 AND contact_id = $2"
		" ORDER BY id DESC LIMIT 20) AS t JOIN outbox o ON o.tenant_id = $1 AND o.turn_id = t.id"
		" WHERE o.sid IS NULL AND o.state <> 0 AND coalesce(o.body, '') = $3";

	if (rcd_get_i64(conn, &l->n, by_sid, RCD_BIND(rcd_i64(l->tenant), rcd_str(l->sid)), err) != 0)
		return -1;
	return l->n > 0 ? 0
	                : rcd_get_i64(conn, &l->n, by_text,
	                              RCD_BIND(rcd_i64(l->tenant), rcd_i64(l->contact_id),
	                                       rcd_text(l->body)),
	                              err);
}

int rcd_outbox_knows(struct rcd_db *db, int64_t tenant, int64_t contact_id, const char *sid,
                     struct rcd_sv body, bool *knows, struct rcd_err *err)
{
	struct listed l = {.tenant = tenant, .contact_id = contact_id, .sid = sid, .body = body};
	struct rcd_read read = {.db = db};

	if (l.body.p == NULL)
		l.body = RCD_SV("");
	while (rcd_read_attempt(&read, err))
		read.ret = count_known(read.conn, &l, err);
	if (read.ret != 0)
		return -1;
	*knows = l.n > 0;
	return 0;
}
