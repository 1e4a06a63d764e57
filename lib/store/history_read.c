#include "store/history.h"
#include "store/rows.h"
#include "store/sms_past.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* of turn t, by the number of an enum rcd_turns_of */
#define IS_OF(n) "(" n " = 0 OR (" n " = 1) = " RCD_TURN_IS_SMS("t") ")"

struct last {
	int64_t tenant, contact_id;
	const struct rcd_history_window *window;
	struct rcd_rows rows;
};

static int list_turns(struct rcd_conn *conn, struct last *l, struct rcd_err *err)
{
	static const char get[] =
		"SELECT id, started_ms, user_message, bot_response, audio FROM turn t"
		" WHERE tenant_id = $1 AND contact_id = $2 AND id > $3 AND finished_ms IS NOT NULL AND "
		"" IS_OF("$5") " ORDER BY id DESC LIMIT $4";
	const struct rcd_history_window *w = l->window;
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get,
	          RCD_BIND(rcd_i64(l->tenant), rcd_i64(l->contact_id), rcd_i64(w->after),
	                   rcd_i64((int64_t)(w->max > 0 ? w->max : 0)), rcd_i64(w->of)),
	          err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_history_row *r = rcd_rows_add(&l->rows);

		if (r == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		r->id = rcd_q_i64(&q, 0);
		r->started_ms = rcd_q_i64(&q, 1);
		r->user_message = rcd_rows_text(&l->rows, rcd_q_sv(&q, 2));
		r->bot_response = rcd_rows_text(&l->rows, rcd_q_sv(&q, 3));
		r->audio = rcd_q_i64(&q, 4) != 0;
	}
	rcd_q_end(&q);
	return row;
}

static void reverse_rows(struct rcd_history_row *rows, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct rcd_history_row r = rows[i];

		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = r;
	}
}

int rcd_history_window(struct rcd_db *db, int64_t tenant, int64_t contact_id,
                       const struct rcd_history_window *w, struct rcd_history_row **rows, size_t *n,
                       struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_history_row, user_message),
	                              offsetof(struct rcd_history_row, bot_response)};
	struct last l = {.tenant = tenant, .contact_id = contact_id, .window = w};
	void *all;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&l.rows, sizeof(struct rcd_history_row));
	while (rcd_read_attempt(&read, err))
		read.ret = list_turns(read.conn, &l, err);
	if (read.ret != 0) {
		rcd_rows_free(&l.rows);
		return -1;
	}
	if (rcd_rows_take(&l.rows, text, 2, &all, n, err) != 0)
		return -1;
	reverse_rows(all, *n);
	*rows = all;
	return 0;
}

void rcd_history_rows_free(struct rcd_history_row *rows, size_t n)
{
	(void)n;
	free(rows);
}

struct thread {
	int64_t tenant, contact_id;
	enum rcd_turns_of of;
	char *id;
};

