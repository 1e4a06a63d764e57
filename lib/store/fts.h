#ifndef RCD_STORE_FTS_H
#define RCD_STORE_FTS_H

#include "base/buf.h"
#include "store/db.h"

/* Full text is where engines differ most: how passages get into the index, the statement
 * that searches, and the language its query is written in. */
struct rcd_fts {
	/* Inside a write: one new passage (folded: the words of heading and text as the search
	 * compares them); all passages of a source, before their rows go. */
	int (*add)(struct rcd_conn *conn, int64_t id, struct rcd_sv heading, struct rcd_sv text,
	           struct rcd_err *err);
	int (*remove)(struct rcd_conn *conn, int64_t tenant, const char *source, struct rcd_err *err);

	/* Parameters: $1 tenant, $2 query, $3 how many rows. Columns: source, heading, text, score
	 * (larger is better). */
	const char *search;

	/* The query for passages that hold any of the words; long words also as the beginning of
	 * a longer one. A word that the engine could take for syntax is made harmless. */
	void (*query)(const struct rcd_sv *words, size_t n, struct rcd_buf *out);
};

extern const struct rcd_fts rcd_fts_sqlite, rcd_fts_pg;

#endif
