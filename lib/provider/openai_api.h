#ifndef RCD_OPENAI_API_H
#define RCD_OPENAI_API_H

#include "provider/answer.h"
#include "provider/openai.h"

/* Inside lib/provider only: what the calls to OpenAI have in common. */

/* The error for an answer that is not 200: doing is "openai: chat with gpt-…". */
int rcd_openai_refused(const char *doing, const struct rcd_http_res *res, struct rcd_sv body,
                       struct rcd_err *err);
/* The same for a request that named a conversation: what is not there is most likely that. */
int rcd_openai_conversation_refused(const char *doing, const struct rcd_http_res *res,
                                    struct rcd_sv body, struct rcd_err *err);

/* The error for an error object; status 0 when it came inside a stream. */
int rcd_openai_failed(const char *doing, int status, const json_t *error, struct rcd_err *err);

/* A request that is answered by a stream of text. */
struct rcd_text_stream;
struct rcd_openai_post {
	const char *path;        /* "/chat/completions" */
	json_t *body;            /* taken over; NULL means that memory was short */
	bool repeatable;         /* see struct rcd_http_req */
	rcd_refused_fn *refused; /* NULL: rcd_openai_refused */
	int64_t deadline;
	int stall_ms;            /* the longest silence, 0: the HTTP client's own */
};
/* Sends it and feeds the answer, whole or in pieces, to s up to its proper end. */
int rcd_openai_stream(struct rcd_http *http, const struct rcd_openai_conf *conf,
                      const struct rcd_openai_post *post, struct rcd_text_stream *s,
                      struct rcd_chat_usage *usage, struct rcd_err *err);

#endif
