#ifndef RCD_EMBED_H
#define RCD_EMBED_H

#include "base/err.h"
#include "base/sv.h"
#include "store/embedding.h"

/* Source of embeddings, provided by the caller, since this room knows no provider. */
struct rcd_embedder {
	/* Embeds n texts into n × dimensions numbers, in order; blocks up to the deadline. */
	int (*embed)(void *arg, const struct rcd_sv *text, size_t n, int64_t deadline, float *out,
	             struct rcd_err *err);
	void *arg;
	const char *model;
	size_t dimensions;       /* at most RCD_MAX_DIMENSIONS */
	size_t most, most_bytes; /* texts of one call, and bytes of all of them */
};

/* Embeds the next batch of passages that lack an embedding of this model: one call, one commit. *n:
 * passages embedded, 0 when none is left. *after: the cursor, RCD_EMBED_FIRST at first, which keeps
 * a batch from scanning finished passages again. Committed batches stay, so the work resumes after
 * a failure or restart. Blocks. */
#define RCD_EMBED_FIRST INT64_MIN
int rcd_knowledge_embed(struct rcd_db *db, int64_t tenant, const struct rcd_embedder *by,
                        int64_t deadline, int64_t *after, size_t *n, struct rcd_err *err);

#endif
