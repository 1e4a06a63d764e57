#include "store/request.h"

#include "base/address.h"
#include "base/clock.h"
#include "store/owner.h"
#include "store/rows.h"

#include <stddef.h>
#include <stdlib.h>

static const char *const names[RCD_N_WAITS] = {"handoff", "no_answer", "apology", "loop",
                                               "ceiling"};

const char *rcd_waits_name(int bit)
{
	return names[bit];
}

void rcd_waits_names(int64_t reasons, struct rcd_buf *out)
{
	const char *before = "";

	for (int i = 0; i < RCD_N_WAITS; i++)
		if (reasons >> i & 1) {
			rcd_buf_fmt(out, "%s%s", before, names[i]);
			before = ",";
		}
}

/* --- opening and closing ----------------------------------------------------------------- */

/* The contact's row is held first: two turns of one who writes from two addresses may ask at the
 * same time, and only one of them tells. */
int rcd_request_open(struct rcd_conn *conn, const struct rcd_request_in *in, bool *fresh,
                     struct rcd_err *err)
{
	static const char known[] = "SELECT coalesce((SELECT reasons FROM request WHERE tenant_id = $1"
								" AND contact_id = $2 AND channel = $3 AND closed_ms = 0), 0)";
	static const char put[] =
		"INSERT INTO request(id, tenant_id, contact_id, channel, sender, turn_id, reasons, detail,"
		" since_ms, last_ms, times, closed_ms) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 1, 0)"
		" ON CONFLICT(tenant_id, contact_id, channel) WHERE closed_ms = 0 DO UPDATE"
		" SET sender = excluded.sender, turn_id = excluded.turn_id,"
		" reasons = request.reasons | excluded.reasons, last_ms = excluded.last_ms,"
		" times = request.times + 1,"
		" detail = CASE excluded.detail WHEN '' THEN request.detail ELSE excluded.detail END";
	const struct rcd_sv channel = rcd_address_channel(in->sender);
	const struct rcd_sv detail = in->detail.p != NULL ? in->detail : RCD_SV("");
	enum rcd_owner owner;
	int64_t was;

	if (rcd_owner_hold(conn, in->tenant, in->contact_id, &owner, err) != 0 ||
	    rcd_get_i64(conn, &was, known,
	                RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->contact_id), rcd_text(channel)),
	                err) != 0)
		return -1;
	*fresh = (in->reasons & ~was) != 0;
	return rcd_exec(conn, NULL, put,
	                RCD_BIND(rcd_i64(rcd_id_new()), rcd_i64(in->tenant), rcd_i64(in->contact_id),
	                         rcd_text(channel), rcd_text(in->sender), rcd_i64(in->turn_id),
	                         rcd_i64(in->reasons), rcd_text(detail), rcd_i64(rcd_now_ms())),
	                err);
}

int rcd_request_close_all(struct rcd_conn *conn, int64_t tenant, int64_t contact_id,
                          struct rcd_err *err)
{
	static const char set[] =
		"UPDATE request SET closed_ms = $3 WHERE tenant_id = $1 AND contact_id = $2"
		" AND closed_ms = 0";

	return rcd_exec(conn, NULL, set,
	                RCD_BIND(rcd_i64(tenant), rcd_i64(contact_id), rcd_i64(rcd_now_ms())), err);
}

/* --- reading ----------------------------------------------------------------------------- */

struct list {
	int64_t tenant;
	int max;
	struct rcd_rows rows;
};

static void read_row(struct rcd_q *q, struct rcd_rows *rows, struct rcd_request *r)
{
	r->id = rcd_q_i64(q, 0);
	r->contact_id = rcd_q_i64(q, 1);
	r->since_ms = rcd_q_i64(q, 2);
	r->last_ms = rcd_q_i64(q, 3);
	r->times = rcd_q_i64(q, 4);
	r->reasons = rcd_q_i64(q, 5);
	r->owner = rcd_q_i64(q, 6);
	r->channel = rcd_rows_text(rows, rcd_q_sv(q, 7));
	r->sender = rcd_rows_text(rows, rcd_q_sv(q, 8));
	r->detail = rcd_rows_text(rows, rcd_q_sv(q, 9));
	r->words = rcd_rows_text(rows, rcd_q_sv(q, 10));
}

static int list_open(struct rcd_conn *conn, struct list *l, struct rcd_err *err)
{
	static const char get[] =
		"SELECT r.id, r.contact_id, r.since_ms, r.last_ms, r.times, r.reasons,"
		" (SELECT owner FROM contact WHERE id = r.contact_id), r.channel, r.sender, r.detail,"
		" coalesce((SELECT user_message FROM turn WHERE tenant_id = r.tenant_id"
		" AND contact_id = r.contact_id AND user_message <> '' ORDER BY id DESC LIMIT 1), '')"
		" FROM request r WHERE r.tenant_id = $1 AND r.closed_ms = 0"
		" ORDER BY r.since_ms, r.id LIMIT $2";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(l->tenant), rcd_i64(l->max)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_request *r = rcd_rows_add(&l->rows);

		if (r == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		read_row(&q, &l->rows, r);
	}
	rcd_q_end(&q);
	return row;
}

int rcd_request_list(struct rcd_db *db, int64_t tenant, int max, struct rcd_request **rows,
                     size_t *n, struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_request, channel),
	                              offsetof(struct rcd_request, sender),
	                              offsetof(struct rcd_request, detail),
	                              offsetof(struct rcd_request, words)};
	struct list l = {.tenant = tenant, .max = max};
	void *all;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&l.rows, sizeof(struct rcd_request));
	while (rcd_read_attempt(&read, err))
		read.ret = list_open(read.conn, &l, err);
	if (read.ret != 0) {
		rcd_rows_free(&l.rows);
		return -1;
	}
	if (rcd_rows_take(&l.rows, text, 4, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}

void rcd_request_rows_free(struct rcd_request *rows, size_t n)
{
	(void)n;
	free(rows);
}
