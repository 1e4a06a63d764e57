#ifndef RCD_PASSAGE_H
#define RCD_PASSAGE_H

#include "store/db.h"

/* The business's knowledge as searchable passages. A source is a file of the knowledge
 * folder; its passages are replaced as a whole. */

struct rcd_source {
	char *name; /* path below the knowledge folder */
	int64_t size, mtime_ns;
};
int rcd_source_list(struct rcd_db *db, int64_t tenant, struct rcd_source **rows, size_t *n,
                    struct rcd_err *err);
void rcd_sources_free(struct rcd_source *rows, size_t n);

struct rcd_passage_in {
	struct rcd_sv heading, text;
};
/* One commit. n = 0 removes the source. */
int rcd_source_replace(struct rcd_db *db, int64_t tenant, const struct rcd_source *src,
                       const struct rcd_passage_in *p, size_t n, struct rcd_err *err);

struct rcd_passage {
	char *source, *heading, *text;
	double score; /* bm25, larger is better */
};
/* words: already folded, without stop words; the passages that hold any of them, best first. */
int rcd_passage_search(struct rcd_db *db, int64_t tenant, const struct rcd_sv *words,
                       size_t n_words, int max, struct rcd_passage **rows, size_t *n,
                       struct rcd_err *err);
void rcd_passages_free(struct rcd_passage *rows, size_t n);

#endif
