#ifndef RCD_OPENAI_API_H
#define RCD_OPENAI_API_H

#include "provider/answer.h"
#include "provider/openai.h"

/* Inside lib/provider only: what the calls to OpenAI have in common. */

/* The error for an answer that is not 200: doing is "openai: chat with gpt-…". */
int rcd_openai_refused(const char *doing, const struct rcd_http_res *res, struct rcd_sv body,
                       struct rcd_err *err);

/* The error for an error object; status 0 when it came inside a stream. */
int rcd_openai_failed(const char *doing, int status, const json_t *error, struct rcd_err *err);

#endif
