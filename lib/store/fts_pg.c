/* Full text by PostgreSQL's tsvector (SQL text only; libpq-fe.h is not needed). Which passage is
 * best is bm25 as FTS5 counts it: ts_rank knows nothing of how rare a word is. */
#include "store/fts.h"

static int add_passage(struct rcd_conn *conn, int64_t id, struct rcd_sv stems, struct rcd_err *err)
{
	static const char insert[] =
		"INSERT INTO passage_fts(id, words, tokens)"
		" SELECT $1, v, (SELECT coalesce(sum(cardinality(u.positions)), 0) FROM unnest(v) AS u)"
		" FROM (SELECT to_tsvector('simple', $2) AS v) AS x";

	return rcd_exec(conn, NULL, insert, RCD_BIND(rcd_i64(id), rcd_text(stems)), err);
}

/* The row goes with its passage (ON DELETE CASCADE). */
static int drop_passage(struct rcd_conn *conn, int64_t id, struct rcd_err *err)
{
	(void)conn;
	(void)id;
	(void)err;
	return 0;
}

/* hit: how often a passage holds the word. */
static const char search[] =
	"WITH q AS MATERIALIZED (SELECT w, to_tsquery('simple', chr(39) || w || chr(39)) AS sought"
	"  FROM unnest(string_to_array($2, chr(10))) AS w),"
	" hit AS MATERIALIZED (SELECT q.w, f.id, f.tokens, cardinality(u.positions) AS n"
	"  FROM q JOIN passage_fts f ON f.words @@ q.sought JOIN passage p ON p.id = f.id AND "
	"p.tenant_id = $1"
	"  CROSS JOIN LATERAL unnest(f.words) AS u WHERE u.lexeme = q.w),"
	" rare AS (SELECT w, count(*) AS n FROM hit GROUP BY w),"
	" whole AS (SELECT count(*) AS n, greatest(avg(f.tokens), 1) AS tokens FROM passage_fts f"
	"  JOIN passage p ON p.id = f.id WHERE p.tenant_id = $1),"
	" b AS (SELECT hit.id, CAST(sum(greatest(ln((whole.n - rare.n + 0.5) / (rare.n + 0.5)), "
	"0.000001)"
	"   * hit.n * 2.2 / (hit.n + 1.2 * (0.25 + 0.75 * hit.tokens / whole.tokens))) AS DOUBLE "
	"PRECISION) AS score"
	"  FROM hit JOIN rare ON rare.w = hit.w CROSS JOIN whole GROUP BY hit.id ORDER BY 2 DESC, 1 "
	"LIMIT $3)"
	" SELECT p.id, s.name, p.heading, p.text, p.stems, p.page, b.score FROM b"
	" JOIN passage p ON p.id = b.id JOIN source s ON s.id = p.source_id"
	" WHERE p.tenant_id = $1 AND s.tenant_id = $1 ORDER BY b.score DESC, p.id";

/* One word a line. */
static void write_query(const struct rcd_sv *stems, size_t n, struct rcd_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (stems[i].n == 0)
			continue;
		if (out->n > 0)
			rcd_buf_ch(out, '\n');
		for (size_t k = 0; k < stems[i].n; k++) {
			char c = stems[i].p[k];

			rcd_buf_ch(out, c == '\'' || c == '\\' || (unsigned char)c < ' ' ? ' ' : c);
		}
	}
}

const struct rcd_fts rcd_fts_pg = {.add = add_passage,
                                   .remove = drop_passage,
                                   .search = search,
                                   .query = write_query};
