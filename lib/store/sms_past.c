#include "store/sms_past.h"

#include "store/followup.h"
#include "store/rows.h"

#include <stdlib.h>

/* $1 the tenant, $2 the contact */
#define CONTACTS_TURNS " FROM turn t WHERE t.tenant_id = $1 AND t.contact_id = $2"

/* --- what there is ---------------------------------------------------------------------- */

struct ask {
	int64_t tenant, contact_id;
	struct rcd_sms_past *out;
};

static int read_past(struct rcd_conn *conn, struct ask *a, struct rcd_err *err)
{
	static const char messages[] =
		"SELECT count(*), coalesce(min(i.received_ms), 0) FROM turn t JOIN inbox i"
		" ON i.turn_id = t.id AND i.tenant_id = t.tenant_id WHERE t.tenant_id = $1 AND "
		"t.contact_id = $2"
		" AND i.sender NOT LIKE '%:%'";
	static const char others[] = "SELECT count(*)" CONTACTS_TURNS " AND NOT " RCD_TURN_IS_SMS("t");
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, messages, RCD_BIND(rcd_i64(a->tenant), rcd_i64(a->contact_id)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		a->out->messages = rcd_q_i64(&q, 0);
		a->out->first_ms = rcd_q_i64(&q, 1);
	}
	rcd_q_end(&q);
	return row < 0 ? -1
	               : rcd_get_i64(conn, &a->out->other_turns, others,
	                             RCD_BIND(rcd_i64(a->tenant), rcd_i64(a->contact_id)), err);
}

int rcd_sms_past_get(struct rcd_db *db, int64_t tenant, int64_t contact_id,
                     struct rcd_sms_past *out, struct rcd_err *err)
{
	struct ask a = {tenant, contact_id, out};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = read_past(read.conn, &a, err);
	return read.ret;
}

struct files {
	const struct rcd_forget *what;
	json_t *out;
};

