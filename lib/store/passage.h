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
	int64_t page; /* of the document, from 1; 0: it has none */
};
/* One commit. n = 0 removes the source. A passage that the source had before, heading and text
 * the same to the byte, stays: its id and what was made of it (its embeddings) too. */
int rcd_source_replace(struct rcd_db *db, int64_t tenant, const struct rcd_source *src,
                       const struct rcd_passage_in *p, size_t n, struct rcd_err *err);

/* A number that grows with every change of a tenant's passages and of their embeddings; 0
 * before the first. */
int rcd_knowledge_version(struct rcd_db *db, int64_t tenant, int64_t *version, struct rcd_err *err);

struct rcd_passage {
	int64_t id;
	char *source, *heading, *text;
	char *stems; /* of heading and text, each followed by a space: see base/stem.h */
	int64_t page;
	double score;      /* larger is better: bm25, or what a search made of it */
	double similarity; /* set by a search by meaning */
};
/* The passages that hold any of the stems, best first, of equals the older. */
int rcd_passage_search(struct rcd_db *db, int64_t tenant, const struct rcd_sv *stems,
                       size_t n_stems, int max, struct rcd_passage **rows, size_t *n,
                       struct rcd_err *err);
/* Those with these ids, in this order; what is gone is left out. score is 0. */
int rcd_passage_get(struct rcd_db *db, int64_t tenant, const int64_t *id, size_t n_ids,
                    struct rcd_passage **rows, size_t *n, struct rcd_err *err);
void rcd_passages_free(struct rcd_passage *rows, size_t n);

#endif
