#ifndef RCD_OPENAI_API_H
#define RCD_OPENAI_API_H

#include "provider/answer.h"
#include "provider/engine.h"
#include "provider/openai.h"
#include "provider/refusal.h"

/* Shared parts of the calls to OpenAI. Inside lib/provider only. */

/* The error for an answer that is not 200: doing is "openai: chat with gpt-…". */
int rcd_openai_refused(const char *doing, const struct rcd_http_res *res, struct rcd_sv body,
                       struct rcd_err *err);
/* The same for a request that named a conversation: what is not there is most likely that. */
int rcd_openai_conversation_refused(const char *doing, const struct rcd_http_res *res,
                                    struct rcd_sv body, struct rcd_err *err);

/* The same for what was read of it; status 0 when it came inside a stream. */
int rcd_openai_refuse(const char *doing, int status, const struct rcd_refusal *r,
                      struct rcd_err *err);
/* The error of an error object or of a value that contains one; status 0 inside a stream. */
int rcd_openai_failed(const char *doing, int status, const json_t *error, struct rcd_err *err);

/* Header of the key: Azure uses its own. */
const char *rcd_openai_key_header(const struct rcd_openai_conf *conf);

/* One try of a question, and how it ended when that was with -1. */
struct rcd_openai_end {
	int status; /* of the answer; 0: there was none; 200: an error within it */
	struct rcd_refusal refusal;
	bool final; /* something of the answer was used: not asked again */
};
typedef int rcd_openai_once_fn(void *arg, json_t *req, struct rcd_openai_end *end,
                               struct rcd_err *err);
/* once with body, and again with less of it when the engine refused a part that may be left out
 * (provider/engine.h), as long as there is time; what helped is remembered. *without (may be NULL):
 * the parts that the last try was without. err is not NULL. */
int rcd_openai_adapt(const struct rcd_openai_conf *conf, enum rcd_engine_call call,
                     const json_t *body, int64_t deadline, rcd_openai_once_fn *once, void *arg,
                     unsigned *without, struct rcd_err *err);

/* A request that is answered by a stream of text. */
struct rcd_text_stream;
struct rcd_openai_post {
	const char *path; /* "/chat/completions" */
	enum rcd_engine_call call;
	json_t *body;            /* owned by the call; NULL means out of memory */
	bool pictures;           /* there are some in it */
	bool repeatable;         /* see struct rcd_http_req */
	rcd_refused_fn *refused; /* NULL: rcd_openai_refused */
	int64_t deadline;
	int stall_ms; /* the longest silence, 0: the HTTP client's own */
};
/* Sends the request and feeds the response, whole or streamed, to s until it is complete. Parts
 * that the engine refuses are omitted in further tries before the deadline. */
int rcd_openai_stream(struct rcd_http *http, const struct rcd_openai_conf *conf,
                      const struct rcd_openai_post *post, struct rcd_text_stream *s,
                      struct rcd_chat_usage *usage, struct rcd_err *err);

#endif
