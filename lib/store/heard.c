/* Small things that outlive a turn or a process: what was heard, how far something has got. */

#include "store/inbox.h"

struct heard {
	int64_t tenant, inbox_id;
	int64_t part;
	struct rcd_sv text;
	struct rcd_buf *out;
};

static int put_heard(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char put[] =
		"INSERT INTO heard(inbox_id, part, tenant_id, text) VALUES($1, $2, $3, $4)"
		" ON CONFLICT(inbox_id, part) DO UPDATE SET text = excluded.text";
	const struct heard *h = arg;

	return rcd_exec(conn, NULL, put,
	                RCD_BIND(rcd_i64(h->inbox_id), rcd_i64(h->part), rcd_i64(h->tenant),
	                         rcd_text(h->text)),
	                err);
}

int rcd_heard_put(struct rcd_db *db, int64_t tenant, int64_t inbox_id, int part, struct rcd_sv text,
                  struct rcd_err *err)
{
	struct heard h = {.tenant = tenant, .inbox_id = inbox_id, .part = part, .text = text};

	if (text.n > RCD_MAX_TEXT)
		return rcd_fail(err, RCD_LIMIT, 0, "a transcript of more than %d bytes", RCD_MAX_TEXT);
	return rcd_db_write(db, put_heard, &h, err);
}

static int get_heard(struct rcd_conn *conn, const struct heard *h, struct rcd_err *err)
{
	static const char get[] =
		"SELECT text FROM heard WHERE inbox_id = $2 AND part = $3 AND tenant_id = $1";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(h->tenant), rcd_i64(h->inbox_id), rcd_i64(h->part)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1)
		rcd_buf_sv(h->out, rcd_q_sv(&q, 0));
	rcd_q_end(&q);
	if (row == 0)
		return rcd_fail(err, RCD_NOENT, 0, "nothing was heard yet");
	if (row > 0 && h->out->bad)
		return rcd_fail_nomem(err);
	return row < 0 ? -1 : 0;
}

int rcd_heard_get(struct rcd_db *db, int64_t tenant, int64_t inbox_id, int part,
                  struct rcd_buf *out, struct rcd_err *err)
{
	struct heard h = {.tenant = tenant, .inbox_id = inbox_id, .part = part, .out = out};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = get_heard(read.conn, &h, err);
	return read.ret;
}

/* --- watermarks --------------------------------------------------------------------------- */

struct mark {
	int64_t tenant, ms;
	const char *name;
};

static int set_mark(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char put[] = "INSERT INTO watermark(tenant_id, name, ms) VALUES($1, $2, $3)"
							  " ON CONFLICT(tenant_id, name) DO UPDATE SET ms = excluded.ms";
	const struct mark *m = arg;

	return rcd_exec(conn, NULL, put, RCD_BIND(rcd_i64(m->tenant), rcd_str(m->name), rcd_i64(m->ms)),
	                err);
}

int rcd_watermark_set(struct rcd_db *db, int64_t tenant, const char *name, int64_t ms,
                      struct rcd_err *err)
{
	struct mark m = {.tenant = tenant, .ms = ms, .name = name};

	return rcd_db_write(db, set_mark, &m, err);
}

static int get_mark(struct rcd_conn *conn, struct mark *m, struct rcd_err *err)
{
	static const char get[] = "SELECT ms FROM watermark WHERE tenant_id = $1 AND name = $2";
	static const char created[] = "SELECT created_ms FROM tenant WHERE id = $1";

	return m->name != NULL
	           ? rcd_get_i64(conn, &m->ms, get, RCD_BIND(rcd_i64(m->tenant), rcd_str(m->name)), err)
	           : rcd_get_i64(conn, &m->ms, created, RCD_BIND(rcd_i64(m->tenant)), err);
}

int rcd_watermark_get(struct rcd_db *db, int64_t tenant, const char *name, int64_t *ms,
                      struct rcd_err *err)
{
	struct mark m = {.tenant = tenant, .name = name};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = get_mark(read.conn, &m, err);
	if (read.ret != 0)
		return -1;
	*ms = m.ms;
	return 0;
}

int rcd_tenant_created(struct rcd_db *db, int64_t tenant, int64_t *ms, struct rcd_err *err)
{
	return rcd_watermark_get(db, tenant, NULL, ms, err);
}
