#include "store/quoted.h"

struct find {
	int64_t tenant, contact_id;
	struct rcd_sv sid;
	struct rcd_quoted *out;
	struct rcd_buf *text;
};

/* 1 when there is a row: its text, and its id where a second column has one. */
static int read_one(struct rcd_conn *conn, struct find *f, const char *sql, struct rcd_err *err)
{
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, sql, RCD_BIND(rcd_i64(f->tenant), rcd_text(f->sid), rcd_i64(f->contact_id)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		rcd_buf_sv(f->text, rcd_q_sv(&q, 0));
		f->out->inbox_id = rcd_q_i64(&q, 1);
	}
	rcd_q_end(&q);
	return row;
}

static int find_quoted(struct rcd_conn *conn, struct find *f, struct rcd_err *err)
{
	static const char ours[] =
		"SELECT coalesce(o.body, t.bot_response, ''), 0 FROM outbox o"
		" LEFT JOIN turn t ON t.id = o.turn_id AND t.tenant_id = o.tenant_id"
		" WHERE o.tenant_id = $1 AND o.sid = $2 AND o.contact_id = $3 LIMIT 1";
	static const char theirs[] =
		"SELECT i.body, i.id FROM inbox i"
		" JOIN turn t ON t.id = i.turn_id AND t.tenant_id = i.tenant_id"
		" WHERE i.tenant_id = $1 AND i.event_key = $2 AND t.contact_id = $3";
	int row = read_one(conn, f, ours, err);

	if (row == 1)
		f->out->ours = true;
	else if (row == 0 && (row = read_one(conn, f, theirs, err)) == 1)
		f->out->ours = false;
	if (row == 0)
		return rcd_fail(err, RCD_NOENT, 0, "no such message in this conversation");
	if (row > 0 && f->text->bad)
		return rcd_fail_nomem(err);
	return row < 0 ? -1 : 0;
}

int rcd_quoted_find(struct rcd_db *db, int64_t tenant, int64_t contact_id, struct rcd_sv sid,
                    struct rcd_quoted *out, struct rcd_buf *text, struct rcd_err *err)
{
	struct find f = {tenant, contact_id, sid, out, text};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = find_quoted(read.conn, &f, err);
	return read.ret;
}
