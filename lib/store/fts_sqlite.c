/* Full text by SQLite's FTS5 (SQL text only; sqlite3.h is not needed). */
#include "store/fts.h"

#define PREFIX_FROM 5 /* letters: shorter beginnings hit too much */

/* bm25() is smaller for better; a word in the heading weighs twice. */
const char rcd_fts_search[] =
	"SELECT s.name, p.heading, p.text, -bm25(passage_fts, 2.0, 1.0) FROM passage_fts"
	" JOIN passage p ON p.id = passage_fts.rowid JOIN source s ON s.id = p.source_id"
	" WHERE passage_fts MATCH $2 AND p.tenant_id = $1 AND s.tenant_id = $1"
	" ORDER BY bm25(passage_fts, 2.0, 1.0) LIMIT $3";

void rcd_fts_query(const struct rcd_sv *words, size_t n, struct rcd_buf *out)
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