static int add_files(struct rcd_conn *conn, const struct files *f, const char *section,
                     const char *column, const char *sql, struct rcd_err *err)
{
	json_t *rows = json_array();
	struct rcd_q q;
	int row;

	if (json_object_set_new(f->out, section, rows) != 0)
		return rcd_fail_nomem(err);
	if (rcd_q(&q, conn, sql,
	          RCD_BIND(rcd_i64(f->what->tenant), rcd_i64(f->what->contact_id),
	                   rcd_i64(f->what->until_ms)),
	          err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1)
		if (json_array_append_new(rows,
		                          json_pack("{s:o}", column, rcd_json_str(rcd_q_sv(&q, 0)))) != 0) {
			row = rcd_fail_nomem(err);
			break;
		}
	rcd_q_end(&q);
	return row;
}

static int read_files(struct rcd_conn *conn, const struct files *f, struct rcd_err *err)
{
	static const char attachments[] =
		"SELECT a.path FROM attachment a JOIN inbox m ON m.id = a.inbox_id"
		" JOIN turn t ON t.id = m.turn_id AND t.tenant_id = m.tenant_id WHERE t.tenant_id = $1"
		" AND t.contact_id = $2 AND t.started_ms <= $3 AND m.sender NOT LIKE '%:%'";
	static const char spoken[] =
		"SELECT m.name FROM turn t JOIN media m ON m.turn_id = t.id"
		" WHERE t.tenant_id = $1 AND t.contact_id = $2 AND t.started_ms <= $3 AND " RCD_TURN_IS_SMS(
			"t");
	static const char threads[] = "SELECT DISTINCT t.thread_id" CONTACTS_TURNS
								  " AND t.started_ms <= $3"
								  " AND t.thread_id IS NOT NULL AND " RCD_TURN_IS_SMS("t");

	return add_files(conn, f, "attachments", "path", attachments, err) != 0 ||
	               add_files(conn, f, "spoken", "name", spoken, err) != 0 ||
	               add_files(conn, f, "conversations", "thread_id", threads, err) != 0
	           ? -1
	           : 0;
}

int rcd_sms_past_files(struct rcd_db *db, const struct rcd_forget *what, json_t **out,
                       struct rcd_err *err)
{
	struct files f = {what, json_object()};
	struct rcd_read read = {.db = db};

	if (f.out == NULL)
		return rcd_fail_nomem(err);
	while (rcd_read_attempt(&read, err))
		read.ret = read_files(read.conn, &f, err);
	if (read.ret != 0) {
		json_decref(f.out);
		return -1;
	}
	*out = f.out;
	return 0;
}

/* --- and how it goes -------------------------------------------------------------------- */

/* $1 the tenant, $2 the turn; in this order: what a statement asks for is still there. */
static const char *const of_turn[] = {
	"DELETE FROM heard WHERE inbox_id IN (SELECT id FROM inbox WHERE tenant_id = $1 AND turn_id = "
	"$2)",
	"DELETE FROM attachment WHERE tenant_id = $1 AND inbox_id IN"
	" (SELECT id FROM inbox WHERE tenant_id = $1 AND turn_id = $2)",
	"DELETE FROM dead_letter WHERE tenant_id = $1 AND turn_id = $2",
	"DELETE FROM outbox WHERE tenant_id = $1 AND turn_id = $2",
	"DELETE FROM media WHERE tenant_id = $1 AND turn_id = $2",
	"DELETE FROM turn_trace WHERE tenant_id = $1 AND turn_id = $2",
	"DELETE FROM tool_call WHERE tenant_id = $1 AND turn_id = $2",
	"DELETE FROM job WHERE tenant_id = $1 AND kind = '" RCD_JOB_FOLLOWUP
	"' AND key = CAST($2 AS TEXT)",
	"DELETE FROM followup WHERE tenant_id = $1 AND turn_id = $2",
	"DELETE FROM request WHERE tenant_id = $1 AND turn_id = $2",
	"UPDATE inbox SET sender = '-', route = '', body = substr(body, 1, 0), turn_id = 0 WHERE "
	"tenant_id = $1"
	" AND turn_id = $2",
	"DELETE FROM turn WHERE tenant_id = $1 AND id = $2",
};

static int forget_turn(struct rcd_conn *conn, int64_t tenant, int64_t turn_id, struct rcd_err *err)
{
	for (size_t i = 0; i < sizeof(of_turn) / sizeof(of_turn[0]); i++)
		if (rcd_exec(conn, NULL, of_turn[i], RCD_BIND(rcd_i64(tenant), rcd_i64(turn_id)), err) != 0)
			return -1;
	return 0;
}

static int read_turns(struct rcd_conn *conn, const struct rcd_forget *what, struct rcd_rows *rows,
                      struct rcd_err *err)
{
	static const char get[] = "SELECT t.id" CONTACTS_TURNS
							  " AND t.started_ms <= $3 AND " RCD_TURN_IS_SMS("t");
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get,
	          RCD_BIND(rcd_i64(what->tenant), rcd_i64(what->contact_id), rcd_i64(what->until_ms)),
	          err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		int64_t *id = rcd_rows_add(rows);

		if (id == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		*id = rcd_q_i64(&q, 0);
	}
	rcd_q_end(&q);
	return row;
}

int rcd_sms_past_forget(struct rcd_conn *conn, const struct rcd_forget *what, struct rcd_err *err)
{
	struct rcd_rows rows;
	void *all = NULL;
	size_t n = 0;
	int ret;

	rcd_rows_init(&rows, sizeof(int64_t));
	if (read_turns(conn, what, &rows, err) != 0) {
		rcd_rows_free(&rows);
		return -1;
	}
	ret = rcd_rows_take(&rows, NULL, 0, &all, &n, err);
	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = forget_turn(conn, what->tenant, ((const int64_t *)all)[i], err);
	free(all);
	return ret;
}
