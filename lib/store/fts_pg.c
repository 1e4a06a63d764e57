/* Full text by PostgreSQL's tsvector (SQL text only; libpq-fe.h is not needed). The index has
 * the folded words as they are (weight B in the heading, C in the text), whose beginnings are
 * looked for as FTS5 does, and their Portuguese stems (A, D) for forms that share no beginning.
 * Which passage is best is bm25 as FTS5 counts it: ts_rank knows nothing of how rare a word is. */
#include "store/fts.h"

#include "base/fold.h"

#define PREFIX_FROM 4 /* letters: shorter beginnings hit too much */
#define MAX_FOLDED ((size_t)16 * 1024 * 1024)

/* Nothing but words is left, so that the engine's parser sees no host names, paths or signed
 * numbers where FTS5 sees words. */
static int words_of(struct rcd_sv text, struct rcd_buf *out, struct rcd_err *err)
{
	if (rcd_fold(text, out, err) != 0)
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		unsigned char c = (unsigned char)out->p[i];

		if (c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
			out->p[i] = ' ';
	}
	return 0;
}

static int insert(struct rcd_conn *conn, int64_t id, struct rcd_sv heading, struct rcd_sv text,
                  struct rcd_err *err)
{
	static const char sql[] =
		"INSERT INTO passage_fts(id, words, tokens) SELECT $1, v, (SELECT coalesce(sum("
		"  cardinality(array_positions(u.weights, 'B')) + cardinality(array_positions(u.weights, 'C'))), 0)"
		"  FROM unnest(v) AS u)"
		" FROM (SELECT setweight(to_tsvector('simple', $2), 'B') || setweight(to_tsvector('simple', $3), 'C')"
		" || setweight(to_tsvector('portuguese', $2), 'A') || setweight(to_tsvector('portuguese', $3), 'D') AS v)"
		" AS x";

	return rcd_exec(conn, NULL, sql, err, "ivv", id, heading, text);
}

static int add(struct rcd_conn *conn, int64_t id, struct rcd_sv heading, struct rcd_sv text,
               struct rcd_err *err)
{
	struct rcd_buf h, t;
	int ret = -1;

	rcd_buf_init(&h, MAX_FOLDED);
	rcd_buf_init(&t, MAX_FOLDED);
	if (words_of(heading, &h, err) == 0 && words_of(text, &t, err) == 0)
		ret = insert(conn, id, h.n > 0 ? rcd_buf_view(&h) : RCD_SV(""), t.n > 0 ? rcd_buf_view(&t) : RCD_SV(""),
		             err);
	rcd_buf_free(&h);
	rcd_buf_free(&t);
	return ret;
}

/* The rows go with their passages (ON DELETE CASCADE). */
static int drop(struct rcd_conn *conn, int64_t tenant, const char *source, struct rcd_err *err)
{
	(void)conn;
	(void)tenant;
	(void)source;
	(void)err;
	return 0;
}

/* q: a word, whether longer ones count too, its stem, and what finds it in the index.
 * hit: how often a passage holds it, the heading twice. */
static const char search[] =
	"WITH q AS MATERIALIZED (SELECT w, longer, (ts_lexize('portuguese_stem', w))[1] AS stem,"
	"  to_tsquery('simple', chr(39) || w || chr(39) || CASE WHEN longer THEN ':*' ELSE '' END)"
	"   || to_tsquery('portuguese', chr(39) || w || chr(39)) AS sought"
	"  FROM (SELECT rtrim(x, '*') AS w, right(x, 1) = '*' AS longer"
	"   FROM unnest(string_to_array($2, chr(10))) AS x) AS y),"
	" found AS MATERIALIZED (SELECT q.w, f.id, f.tokens,"
	"   sum(CASE WHEN u.lexeme = q.w OR (q.longer AND starts_with(u.lexeme, q.w)) THEN"
	"    2 * cardinality(array_positions(u.weights, 'B')) + cardinality(array_positions(u.weights, 'C'))"
	"    ELSE 0 END) AS words,"
	"   sum(CASE WHEN u.lexeme = q.stem THEN"
	"    2 * cardinality(array_positions(u.weights, 'A')) + cardinality(array_positions(u.weights, 'D'))"
	"    ELSE 0 END) AS stems"
	"  FROM q JOIN passage_fts f ON f.words @@ q.sought JOIN passage p ON p.id = f.id AND p.tenant_id = $1"
	"  CROSS JOIN LATERAL unnest(f.words) AS u GROUP BY q.w, f.id),"
	" hit AS (SELECT w, id, tokens, greatest(words, stems) AS n FROM found),"
	" rare AS (SELECT w, count(*) AS n FROM hit GROUP BY w),"
	" whole AS (SELECT count(*) AS n, avg(f.tokens) AS tokens FROM passage_fts f"
	"  JOIN passage p ON p.id = f.id WHERE p.tenant_id = $1),"
	" best AS (SELECT hit.id, sum(greatest(ln((whole.n - rare.n + 0.5) / (rare.n + 0.5)), 0.000001)"
	"   * hit.n * 2.2 / (hit.n + 1.2 * (0.25 + 0.75 * hit.tokens / whole.tokens))) AS score"
	"  FROM hit JOIN rare ON rare.w = hit.w CROSS JOIN whole GROUP BY hit.id ORDER BY 2 DESC, 1 LIMIT $3)"
	" SELECT s.name, p.heading, p.text, CAST(best.score AS DOUBLE PRECISION) FROM best"
	" JOIN passage p ON p.id = best.id JOIN source s ON s.id = p.source_id"
	" WHERE p.tenant_id = $1 AND s.tenant_id = $1 ORDER BY best.score DESC, p.id";

/* One word a line, a star behind it where longer ones count. */
static void query(const struct rcd_sv *words, size_t n, struct rcd_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (words[i].n == 0)
			continue;
		if (out->n > 0)
			rcd_buf_ch(out, '\n');
		for (size_t k = 0; k < words[i].n; k++) {
			char c = words[i].p[k];

			rcd_buf_ch(out, c == '\'' || c == '\\' || c == '*' || (unsigned char)c < ' ' ? ' ' : c);
		}
		if (rcd_utf8_count(words[i]) >= PREFIX_FROM)
			rcd_buf_ch(out, '*');
	}
}

const struct rcd_fts rcd_fts_pg = {.add = add, .remove = drop, .search = search, .query = query};
