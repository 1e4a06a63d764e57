#include "store/embedding.h"

#include "base/clock.h"
#include "store/driver.h"
#include "store/knowledge_row.h"
#include "store/rows.h"

#include <stddef.h>
#include <stdlib.h>

/* --- what is missing ------------------------------------------------------------------- */

struct missing {
	const struct rcd_embedding_kind *kind;
	int64_t after, max;
	size_t max_bytes;
	struct rcd_rows rows;
};

static int list_missing(struct rcd_conn *conn, struct missing *m, struct rcd_err *err)
{
	static const char get[] =
		"SELECT p.id, p.heading, p.text FROM passage p WHERE p.tenant_id = $1"
		" AND p.id > $5 AND NOT EXISTS (SELECT 1 FROM embedding e WHERE e.passage_id = p.id AND "
		"e.model = $2"
		" AND e.dimensions = $3) ORDER BY p.id LIMIT $4";
	size_t bytes = 0;
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get,
	          RCD_BIND(rcd_i64(m->kind->tenant), rcd_str(m->kind->model),
	                   rcd_i64(m->kind->dimensions), rcd_i64(m->max), rcd_i64(m->after)),
	          err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_sv heading = rcd_q_sv(&q, 1), text = rcd_q_sv(&q, 2);
		struct rcd_unembedded *u;

		bytes += heading.n + text.n;
		if (m->rows.n > 0 && bytes > m->max_bytes) {
			row = 0;
			break;
		}
		u = rcd_rows_add(&m->rows);
		if (u == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		u->id = rcd_q_i64(&q, 0);
		u->heading = rcd_rows_text(&m->rows, heading);
		u->text = rcd_rows_text(&m->rows, text);
	}
	rcd_q_end(&q);
	return row;
}

