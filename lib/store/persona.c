#include "store/persona.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "store/rows.h"

#include <stddef.h>
#include <stdlib.h>

struct ask {
	int64_t tenant, id;
	struct rcd_sv name, text;
	char hash[RCD_PERSONA_HASH];
	bool newest, fresh;
	struct rcd_buf *out;
	struct rcd_rows rows;
};

static int find_known(struct rcd_conn *conn, struct ask *a, struct rcd_err *err)
{
	static const char get[] =
		"SELECT id, NOT EXISTS(SELECT 1 FROM persona_version n WHERE n.tenant_id = $1"
		" AND n.name = $2 AND n.imported_ms > p.imported_ms) FROM persona_version p"
		" WHERE p.tenant_id = $1 AND p.name = $2 AND p.hash = $3";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(a->tenant), rcd_text(a->name), rcd_str(a->hash)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		a->id = rcd_q_i64(&q, 0);
		a->newest = rcd_q_i64(&q, 1) != 0;
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

/* Another process may bring the same text at this moment. Times of import give the order of the
 * versions, so no two are the same. */
static int put_version(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO persona_version(id, tenant_id, name, hash, text, imported_ms)"
		" VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(tenant_id, name, hash)"
		" DO UPDATE SET imported_ms = excluded.imported_ms RETURNING id";
	static const char last[] =
		"SELECT coalesce(max(imported_ms), 0) FROM persona_version WHERE tenant_id = $1"
		" AND name = $2";
	struct ask *a = arg;
	const int64_t id = rcd_id_new(), now = rcd_now_ms();
	int64_t before;

	if (rcd_get_i64(conn, &before, last, RCD_BIND(rcd_i64(a->tenant), rcd_text(a->name)), err) !=
	        0 ||
	    rcd_get_i64(conn, &a->id, add,
	                RCD_BIND(rcd_i64(id), rcd_i64(a->tenant), rcd_text(a->name), rcd_str(a->hash),
	                         rcd_text(a->text), rcd_i64(now > before ? now : before + 1)),
	                err) != 0)
		return -1;
	a->fresh = a->id == id;
	return 0;
}

int rcd_persona_hash(struct rcd_sv text, char out[RCD_PERSONA_HASH], struct rcd_err *err)
{
	uint8_t digest[RCD_SHA256_N];

	if (rcd_sha256(text, digest) != 0)
		return rcd_fail_nomem(err);
	rcd_hex(digest, sizeof(digest), out);
	return 0;
}

int rcd_persona_put(struct rcd_db *db, int64_t tenant, struct rcd_sv name, struct rcd_sv text,
                    int64_t *id, bool *fresh, struct rcd_err *err)
{
	struct ask a = {.tenant = tenant, .name = name, .text = text};
	struct rcd_read read = {.db = db};

	if (rcd_persona_hash(text, a.hash, err) != 0)
		return -1;
	while (rcd_read_attempt(&read, err))
		read.ret = find_known(read.conn, &a, err);
	if (read.ret != 0 || (!a.newest && rcd_db_write(db, put_version, &a, err) != 0))
		return -1;
	*id = a.id;
	*fresh = a.fresh;
	return 0;
}

static int find_newest(struct rcd_conn *conn, struct ask *a, struct rcd_err *err)
{
	static const char get[] =
		"SELECT id, text FROM persona_version WHERE tenant_id = $1 AND name = $2"
		" ORDER BY imported_ms DESC, id DESC LIMIT 1";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(a->tenant), rcd_text(a->name)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		a->id = rcd_q_i64(&q, 0);
		rcd_buf_sv(a->out, rcd_q_sv(&q, 1));
	}
	rcd_q_end(&q);
	if (row >= 0 && a->out->bad)
		return rcd_fail_nomem(err);
	return row < 0 ? -1 : 0;
}

int rcd_persona_newest(struct rcd_db *db, int64_t tenant, struct rcd_sv name, int64_t *id,
                       struct rcd_buf *text, struct rcd_err *err)
{
	struct ask a = {.tenant = tenant, .name = name, .out = text};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = find_newest(read.conn, &a, err);
	if (read.ret != 0)
		return -1;
	*id = a.id;
	return 0;
}

static int list_versions(struct rcd_conn *conn, struct ask *a, struct rcd_err *err)
{
	static const char get[] =
		"SELECT p.id, p.imported_ms, p.name, p.hash, p.text,"
		" (SELECT count(*) FROM turn t WHERE t.tenant_id = $1 AND t.persona_id = p.id)"
		" FROM persona_version p WHERE p.tenant_id = $1 AND p.name = $2"
		" ORDER BY p.imported_ms DESC, p.id DESC";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(a->tenant), rcd_text(a->name)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_persona_version *v = rcd_rows_add(&a->rows);

		if (v == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		v->id = rcd_q_i64(&q, 0);
		v->imported_ms = rcd_q_i64(&q, 1);
		v->name = rcd_rows_text(&a->rows, rcd_q_sv(&q, 2));
		v->hash = rcd_rows_text(&a->rows, rcd_q_sv(&q, 3));
		v->text = rcd_rows_text(&a->rows, rcd_q_sv(&q, 4));
		v->turns = rcd_q_i64(&q, 5);
	}
	rcd_q_end(&q);
	return row;
}

int rcd_persona_list(struct rcd_db *db, int64_t tenant, struct rcd_sv name,
                     struct rcd_persona_version **rows, size_t *n, struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_persona_version, name),
	                              offsetof(struct rcd_persona_version, hash),
	                              offsetof(struct rcd_persona_version, text)};
	struct ask a = {.tenant = tenant, .name = name};
	void *all;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&a.rows, sizeof(struct rcd_persona_version));
	while (rcd_read_attempt(&read, err))
		read.ret = list_versions(read.conn, &a, err);
	if (read.ret != 0) {
		rcd_rows_free(&a.rows);
		return -1;
	}
	if (rcd_rows_take(&a.rows, text, 3, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}

void rcd_persona_rows_free(struct rcd_persona_version *rows, size_t n)
{
	(void)n;
	free(rows);
}
