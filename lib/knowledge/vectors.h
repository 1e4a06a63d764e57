#ifndef RCD_VECTORS_H
#define RCD_VECTORS_H

#include "knowledge/vindex.h"
#include "store/embedding.h"

#include <stdbool.h>

/* One tenant's vectors of one model on this machine: the index file, which one process makes of
 * what the store holds, and every process maps. */

struct rcd_vectors; /* for any number of threads */

struct rcd_vectors_conf {
	const char *path; /* of the file; beside it the next one is written */
	struct rcd_embedding_kind kind;
};

int rcd_vectors_open(struct rcd_vectors **out, const struct rcd_vectors_conf *conf,
                     struct rcd_err *err);
struct rcd_vectors *rcd_vectors_close(struct rcd_vectors *v); /* NULL-safe, returns NULL */

/* Whether there is anything to be found now: a sound index of this very kind. */
bool rcd_vectors_any(struct rcd_vectors *v);

/* As rcd_vindex_search, in the newest file of this kind; *n = 0 without one. */
int rcd_vectors_search(struct rcd_vectors *v, const float *query, size_t max,
                       struct rcd_near near[RCD_MAX_NEAR], size_t *n, struct rcd_err *err);

/* Makes the file anew when the store has changed since, or it is of another kind, or damaged.
 * *rows: how many there are now; -1 when nothing was to be done. */
int rcd_vectors_build(struct rcd_vectors *v, struct rcd_db *db, int64_t *rows, struct rcd_err *err);

#endif
