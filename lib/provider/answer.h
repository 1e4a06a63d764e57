#ifndef RCD_ANSWER_H
#define RCD_ANSWER_H

#include "base/json.h"
#include "net/http.h"

/* Error handling shared by the drivers. Inside lib/provider only. */

#define RCD_MAX_REFUSAL (64 * 1024) /* bytes of an error body that are read */
#define RCD_WORD 48

/* Prefixes the text of err (may be NULL) with "who: "; returns -1. */
int rcd_answer_lost(const char *who, struct rcd_err *err);

/* A peer's code word ("insufficient_quota") when it has the form of one: letters, digits, "_", "-",
 * "." and "+"; else "". Free text could contain a customer's words. */
const char *rcd_answer_word(struct rcd_sv v, char out[RCD_WORD]);

/* Parses a body that should be a JSON object. */
int rcd_answer_json(struct rcd_sv body, json_t **out, struct rcd_err *err);

/* A streamed response: begin sends the request and returns 0 with a stream to read when the status
 * is 200, else -1 with the error that refused made of the response. end is required in any case. */
typedef int rcd_refused_fn(const char *doing, const struct rcd_http_res *res, struct rcd_sv body,
                           struct rcd_err *err);
struct rcd_exchange {
	const char *doing; /* for errors: "openai: chat with …" */
	rcd_refused_fn *refused;
	struct rcd_buf *refusal; /* receives the body of a response that is not 200; may be NULL */
	struct rcd_http_stream *stream;
	struct rcd_http_res res;
};
int rcd_exchange_begin(struct rcd_exchange *x, struct rcd_http *http,
                       const struct rcd_http_req *req, struct rcd_err *err);
void rcd_exchange_end(struct rcd_exchange *x);

/* base without its trailing "/", then path; a query of base (Azure's api-version) comes last. */
void rcd_answer_url(struct rcd_buf *out, const char *base, const char *path);

#endif
