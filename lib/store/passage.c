#include "store/passage.h"

#include "base/clock.h"
#include "store/driver.h"
#include "store/fts.h"
#include "store/rows.h"

#include <stddef.h>
#include <stdlib.h>

#define MAX_QUERY (16 * 1024)

/* --- sources -------------------------------------------------------------------------- */

struct list {
	int64_t tenant;
	struct rcd_rows rows;
};

static int list(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char get[] = "SELECT name, size, mtime_ns FROM source WHERE tenant_id = $1 ORDER BY name";
	struct list *l = arg;
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, err, "i", l->tenant) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_source *s = rcd_rows_add(&l->rows);

		if (s == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		s->name = rcd_rows_text(&l->rows, rcd_q_sv(&q, 0));
		s->size = rcd_q_i64(&q, 1);
		s->mtime_ns = rcd_q_i64(&q, 2);
	}
	rcd_q_end(&q);
	return row;
}

int rcd_source_list(struct rcd_db *db, int64_t tenant, struct rcd_source **rows, size_t *n,
                    struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_source, name)};
	struct list l = {.tenant = tenant};
	void *all;

	rcd_rows_init(&l.rows, sizeof(struct rcd_source));
	if (rcd_db_read(db, list, &l, err) != 0) {
		rcd_rows_free(&l.rows);
		return -1;
	}
	if (rcd_rows_take(&l.rows, text, 1, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}

void rcd_sources_free(struct rcd_source *rows, size_t n)
{
	(void)n;
	free(rows);
}

struct replace {
	int64_t tenant;
	const struct rcd_source *src;
	const struct rcd_passage_in *p;
	size_t n;
};

/* Also keeps out another process that replaces the same source now: it waits here. */
static int put_source(struct rcd_conn *conn, const struct replace *r, int64_t *id, struct rcd_err *err)
{
	static const char put[] = "INSERT INTO source(id, tenant_id, name, size, mtime_ns)"
		" VALUES($1, $2, $3, $4, $5) ON CONFLICT(tenant_id, name) DO UPDATE"
		" SET size = excluded.size, mtime_ns = excluded.mtime_ns RETURNING id";

	return rcd_get_i64(conn, id, put, err, "iisii", rcd_id_new(), r->tenant, r->src->name, r->src->size,
	                   r->src->mtime_ns);
}

static int remove_passages(struct rcd_conn *conn, const struct replace *r, int64_t source,
                           struct rcd_err *err)
{
	static const char passages[] = "DELETE FROM passage WHERE tenant_id = $1 AND source_id = $2";

	if (conn->engine->fts->remove(conn, r->tenant, r->src->name, err) != 0)
		return -1;
	return rcd_exec(conn, NULL, passages, err, "ii", r->tenant, source);
}

static int add_passage(struct rcd_conn *conn, int64_t tenant, int64_t source,
                       const struct rcd_passage_in *p, struct rcd_err *err)
{
	static const char add[] = "INSERT INTO passage(id, tenant_id, source_id, heading, text)"
		" VALUES($1, $2, $3, $4, $5)";
	struct rcd_sv heading = p->heading.p != NULL ? p->heading : RCD_SV("");
	int64_t id = rcd_id_new();

	if (rcd_exec(conn, NULL, add, err, "iiivv", id, tenant, source, heading, p->text) != 0)
		return -1;
	return conn->engine->fts->add(conn, id, heading, p->text, err);
}

static int replace(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char gone[] = "DELETE FROM source WHERE tenant_id = $1 AND id = $2";
	const struct replace *r = arg;
	int64_t id;

	if (put_source(conn, r, &id, err) != 0 || remove_passages(conn, r, id, err) != 0)
		return -1;
	if (r->n == 0)
		return rcd_exec(conn, NULL, gone, err, "ii", r->tenant, id);
	for (size_t i = 0; i < r->n; i++)
		if (add_passage(conn, r->tenant, id, &r->p[i], err) != 0)
			return -1;
	return 0;
}

int rcd_source_replace(struct rcd_db *db, int64_t tenant, const struct rcd_source *src,
                       const struct rcd_passage_in *p, size_t n, struct rcd_err *err)
{
	struct replace r = {.tenant = tenant, .src = src, .p = p, .n = n};

	return rcd_db_write(db, replace, &r, err);
}

/* --- search --------------------------------------------------------------------------- */

struct search {
	int64_t tenant;
	const struct rcd_sv *word;
	size_t n_words;
	int max;
	struct rcd_rows rows;
};

static int find(struct rcd_conn *conn, struct search *s, struct rcd_sv query, struct rcd_err *err)
{
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, conn->engine->fts->search, err, "ivi", s->tenant, query, (int64_t)s->max) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_passage *p = rcd_rows_add(&s->rows);

		if (p == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		p->source = rcd_rows_text(&s->rows, rcd_q_sv(&q, 0));
		p->heading = rcd_rows_text(&s->rows, rcd_q_sv(&q, 1));
		p->text = rcd_rows_text(&s->rows, rcd_q_sv(&q, 2));
		p->score = rcd_q_double(&q, 3);
	}
	rcd_q_end(&q);
	return row;
}

static int search(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct search *s = arg;
	struct rcd_buf query;
	int ret = 0;

	rcd_buf_init(&query, MAX_QUERY);
	conn->engine->fts->query(s->word, s->n_words, &query);
	if (query.over)
		ret = rcd_fail(err, RCD_LIMIT, 0, "search: too many words");
	else if (query.bad)
		ret = rcd_fail_nomem(err);
	else if (query.n > 0)
		ret = find(conn, s, rcd_buf_view(&query), err);
	rcd_buf_free(&query);
	return ret;
}

int rcd_passage_search(struct rcd_db *db, int64_t tenant, const struct rcd_sv *words, size_t n_words,
                       int max, struct rcd_passage **rows, size_t *n, struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_passage, source),
	                              offsetof(struct rcd_passage, heading),
	                              offsetof(struct rcd_passage, text)};
	struct search s = {.tenant = tenant, .word = words, .n_words = n_words, .max = max > 0 ? max : 0};
	void *all;

	rcd_rows_init(&s.rows, sizeof(struct rcd_passage));
	if (rcd_db_read(db, search, &s, err) != 0) {
		rcd_rows_free(&s.rows);
		return -1;
	}
	if (rcd_rows_take(&s.rows, text, 3, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}

void rcd_passages_free(struct rcd_passage *rows, size_t n)
{
	(void)n;
	free(rows);
}
