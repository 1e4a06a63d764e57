/* Passages by what they hold and by their ids. */
#include "store/passage.h"

#include "store/driver.h"
#include "store/fts.h"
#include "store/rows.h"

#include <stddef.h>
#include <stdlib.h>

#define MAX_QUERY (16 * 1024)

struct find {
	int64_t tenant;
	const struct rcd_sv *stem;
	size_t n_stems;
	int64_t max;
	const int64_t *id; /* instead of stems */
	size_t n_ids;
	struct rcd_rows rows;
};

/* All rows of a statement with the columns of struct rcd_fts' search. */
static int collect_rows(struct rcd_q *q, struct rcd_rows *rows, struct rcd_err *err)
{
	int row;

	while ((row = rcd_q_step(q, err)) == 1) {
		struct rcd_passage *p = rcd_rows_add(rows);

		if (p == NULL)
			return rcd_fail_nomem(err);
		p->id = rcd_q_i64(q, 0);
		p->source = rcd_rows_text(rows, rcd_q_sv(q, 1));
		p->heading = rcd_rows_text(rows, rcd_q_sv(q, 2));
		p->text = rcd_rows_text(rows, rcd_q_sv(q, 3));
		p->stems = rcd_rows_text(rows, rcd_q_sv(q, 4));
		p->page = rcd_q_i64(q, 5);
		p->score = rcd_q_double(q, 6);
	}
	return row;
}

static int find_by_id(struct rcd_conn *conn, struct find *f, int64_t id, struct rcd_err *err)
{
	static const char get[] =
		"SELECT p.id, s.name, p.heading, p.text, p.stems, p.page,"
		" CAST(0 AS DOUBLE PRECISION) FROM passage p JOIN source s ON s.id = p.source_id"
		" WHERE p.id = $1 AND p.tenant_id = $2 AND s.tenant_id = $2";
	struct rcd_q q;
	int ret;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(id), rcd_i64(f->tenant)), err) != 0)
		return -1;
	ret = collect_rows(&q, &f->rows, err);
	rcd_q_end(&q);
	return ret;
}

static int search_passages(struct rcd_conn *conn, struct find *f, struct rcd_sv query,
                           struct rcd_err *err)
{
	struct rcd_q q;
	int ret;

	if (rcd_q(&q, conn, conn->engine->fts->search,
	          RCD_BIND(rcd_i64(f->tenant), rcd_text(query), rcd_i64(f->max)), err) != 0)
		return -1;
	ret = collect_rows(&q, &f->rows, err);
	rcd_q_end(&q);
	return ret;
}

static int find_by_stems(struct rcd_conn *conn, struct find *f, struct rcd_err *err)
{
	struct rcd_buf query;
	int ret = 0;

	rcd_buf_init(&query, MAX_QUERY);
	conn->engine->fts->query(f->stem, f->n_stems, &query);
	if (query.over)
		ret = rcd_fail(err, RCD_LIMIT, 0, "search: too many words");
	else if (query.bad)
		ret = rcd_fail_nomem(err);
	else if (query.n > 0)
		ret = search_passages(conn, f, rcd_buf_view(&query), err);
	rcd_buf_free(&query);
	return ret;
}

static int find_passages(struct rcd_conn *conn, struct find *f, struct rcd_err *err)
{
	if (f->id == NULL)
		return find_by_stems(conn, f, err);
	for (size_t i = 0; i < f->n_ids; i++)
		if (find_by_id(conn, f, f->id[i], err) != 0)
			return -1;
	return 0;
}

static int read_passages(struct rcd_db *db, struct find *f, struct rcd_passage **rows, size_t *n,
                         struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_passage, source),
	                              offsetof(struct rcd_passage, heading),
	                              offsetof(struct rcd_passage, text),
	                              offsetof(struct rcd_passage, stems)};
	void *all;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&f->rows, sizeof(struct rcd_passage));
	while (rcd_read_attempt(&read, err))
		read.ret = find_passages(read.conn, f, err);
	if (read.ret != 0) {
		rcd_rows_free(&f->rows);
		return -1;
	}
	if (rcd_rows_take(&f->rows, text, 4, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}

int rcd_passage_search(struct rcd_db *db, int64_t tenant, const struct rcd_sv *stems,
                       size_t n_stems, int max, struct rcd_passage **rows, size_t *n,
                       struct rcd_err *err)
{
	struct find f = {.tenant = tenant, .stem = stems, .n_stems = n_stems, .max = max > 0 ? max : 0};

	return read_passages(db, &f, rows, n, err);
}

int rcd_passage_get(struct rcd_db *db, int64_t tenant, const int64_t *id, size_t n_ids,
                    struct rcd_passage **rows, size_t *n, struct rcd_err *err)
{
	struct find f = {.tenant = tenant, .id = id, .n_ids = n_ids};

	return read_passages(db, &f, rows, n, err);
}

void rcd_passages_free(struct rcd_passage *rows, size_t n)
{
	(void)n;
	free(rows);
}