static int find_thread(struct rcd_conn *conn, const struct thread *t, struct rcd_err *err)
{
	/* clang-format off */
	static const char get[] =
		"SELECT coalesce(thread_id, '') FROM turn t"
		" WHERE tenant_id = $1 AND contact_id = $2 AND finished_ms IS NOT NULL"
		" AND " IS_OF("$3") " ORDER BY id DESC LIMIT 1";
	/* clang-format on */
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(t->tenant), rcd_i64(t->contact_id), rcd_i64(t->of)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		struct rcd_sv v = rcd_q_sv(&q, 0);

		if (v.n > 0 && v.n < RCD_THREAD_ID) { /* a longer one is nobody's */
			memcpy(t->id, v.p, v.n);
			t->id[v.n] = '\0';
		}
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

int rcd_history_thread_of(struct rcd_db *db, int64_t tenant, int64_t contact_id,
                          enum rcd_turns_of of, char id[RCD_THREAD_ID], struct rcd_err *err)
{
	struct thread t = {tenant, contact_id, of, id};
	struct rcd_read read = {.db = db};

	id[0] = '\0';
	while (rcd_read_attempt(&read, err))
		read.ret = find_thread(read.conn, &t, err);
	return read.ret;
}

int rcd_history_thread(struct rcd_db *db, int64_t tenant, int64_t contact_id,
                       char id[RCD_THREAD_ID], struct rcd_err *err)
{
	return rcd_history_thread_of(db, tenant, contact_id, RCD_TURNS_ALL, id, err);
}

struct rung {
	int64_t tenant, contact_id, turn_id, ms;
	enum rcd_turns_of of;
	char *name;
};

static int find_rung(struct rcd_conn *conn, struct rung *r, struct rcd_err *err)
{
	static const char get[] =
		"SELECT coalesce(rung, ''), coalesce(finished_ms, 0) FROM turn t"
		" WHERE tenant_id = $1 AND contact_id = $2 AND (id = $3 OR ($3 = 0 AND finished_ms IS NOT "
		"NULL))"
		" AND " IS_OF("$4") " ORDER BY id DESC LIMIT 1";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get,
	          RCD_BIND(rcd_i64(r->tenant), rcd_i64(r->contact_id), rcd_i64(r->turn_id),
	                   rcd_i64(r->of)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		struct rcd_sv v = rcd_q_sv(&q, 0);

		if (v.n > 0 && v.n < RCD_RUNG_NAME) {
			memcpy(r->name, v.p, v.n);
			r->name[v.n] = '\0';
		}
		r->ms = rcd_q_i64(&q, 1);
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

static int read_rung(struct rcd_db *db, struct rung *r, int64_t *ms, struct rcd_err *err)
{
	struct rcd_read read = {.db = db};

	r->name[0] = '\0';
	while (rcd_read_attempt(&read, err))
		read.ret = find_rung(read.conn, r, err);
	if (read.ret != 0)
		return -1;
	*ms = r->ms;
	return 0;
}

int rcd_history_rung(struct rcd_db *db, int64_t tenant, int64_t contact_id, int64_t turn_id,
                     char name[RCD_RUNG_NAME], int64_t *ms, struct rcd_err *err)
{
	struct rung r = {.tenant = tenant, .contact_id = contact_id, .turn_id = turn_id, .name = name};

	return read_rung(db, &r, ms, err);
}

int rcd_history_last_rung(struct rcd_db *db, int64_t tenant, int64_t contact_id,
                          enum rcd_turns_of of, char name[RCD_RUNG_NAME], int64_t *ms,
                          struct rcd_err *err)
{
	struct rung r = {.tenant = tenant, .contact_id = contact_id, .of = of, .name = name};

	return read_rung(db, &r, ms, err);
}

/* --- habits --------------------------------------------------------------------------- */

struct bursts {
	int64_t tenant, contact_id;
	int max, turns, bursts;
};

static int count_bursts(struct rcd_conn *conn, struct bursts *b, struct rcd_err *err)
{
	static const char get[] =
		"SELECT count(*), CAST(coalesce(sum(CASE WHEN n > 1 THEN 1 ELSE 0 END), 0) AS BIGINT)"
		" FROM (SELECT (SELECT count(*) FROM inbox WHERE tenant_id = $1 AND turn_id = t.id) AS n "
		"FROM"
		"  (SELECT id FROM turn WHERE tenant_id = $1 AND contact_id = $2 AND finished_ms IS NOT "
		"NULL"
		"   ORDER BY id DESC LIMIT $3) AS t) AS x";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(b->tenant), rcd_i64(b->contact_id), rcd_i64(b->max)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		b->turns = (int)rcd_q_i64(&q, 0);
		b->bursts = (int)rcd_q_i64(&q, 1);
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

int rcd_history_bursts(struct rcd_db *db, int64_t tenant, int64_t contact_id, int max, int *turns,
                       int *bursts, struct rcd_err *err)
{
	struct bursts b = {.tenant = tenant, .contact_id = contact_id, .max = max};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = count_bursts(read.conn, &b, err);
	if (read.ret != 0)
		return -1;
	*turns = b.turns;
	*bursts = b.bursts;
	return 0;
}
