#ifndef RCD_VECTORS_JSON_H
#define RCD_VECTORS_JSON_H

#include "base/json.h"
#include "store/embedding.h"

/* Gives passages that have none of this kind the vectors that a file of passages
 * (passages_json.h) holds for the same words: as "embedding", "vector" or "values" of an item. Only
 * when the file names kind's model, as "model" or "embedding_model", and the number of dimensions
 * is kind's: what two models made is never compared. *n: how many were taken, 0 when it is another
 * model's or the file does not say. One commit for each few hundred. */
int rcd_vectors_json(struct rcd_db *db, const struct rcd_embedding_kind *kind, const json_t *file,
                     size_t *n, struct rcd_err *err);

#endif
