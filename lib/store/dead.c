#include "store/dead.h"

#include "base/clock.h"
#include "store/rows.h"

#include <stddef.h>
#include <stdlib.h>

#define TRY_AGAIN_MS 86400000 /* from the answer on; WhatsApp takes no later one either */

/* By itself ever more seldom, each time after half as long again as it has taken so far, and not
 * for ever: a limit that is met by trying is not waited out by trying. */
static int next_retry(struct rcd_conn *conn, const struct rcd_dead_in *in, int64_t now, int64_t *ms,
                      struct rcd_err *err)
{
	static const char answered[] =
		"SELECT coalesce((SELECT answered_ms FROM turn WHERE id = $1 AND tenant_id = $2), $3)";
	int64_t since, age;

	*ms = in->retry_ms;
	if (in->retry_ms == 0)
		return 0;
	if (rcd_get_i64(conn, &since, answered,
	                RCD_BIND(rcd_i64(in->turn_id), rcd_i64(in->tenant), rcd_i64(now)), err) != 0)
		return -1;
	age = now - since;
	if (age > TRY_AGAIN_MS)
		*ms = 0;
	else if (*ms < now + age / 2)
		*ms = now + age / 2;
	return 0;
}

int rcd_dead_add(struct rcd_conn *conn, const struct rcd_dead_in *in, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO dead_letter(id, tenant_id, kind, sender, contact_id, turn_id, inbox_id,"
		" outbox_id, code, why, died_ms, retry_ms)"
		" VALUES($1, $2, $3, coalesce($4, (SELECT sender FROM inbox WHERE turn_id = $6 AND "
		"tenant_id = $2 LIMIT 1),"
		" (SELECT to_address FROM outbox WHERE turn_id = $6 AND tenant_id = $2 LIMIT 1), ''),"
		" $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
	int64_t now = rcd_now_ms(), retry_ms;

	if (next_retry(conn, in, now, &retry_ms, err) != 0)
		return -1;
	return rcd_exec(conn, NULL, add,
	                RCD_BIND(rcd_i64(rcd_id_new()), rcd_i64(in->tenant), rcd_str(in->kind),
	                         rcd_text(in->sender), rcd_i64(in->contact_id), rcd_i64(in->turn_id),
	                         rcd_i64(in->inbox_id), rcd_i64(in->outbox_id), rcd_i64(in->code),
	                         rcd_str(in->why), rcd_i64(now), rcd_i64(retry_ms)),
	                err);
}

/* --- reading ----------------------------------------------------------------------------- */

struct list {
	int64_t tenant;
	int max;
	struct rcd_rows rows;
};

static int list_dead(struct rcd_conn *conn, struct list *l, struct rcd_err *err)
{
	static const char get[] =
		"SELECT id, died_ms, retry_ms, turn_id, contact_id, code, kind, sender, why"
		" FROM dead_letter WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(l->tenant), rcd_i64(l->max)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_dead *d = rcd_rows_add(&l->rows);

		if (d == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		d->id = rcd_q_i64(&q, 0);
		d->died_ms = rcd_q_i64(&q, 1);
		d->retry_ms = rcd_q_i64(&q, 2);
		d->turn_id = rcd_q_i64(&q, 3);
		d->contact_id = rcd_q_i64(&q, 4);
		d->code = (int)rcd_q_i64(&q, 5);
		d->kind = rcd_rows_text(&l->rows, rcd_q_sv(&q, 6));
		d->sender = rcd_rows_text(&l->rows, rcd_q_sv(&q, 7));
		d->why = rcd_rows_text(&l->rows, rcd_q_sv(&q, 8));
	}
	rcd_q_end(&q);
	return row;
}

int rcd_dead_list(struct rcd_db *db, int64_t tenant, int max, struct rcd_dead **rows, size_t *n,
                  struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_dead, kind),
	                              offsetof(struct rcd_dead, sender),
	                              offsetof(struct rcd_dead, why)};
	struct list l = {.tenant = tenant, .max = max};
	void *all;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&l.rows, sizeof(struct rcd_dead));
	while (rcd_read_attempt(&read, err))
		read.ret = list_dead(read.conn, &l, err);
	if (read.ret != 0) {
		rcd_rows_free(&l.rows);
		return -1;
	}
	if (rcd_rows_take(&l.rows, text, 3, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}

void rcd_dead_rows_free(struct rcd_dead *rows, size_t n)
{
	(void)n;
	free(rows);
}

struct sums {
	int64_t tenant;
	struct rcd_queue_sums *out;
};

static int read_sums(struct rcd_conn *conn, const struct sums *s, struct rcd_err *err)
{
	static const char get[] =
		"SELECT (SELECT count(*) FROM job WHERE state = 0 AND tenant_id = $1),"
		" (SELECT count(*) FROM job WHERE state = 1 AND tenant_id = $1),"
		" (SELECT count(*) FROM dead_letter WHERE tenant_id = $1),"
		" (SELECT count(*) FROM outbox WHERE tenant_id = $1 AND state IN (0, 1, 4) AND state = 4),"
		" (SELECT count(*) FROM contact WHERE owner > 0 AND owner = 1 AND tenant_id = $1),"
		" (SELECT count(*) FROM contact WHERE owner > 0 AND owner = 2 AND tenant_id = $1)";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(s->tenant)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1)
		*s->out = (struct rcd_queue_sums){rcd_q_i64(&q, 0), rcd_q_i64(&q, 1), rcd_q_i64(&q, 2),
		                                  rcd_q_i64(&q, 3), rcd_q_i64(&q, 4), rcd_q_i64(&q, 5)};
	rcd_q_end(&q);
	return row == 1 ? 0 : -1;
}

int rcd_queue_sums(struct rcd_db *db, int64_t tenant, struct rcd_queue_sums *out,
                   struct rcd_err *err)
{
	struct sums s = {tenant, out};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = read_sums(read.conn, &s, err);
	return read.ret;
}

struct due {
	int64_t tenant, now, *ids;
	int max, n;
};

static int find_due(struct rcd_conn *conn, struct due *d, struct rcd_err *err)
{
	static const char get[] = "SELECT id FROM dead_letter WHERE retry_ms > 0 AND retry_ms <= $2"
							  " AND tenant_id = $1 ORDER BY retry_ms LIMIT $3";
	struct rcd_q q;
	int row;

	d->n = 0;
	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(d->tenant), rcd_i64(d->now), rcd_i64(d->max)), err) !=
	    0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1)
		d->ids[d->n++] = rcd_q_i64(&q, 0);
	rcd_q_end(&q);
	return row;
}

int rcd_dead_due(struct rcd_db *db, int64_t tenant, int64_t now_ms, int64_t *ids, int max, int *n,
                 struct rcd_err *err)
{
	struct due d = {.tenant = tenant, .now = now_ms, .ids = ids, .max = max};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = find_due(read.conn, &d, err);
	if (read.ret != 0)
		return -1;
	*n = d.n;
	return 0;
}
