#ifndef RCD_KNOWLEDGE_H
#define RCD_KNOWLEDGE_H

#include "store/passage.h"

/* The knowledge folder (Markdown and plain text, sub-folders too) as passages in the store,
 * and the search over them. */

/* Brings the store in line with the folder: files that are new or changed (size or time)
 * are cut into passages by heading and paragraph, files that are gone leave. *changed counts
 * files. A file that is too large or not UTF-8 is left out and counted in *skipped. */
int rcd_knowledge_sync(struct rcd_db *db, int64_t tenant, const char *dir, int *changed,
                       int *skipped, struct rcd_err *err);

/* Best passages for what a person asked, at most max; *n = 0 when nothing passes the floor
 * (a passage must hold enough of the question's content words). Portuguese and English stop
 * words never reach the query; accents and case do not matter. */
int rcd_knowledge_search(struct rcd_db *db, int64_t tenant, struct rcd_sv question, int max,
                         struct rcd_passage **rows, size_t *n, struct rcd_err *err);

#endif
