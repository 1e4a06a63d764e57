#ifndef RCD_EMBED_H
#define RCD_EMBED_H

#include "base/err.h"
#include "base/sv.h"
#include "store/embedding.h"

/* Who makes embeddings: the room above says, since this one knows no provider. */
struct rcd_embedder {
	/* n texts to n × dimensions numbers, in their order; blocks until the deadline. */
	int (*embed)(void *arg, const struct rcd_sv *text, size_t n, int64_t deadline, float *out,
	             struct rcd_err *err);
	void *arg;
	const char *model;
	size_t dimensions;       /* at most RCD_MAX_DIMENSIONS */
	size_t most, most_bytes; /* texts of one call, and bytes of all of them */
};

/* Gives the next passages without an embedding of this model theirs: one call, one commit. *n is
 * how many they were, 0 when none is left. *after: RCD_EMBED_FIRST at first; it moves along, so
 * that those that are done are not looked through for every batch. What was committed stays, so
 * whoever begins again, after whatever failure or restart, goes on where this was. Blocks. */
#define RCD_EMBED_FIRST INT64_MIN
int rcd_knowledge_embed(struct rcd_db *db, int64_t tenant, const struct rcd_embedder *by,
                        int64_t deadline, int64_t *after, size_t *n, struct rcd_err *err);

#endif
