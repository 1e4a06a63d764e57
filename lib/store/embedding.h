#ifndef RCD_EMBEDDING_H
#define RCD_EMBEDDING_H

#include "store/db.h"

/* What a model made of the passages. Rows of different models or numbers of dimensions stand
 * beside each other and are never looked at together. */

struct rcd_embedding_kind {
	int64_t tenant;
	const char *model;
	int64_t dimensions;
};

struct rcd_embedding {
	int64_t passage_id;
	double scale;
	struct rcd_sv bits, codes; /* borrowed */
};

/* The first passages by id, beyond after, that have none of this kind: at most max, fewer when
 * their texts together come to more than max_bytes (one is always given). Heading and text are what
 * is to be embedded. */
struct rcd_unembedded {
	int64_t id;
	char *heading, *text;
};
int rcd_embedding_missing(struct rcd_db *db, const struct rcd_embedding_kind *kind, int64_t after,
                          int max, size_t max_bytes, struct rcd_unembedded **rows, size_t *n,
                          struct rcd_err *err);
void rcd_unembedded_free(struct rcd_unembedded *rows, size_t n);

/* One commit; passages that are gone by now are left out. */
int rcd_embedding_put(struct rcd_db *db, const struct rcd_embedding_kind *kind,
                      const struct rcd_embedding *e, size_t n, struct rcd_err *err);

/* All of a kind in one snapshot, by passage id: begin is told how many there are and the version
 * of the knowledge, then each is called for every one. -1 of either stops it. */
typedef int rcd_embedding_begin_fn(void *arg, int64_t version, int64_t rows, struct rcd_err *err);
typedef int rcd_embedding_fn(void *arg, const struct rcd_embedding *e, struct rcd_err *err);
int rcd_embedding_each(struct rcd_db *db, const struct rcd_embedding_kind *kind,
                       rcd_embedding_begin_fn *begin, rcd_embedding_fn *each, void *arg,
                       struct rcd_err *err);

/* Removes the tenant's embeddings of other kinds that were made before then. */
int rcd_embedding_forget_others(struct rcd_db *db, const struct rcd_embedding_kind *kind,
                                int64_t before_ms, struct rcd_err *err);

#endif
