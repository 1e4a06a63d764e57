#ifndef RCD_DAEMON_SEMANTIC_H
#define RCD_DAEMON_SEMANTIC_H

#include "daemon/conf.h"
#include "knowledge/knowledge.h"

/* A process's search by meaning, put together from the configuration: OpenAI's embeddings and
 * the machine's index in state_dir. */
struct rcd_daemon_semantic {
	struct rcd_semantic search;
	struct rcd_breaker breaker;
	struct rcd_http *http;                /* borrowed */
	const struct rcd_openai_conf *openai; /* borrowed */
};

/* *s must stay where it is. openai: conf's, borrowed likewise. Without a key there is none:
 * s->search.vectors is NULL then. */
int rcd_semantic_open(struct rcd_daemon_semantic *s, const struct rcd_conf *conf,
                      const struct rcd_openai_conf *openai, int64_t tenant, struct rcd_http *http,
                      struct rcd_err *err);
void rcd_semantic_close(struct rcd_daemon_semantic *s);

/* Brings embeddings and the machine's index in line with the store, for at most for_ms or until
 * the calling thread's stop sign is set. *more: there is more to be done. */
int rcd_semantic_tend(struct rcd_daemon_semantic *s, struct rcd_db *db, int64_t tenant,
                      int64_t for_ms, bool *more, struct rcd_err *err);

#endif
