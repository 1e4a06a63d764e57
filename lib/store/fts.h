#ifndef RCD_STORE_FTS_H
#define RCD_STORE_FTS_H

#include "base/buf.h"
#include "store/db.h"

/* Full text is where engines differ most: how passages get into the index, the statement
 * that searches, and the language its query is written in. What is indexed and looked for are
 * stems (base/stem.h), so both engines find the same. */
struct rcd_fts {
	/* Inside a write: a new passage, and one whose row is about to go. */
	int (*add)(struct rcd_conn *conn, int64_t id, struct rcd_sv stems, struct rcd_err *err);
	int (*remove)(struct rcd_conn *conn, int64_t id, struct rcd_err *err);

	/* Parameters: $1 tenant, $2 query, $3 how many rows. Columns: id, source, heading, text,
	 * stems, page, score (bm25, larger is better); best first, of equals the older. */
	const char *search;

	/* The query for passages that hold any of the stems. One that the engine could take for
	 * syntax is made harmless. */
	void (*query)(const struct rcd_sv *stems, size_t n, struct rcd_buf *out);
};

extern const struct rcd_fts rcd_fts_sqlite, rcd_fts_pg;

#endif
