/* Full text by SQLite's FTS5 (SQL text only; sqlite3.h is not needed). */
#include "store/fts.h"

#define PREFIX_FROM 4 /* letters: shorter beginnings hit too much */

/* The index keeps no copy of the text, so it must be told what leaves. Not by triggers: this
 * FTS5 counts as unsafe inside a schema that is not trusted, and ours is not. */
static int add(struct rcd_conn *conn, int64_t id, struct rcd_sv heading, struct rcd_sv text,
               struct rcd_err *err)
{
	static const char insert[] = "INSERT INTO passage_fts(rowid, heading, text) VALUES($1, $2, $3)";

	return rcd_exec(conn, NULL, insert, err, "ivv", id, heading, text);
}

static int drop(struct rcd_conn *conn, int64_t tenant, const char *source, struct rcd_err *err)
{
	static const char del[] =
		"INSERT INTO passage_fts(passage_fts, rowid, heading, text)"
		" SELECT 'delete', p.id, p.heading, p.text FROM passage p JOIN source s ON s.id = p.source_id"
		" WHERE s.tenant_id = $1 AND p.tenant_id = $1 AND s.name = $2";

	return rcd_exec(conn, NULL, del, err, "is", tenant, source);
}

/* bm25() is smaller for better; a word in the heading weighs twice. */
static const char search[] =
	"SELECT s.name, p.heading, p.text, -bm25(passage_fts, 2.0, 1.0) FROM passage_fts"
	" JOIN passage p ON p.id = passage_fts.rowid JOIN source s ON s.id = p.source_id"
	" WHERE passage_fts MATCH $2 AND p.tenant_id = $1 AND s.tenant_id = $1"
	" ORDER BY bm25(passage_fts, 2.0, 1.0) LIMIT $3";

static void query(const struct rcd_sv *words, size_t n, struct rcd_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (words[i].n == 0)
			continue;
		rcd_buf_str(out, out->n > 0 ? " OR \"" : "\"");
		for (size_t k = 0; k < words[i].n; k++)
			rcd_buf_ch(out, words[i].p[k] == '"' || words[i].p[k] == '\0' ? ' ' : words[i].p[k]);
		rcd_buf_ch(out, '"');
		if (rcd_utf8_count(words[i]) >= PREFIX_FROM)
			rcd_buf_ch(out, '*');
	}
}

const struct rcd_fts rcd_fts_sqlite = {.add = add, .remove = drop, .search = search, .query = query};
