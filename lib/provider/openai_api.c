#include "provider/openai_api.h"

#include <string.h>

struct verdict {
	enum rcd_code code;
	const char *way_out;
	enum rcd_account_fault account;
};

static bool is(const struct rcd_answer_error *e, const char *word)
{
	return strcmp(e->code, word) == 0 || strcmp(e->type, word) == 0;
}

static struct verdict judge(int status, const struct rcd_answer_error *e)
{
	if (status == 402 || is(e, "insufficient_quota") || is(e, "billing_hard_limit_reached") ||
	    is(e, "billing_not_active"))
		return (struct verdict){RCD_DENIED, "; the account has no credit left", RCD_ACCOUNT_QUOTA};
	if (status == 401 || is(e, "invalid_api_key"))
		return (struct verdict){RCD_DENIED, "; is OPENAI_API_KEY right?", RCD_ACCOUNT_KEY};
	if (is(e, "conversation_locked")) /* with HTTP 400 */
		return (struct verdict){RCD_BUSY, "", RCD_ACCOUNT_FINE};
	if (status == 403)
		return (struct verdict){RCD_DENIED, "; this key may not do that", RCD_ACCOUNT_KEY};
	if (status == 404 || is(e, "model_not_found"))
		return (struct verdict){RCD_DENIED, "; check the model's name and OPENAI_BASE_URL", RCD_ACCOUNT_FINE};
	if (is(e, "session_expired"))
		return (struct verdict){RCD_DOWN, "", RCD_ACCOUNT_FINE};
	if (status == 413)
		return (struct verdict){RCD_LIMIT, "", RCD_ACCOUNT_FINE};
	if (status == 0 && is(e, "invalid_request_error"))
		return (struct verdict){RCD_INVAL, "; does the model take these settings?", RCD_ACCOUNT_FINE};
	if (status == 408 || status == 409 || status == 429 || status >= 500 || status == 0)
		return (struct verdict){RCD_DOWN, "", RCD_ACCOUNT_FINE};
	if (status >= 400)
		return (struct verdict){RCD_INVAL, "; does the model take these settings?", RCD_ACCOUNT_FINE};
	return (struct verdict){RCD_PROTO, "; is OPENAI_BASE_URL right?", RCD_ACCOUNT_FINE};
}

int rcd_openai_failed(const char *doing, int status, const json_t *error, struct rcd_err *err)
{
	struct rcd_answer_error e;
	struct verdict v;

	rcd_answer_error(error, &e);
	v = judge(status, &e);
	if (status == 0)
		(void)rcd_fail(err, v.code, 0, "%s: an error within the answer%s%s%s", doing,
		               e.code[0] != '\0' || e.type[0] != '\0' ? ", " : "",
		               e.code[0] != '\0' ? e.code : e.type, v.way_out);
	else
		(void)rcd_fail(err, v.code, status, "%s: HTTP %d%s%s%s", doing, status,
		               e.code[0] != '\0' || e.type[0] != '\0' ? ", " : "",
		               e.code[0] != '\0' ? e.code : e.type, v.way_out);
	if (err != NULL)
		err->account = v.account;
	return -1;
}

static void error_of(struct rcd_sv body, json_t **answer, const json_t **error)
{
	/* an answer of a proxy is no JSON; the status has to do then */
	*answer = NULL;
	(void)rcd_json_parse(body, RCD_MAX_REFUSAL, answer, NULL);
	*error = json_object_get(*answer, "error");
}

int rcd_openai_refused(const char *doing, const struct rcd_http_res *res, struct rcd_sv body,
                       struct rcd_err *err)
{
	const json_t *error;
	json_t *answer;

	error_of(body, &answer, &error);
	(void)rcd_openai_failed(doing, res->status, error, err);
	json_decref(answer);
	if (err != NULL)
		err->retry_after = res->retry_after;
	return -1;
}

int rcd_openai_conversation_refused(const char *doing, const struct rcd_http_res *res,
                                    struct rcd_sv body, struct rcd_err *err)
{
	struct rcd_answer_error e;
	const json_t *error;
	json_t *answer;

	if (res->status != 404 && res->status != 409)
		return rcd_openai_refused(doing, res, body, err);
	error_of(body, &answer, &error);
	rcd_answer_error(error, &e);
	json_decref(answer);
	if (is(&e, "model_not_found"))
		return rcd_openai_refused(doing, res, body, err);
	(void)rcd_fail(err, res->status == 404 ? RCD_NOENT : RCD_BUSY, res->status, "%s: HTTP %d, the conversation is %s",
	               doing, res->status, res->status == 404 ? "gone" : "in use");
	if (err != NULL)
		err->retry_after = res->retry_after;
	return -1;
}
