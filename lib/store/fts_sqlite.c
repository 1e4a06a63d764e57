/* Full text by SQLite's FTS5 (SQL text only; sqlite3.h is not needed). */
#include "store/fts.h"

/* The index keeps no copy of the text, so it must be told what leaves. Not by triggers: this
 * FTS5 counts as unsafe inside a schema that is not trusted, and ours is not. */
static int add(struct rcd_conn *conn, int64_t id, struct rcd_sv stems, struct rcd_err *err)
{
	static const char insert[] = "INSERT INTO passage_fts(rowid, stems) VALUES($1, $2)";

	return rcd_exec(conn, NULL, insert, err, "iv", id, stems);
}

static int drop(struct rcd_conn *conn, int64_t id, struct rcd_err *err)
{
	static const char del[] = "INSERT INTO passage_fts(passage_fts, rowid, stems)"
		" SELECT 'delete', id, stems FROM passage WHERE id = $1";

	return rcd_exec(conn, NULL, del, err, "i", id);
}

/* rank is bm25(), smaller for better. The index gives its rows in that order, the older of
 * equals first, and only those that are taken are looked up among the passages. */
static const char search[] =
	"SELECT p.id, s.name, p.heading, p.text, p.stems, p.page, -passage_fts.rank FROM passage_fts"
	" CROSS JOIN passage p ON p.id = passage_fts.rowid CROSS JOIN source s ON s.id = p.source_id"
	" WHERE passage_fts MATCH $2 AND p.tenant_id = $1 AND s.tenant_id = $1 ORDER BY rank LIMIT $3";

static void query(const struct rcd_sv *stems, size_t n, struct rcd_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (stems[i].n == 0)
			continue;
		rcd_buf_str(out, out->n > 0 ? " OR \"" : "\"");
		for (size_t k = 0; k < stems[i].n; k++)
			rcd_buf_ch(out, stems[i].p[k] == '"' || stems[i].p[k] == '\0' ? ' ' : stems[i].p[k]);
		rcd_buf_ch(out, '"');
	}
}

const struct rcd_fts rcd_fts_sqlite = {.add = add, .remove = drop, .search = search, .query = query};
