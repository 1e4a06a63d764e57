/* Full text by SQLite's FTS5 (SQL text only; sqlite3.h is not needed). */
#include "store/fts.h"

/* The index keeps no copy of the text, so it must be told what leaves. Not by triggers: this
 * FTS5 counts as unsafe inside a schema that is not trusted, and ours is not. */
static int add_passage(struct rcd_conn *conn, int64_t id, struct rcd_sv stems, struct rcd_err *err)
{
	static const char insert[] = "INSERT INTO passage_fts(rowid, stems) VALUES($1, $2)";

	return rcd_exec(conn, NULL, insert, RCD_BIND(rcd_i64(id), rcd_text(stems)), err);
}

static int drop_passage(struct rcd_conn *conn, int64_t id, struct rcd_err *err)
{
	static const char del[] = "INSERT INTO passage_fts(passage_fts, rowid, stems)"
							  " SELECT 'delete', id, stems FROM passage WHERE id = $1";

	return rcd_exec(conn, NULL, del, RCD_BIND(rcd_i64(id)), err);
}

/* passage_rank(): db_sqlite_rank.c, smaller for better, the older of equals first. Asked for as a
 * column and not as the table's rank, so that only the best are kept while the others go by (FTS5
 * sorts all of them), and only those are looked up among the passages. The index is one for all
 * tenants: where there are several, others' passages are among the best and leave fewer. */
static const char search[] =
	"SELECT p.id, s.name, p.heading, p.text, p.stems, p.page, -f.score FROM"
	" (SELECT rowid AS id, passage_rank(passage_fts) AS score FROM passage_fts WHERE passage_fts "
	"MATCH $2"
	" ORDER BY score, rowid LIMIT $3) AS f"
	" CROSS JOIN passage p ON p.id = f.id CROSS JOIN source s ON s.id = p.source_id"
	" WHERE p.tenant_id = $1 AND s.tenant_id = $1 ORDER BY f.score, f.id";

static void write_query(const struct rcd_sv *stems, size_t n, struct rcd_buf *out)
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

const struct rcd_fts rcd_fts_sqlite = {.add = add_passage,
                                       .remove = drop_passage,
                                       .search = search,
                                       .query = write_query};