int rcd_embedding_missing(struct rcd_db *db, const struct rcd_embedding_kind *kind, int64_t after,
                          int max, size_t max_bytes, struct rcd_unembedded **rows, size_t *n,
                          struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_unembedded, heading),
	                              offsetof(struct rcd_unembedded, text)};
	struct missing m = {.kind = kind, .after = after, .max = max, .max_bytes = max_bytes};
	void *all;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&m.rows, sizeof(struct rcd_unembedded));
	while (rcd_read_attempt(&read, err))
		read.ret = list_missing(read.conn, &m, err);
	if (read.ret != 0) {
		rcd_rows_free(&m.rows);
		return -1;
	}
	if (rcd_rows_take(&m.rows, text, 2, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}

void rcd_unembedded_free(struct rcd_unembedded *rows, size_t n)
{
	(void)n;
	free(rows);
}

/* --- putting ----------------------------------------------------------------------------- */

struct put {
	const struct rcd_embedding_kind *kind;
	const struct rcd_embedding *e;
	size_t n;
};

static int put_embeddings(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO embedding(passage_id, model, dimensions, tenant_id, made_ms, scale, bits, "
		"codes)"
		" SELECT p.id, $2, $3, p.tenant_id, $5, $6, $7, $8 FROM passage p WHERE p.id = $1 AND "
		"p.tenant_id = $4"
		" ON CONFLICT(passage_id, model, dimensions) DO UPDATE SET made_ms = excluded.made_ms,"
		" scale = excluded.scale, bits = excluded.bits, codes = excluded.codes";
	const struct put *p = arg;
	int64_t now = rcd_now_ms();

	if (rcd_knowledge_changed(conn, p->kind->tenant, err) != 0)
		return -1;
	for (size_t i = 0; i < p->n; i++)
		if (rcd_exec(conn, NULL, add,
		             RCD_BIND(rcd_i64(p->e[i].passage_id), rcd_str(p->kind->model),
		                      rcd_i64(p->kind->dimensions), rcd_i64(p->kind->tenant), rcd_i64(now),
		                      rcd_double(p->e[i].scale), rcd_bytes(p->e[i].bits),
		                      rcd_bytes(p->e[i].codes)),
		             err) != 0)
			return -1;
	return 0;
}

int rcd_embedding_put(struct rcd_db *db, const struct rcd_embedding_kind *kind,
                      const struct rcd_embedding *e, size_t n, struct rcd_err *err)
{
	struct put p = {.kind = kind, .e = e, .n = n};

	return rcd_db_write(db, put_embeddings, &p, err);
}

/* --- reading ----------------------------------------------------------------------------- */

struct each {
	const struct rcd_embedding_kind *kind;
	rcd_embedding_begin_fn *begin;
	rcd_embedding_fn *each;
	void *arg;
};

static int count_kind(struct rcd_conn *conn, const struct rcd_embedding_kind *kind, int64_t *n,
                      struct rcd_err *err)
{
	static const char get[] = "SELECT count(*) FROM embedding WHERE tenant_id = $1 AND model = $2"
							  " AND dimensions = $3";

	return rcd_get_i64(conn, n, get,
	                   RCD_BIND(rcd_i64(kind->tenant), rcd_str(kind->model),
	                            rcd_i64(kind->dimensions)),
	                   err);
}

static int read_pages(struct rcd_conn *conn, const struct each *a, struct rcd_err *err)
{
	static const char version[] =
		"SELECT coalesce((SELECT version FROM knowledge WHERE tenant_id = $1), 0)";
	static const char get[] =
		"SELECT passage_id, scale, bits, codes FROM embedding"
		" WHERE tenant_id = $1 AND model = $2 AND dimensions = $3 AND passage_id > $4"
		" ORDER BY passage_id LIMIT 1000";
	const struct rcd_embedding_kind *kind = a->kind;
	struct rcd_embedding e = {.passage_id = INT64_MIN};
	int64_t now, rows, read = 0;
	int row = 0;

	if (rcd_get_i64(conn, &now, version, RCD_BIND(rcd_i64(kind->tenant)), err) != 0 ||
	    count_kind(conn, kind, &rows, err) != 0 || a->begin(a->arg, now, rows, err) != 0)
		return -1;
	while (row == 0 && read < rows) { /* in pages: an engine may hold a whole result in memory */
		struct rcd_q q;

		if (rcd_q(&q, conn, get,
		          RCD_BIND(rcd_i64(kind->tenant), rcd_str(kind->model), rcd_i64(kind->dimensions),
		                   rcd_i64(e.passage_id)),
		          err) != 0)
			return -1;
		while ((row = rcd_q_step(&q, err)) == 1) {
			e = (struct rcd_embedding){rcd_q_i64(&q, 0), rcd_q_double(&q, 1), rcd_q_sv(&q, 2),
			                           rcd_q_sv(&q, 3)};
			read++;
			if (a->each(a->arg, &e, err) != 0) {
				row = -1;
				break;
			}
		}
		rcd_q_end(&q);
	}
	return row;
}

int rcd_embedding_each(struct rcd_db *db, const struct rcd_embedding_kind *kind,
                       rcd_embedding_begin_fn *begin, rcd_embedding_fn *fn, void *arg,
                       struct rcd_err *err)
{
	struct each a = {.kind = kind, .begin = begin, .each = fn, .arg = arg};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = read_pages(read.conn, &a, err);
	return read.ret;
}

/* --- forgetting -------------------------------------------------------------------------- */

struct forget {
	const struct rcd_embedding_kind *kind;
	int64_t before_ms;
};

static int delete_older(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char gone[] = "DELETE FROM embedding WHERE tenant_id = $1 AND made_ms < $4"
							   " AND (model <> $2 OR dimensions <> $3)";
	const struct forget *f = arg;

	return rcd_exec(conn, NULL, gone,
	                RCD_BIND(rcd_i64(f->kind->tenant), rcd_str(f->kind->model),
	                         rcd_i64(f->kind->dimensions), rcd_i64(f->before_ms)),
	                err);
}

int rcd_embedding_forget_others(struct rcd_db *db, const struct rcd_embedding_kind *kind,
                                int64_t before_ms, struct rcd_err *err)
{
	struct forget f = {.kind = kind, .before_ms = before_ms};

	return rcd_db_write(db, delete_older, &f, err);
}
