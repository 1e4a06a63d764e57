#ifndef RCD_ANSWER_H
#define RCD_ANSWER_H

#include "base/json.h"
#include "net/http.h"

/* What the drivers share in telling how a provider failed. Inside lib/provider only. */

#define RCD_MAX_REFUSAL (64 * 1024) /* of an error answer: what is looked at */
#define RCD_WORD 48

/* Puts "who: " in front of err's text (err may be NULL); -1. */
int rcd_answer_lost(const char *who, struct rcd_err *err);

/* A peer's code word ("insufficient_quota") when it looks like one: letters, digits, "_", "-",
 * "." and "+"; else "". Anything longer could carry what a customer wrote. */
const char *rcd_answer_word(struct rcd_sv v, char out[RCD_WORD]);

/* Parses a body that should be a JSON object. */
int rcd_answer_json(struct rcd_sv body, json_t **out, struct rcd_err *err);

/* A streamed answer: begin sends the request and returns 0 with the stream to read when the
 * status is 200, else -1 with what refused made of the answer. end in any case. */
typedef int rcd_refused_fn(const char *doing, const struct rcd_http_res *res, struct rcd_sv body,
                           struct rcd_err *err);
struct rcd_exchange {
	const char *doing; /* for errors: "openai: chat with …" */
	rcd_refused_fn *refused;
	struct rcd_buf *refusal; /* the body of an answer that is not 200 goes here; NULL: nowhere */
	struct rcd_http_stream *stream;
	struct rcd_http_res res;
};
int rcd_exchange_begin(struct rcd_exchange *x, struct rcd_http *http,
                       const struct rcd_http_req *req, struct rcd_err *err);
void rcd_exchange_end(struct rcd_exchange *x);

/* base without its trailing "/", then path; a query of base (Azure's api-version) comes last. */
void rcd_answer_url(struct rcd_buf *out, const char *base, const char *path);

#endif
