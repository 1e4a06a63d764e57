#ifndef RCD_OPENAI_EMBED_H
#define RCD_OPENAI_EMBED_H

#include "provider/openai.h"

/* of all texts of a call: 300,000 tokens of two bytes */
#define RCD_EMBED_BYTES ((size_t)600 * 1000)

/* How many texts one call takes: what OpenAI does (2048), or what fits into an answer. */
size_t rcd_openai_embed_most(const struct rcd_openai_conf *conf);

/* POST /embeddings with conf->embedding_model: n texts (at least one, none empty, within the
 * limits above; each is cut at what a model reads, about 8,000 tokens) to n × conf->
 * embedding_dimensions numbers, in the order of the texts. Blocks. RCD_INVAL beyond the limits,
 * else the codes of rcd_openai_chat; out is whole or not to be used. */
int rcd_openai_embed(struct rcd_http *http, const struct rcd_openai_conf *conf,
                     const struct rcd_sv *text, size_t n, int64_t deadline, float *out,
                     struct rcd_err *err);

/* Inside lib/provider and its tests: reads an answer that should hold n vectors. */
int rcd_openai_embed_read(struct rcd_sv body, size_t n, size_t dimensions, float *out,
                          struct rcd_err *err);

#endif
