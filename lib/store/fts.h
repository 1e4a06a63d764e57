#ifndef RCD_STORE_FTS_H
#define RCD_STORE_FTS_H

#include "base/buf.h"
#include "store/db.h"

/* Full text is where engines differ most: the statement that searches and the language its
 * query is written in. Parameters: $1 tenant, $2 query, $3 how many rows. Columns: source,
 * heading, text, score (larger is better). */
extern const char rcd_fts_search[];

/* The query for passages that hold any of the words; long words also as the beginning of
 * a longer one. A word that the engine could take for syntax is made harmless. */
void rcd_fts_query(const struct rcd_sv *words, size_t n, struct rcd_buf *out);

#endif
