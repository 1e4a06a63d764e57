#include "store/contact.h"

#include "store/rows.h"

#include <stddef.h>

struct ask {
	int64_t tenant, id;
	struct rcd_rows rows;
};

static int read_contact(struct rcd_conn *conn, struct ask *a, struct rcd_err *err)
{
	static const char sql[] =
		"SELECT id, first_ms, last_ms, messages, phone, bsuid, first_name, last_name"
		" FROM contact WHERE id = $2 AND tenant_id = $1";
	struct rcd_contact_row *c;
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, sql, RCD_BIND(rcd_i64(a->tenant), rcd_i64(a->id)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1 && (c = rcd_rows_add(&a->rows)) != NULL) {
		*c = (struct rcd_contact_row){rcd_q_i64(&q, 0),
		                              rcd_q_i64(&q, 1),
		                              rcd_q_i64(&q, 2),
		                              rcd_q_i64(&q, 3),
		                              NULL,
		                              NULL,
		                              NULL,
		                              NULL};
		c->phone = rcd_rows_text(&a->rows, rcd_q_sv(&q, 4));
		c->bsuid = rcd_rows_text(&a->rows, rcd_q_sv(&q, 5));
		c->first_name = rcd_rows_text(&a->rows, rcd_q_sv(&q, 6));
		c->last_name = rcd_rows_text(&a->rows, rcd_q_sv(&q, 7));
	} else if (row == 1) {
		row = rcd_fail_nomem(err);
	} else if (row == 0) {
		row = rcd_fail(err, RCD_NOENT, 0, "there is no such contact");
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

int rcd_contact_get(struct rcd_db *db, int64_t tenant, int64_t id, struct rcd_contact_row **out,
                    struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_contact_row, phone),
	                              offsetof(struct rcd_contact_row, bsuid),
	                              offsetof(struct rcd_contact_row, first_name),
	                              offsetof(struct rcd_contact_row, last_name)};
	struct ask a = {.tenant = tenant, .id = id};
	void *all = NULL;
	size_t n;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&a.rows, sizeof(struct rcd_contact_row));
	while (rcd_read_attempt(&read, err))
		read.ret = read_contact(read.conn, &a, err);
	if (read.ret != 0) {
		rcd_rows_free(&a.rows);
		return -1;
	}
	if (rcd_rows_take(&a.rows, text, 4, &all, &n, err) != 0)
		return -1;
	*out = all;
	return 0;
}
