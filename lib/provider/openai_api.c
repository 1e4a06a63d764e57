#include "provider/openai_api.h"

#include <string.h>

struct verdict {
	enum rcd_code code;
	const char *way_out;
	enum rcd_account_fault account;
};

/* The host of a base URL, and whether it is that domain or within it. */
static bool is_within(const char *base_url, const char *domain)
{
	struct rcd_sv rest = rcd_sv(base_url), d = rcd_sv(domain), host = {NULL, 0};

	for (int i = 0; i < 3; i++) /* "https:", "", "host:port" */
		(void)rcd_sv_cut(&rest, '/', &host);
	rest = host;
	(void)rcd_sv_cut(&host, ':', &rest); /* without the port */
	if (rest.n > d.n && rest.p[rest.n - d.n - 1] == '.')
		rest = rcd_sv_skip(rest, rest.n - d.n);
	return rcd_sv_ieq(rest, d);
}

bool rcd_openai_usable(const struct rcd_openai_conf *conf)
{
	return rcd_secret_set(&conf->key) || !is_within(conf->base_url, "openai.com");
}

const char *rcd_openai_key_header(const struct rcd_openai_conf *conf)
{
	bool azure = is_within(conf->base_url, "azure.com") ||
	             strstr(conf->base_url, "api-version=") != NULL;

	return azure ? "api-key: " : "Authorization: Bearer ";
}

static struct verdict judge_account(int status, const struct rcd_refusal *r)
{
	if (status == 402 || rcd_refusal_is(r, "insufficient_quota") ||
	    rcd_refusal_is(r, "billing_hard_limit_reached") || rcd_refusal_is(r, "billing_not_active"))
		return (struct verdict){RCD_DENIED, "; the account has no credit left", RCD_ACCOUNT_QUOTA};
	if (status == 401 || r->bad_key)
		return (struct verdict){RCD_DENIED, "; is OPENAI_API_KEY right?", RCD_ACCOUNT_KEY};
	if (status == 403 && !r->unwanted)
		return (struct verdict){RCD_DENIED, "; this key may not do that", RCD_ACCOUNT_KEY};
	return (struct verdict){RCD_OK, "", RCD_ACCOUNT_FINE};
}

static struct verdict judge_rest(int status, const struct rcd_refusal *r)
{
	if (rcd_refusal_is(r, "conversation_locked")) /* with HTTP 400 */
		return (struct verdict){RCD_BUSY, "", RCD_ACCOUNT_FINE};
	if (r->unwanted)
		return (struct verdict){RCD_INVAL, "; the provider does not want this input",
		                        RCD_ACCOUNT_FINE};
	if (r->too_long || status == 413)
		return (struct verdict){RCD_LIMIT, "; it is longer than the model takes", RCD_ACCOUNT_FINE};
	if (status == 404 || rcd_refusal_is(r, "model_not_found"))
		return (struct verdict){RCD_DENIED, "; check the model's name and OPENAI_BASE_URL",
		                        RCD_ACCOUNT_FINE};
	if (rcd_refusal_is(r, "session_expired"))
		return (struct verdict){RCD_DOWN, "", RCD_ACCOUNT_FINE};
	if (status == 0 && rcd_refusal_is(r, "invalid_request_error"))
		return (struct verdict){RCD_INVAL, "; does the model take these settings?",
		                        RCD_ACCOUNT_FINE};
	if (status == 408 || status == 409 || status == 429 || status >= 500 || status == 0)
		return (struct verdict){RCD_DOWN, "", RCD_ACCOUNT_FINE};
	if (status >= 400)
		return (struct verdict){RCD_INVAL, "; does the model take these settings?",
		                        RCD_ACCOUNT_FINE};
	return (struct verdict){RCD_PROTO, "; is OPENAI_BASE_URL right?", RCD_ACCOUNT_FINE};
}

bool rcd_openai_too_long(const struct rcd_err *err)
{
	return err->code == RCD_LIMIT && err->sys == 413;
}

int rcd_openai_refuse(const char *doing, int status, const struct rcd_refusal *r,
                      struct rcd_err *err)
{
	const char *word = r->code[0] != '\0' ? r->code : r->type;
	int s = status != 0 ? status : r->status;
	struct verdict v = judge_account(s, r);

	if (v.code == RCD_OK)
		v = judge_rest(s, r);
	if (v.code == RCD_LIMIT) /* by which rcd_openai_too_long knows it */
		s = 413;
	if (status == 0)
		(void)rcd_fail(err, v.code, s, "%s: an error within the answer%s%s%s", doing,
		               word[0] != '\0' ? ", " : "", word, v.way_out);
	else
		(void)rcd_fail(err, v.code, s, "%s: HTTP %d%s%s%s", doing, status,
		               word[0] != '\0' ? ", " : "", word, v.way_out);
	err->account = v.account;
	return -1;
}

int rcd_openai_failed(const char *doing, int status, const json_t *error, struct rcd_err *err)
{
	struct rcd_refusal r;

	rcd_refusal_read_json(error, &r);
	return rcd_openai_refuse(doing, status, &r, err);
}

int rcd_openai_refused(const char *doing, const struct rcd_http_res *res, struct rcd_sv body,
                       struct rcd_err *err)
{
	struct rcd_refusal r;

	rcd_refusal_read(body, &r);
	(void)rcd_openai_refuse(doing, res->status, &r, err);
	err->retry_after = res->retry_after;
	return -1;
}

int rcd_openai_conversation_refused(const char *doing, const struct rcd_http_res *res,
                                    struct rcd_sv body, struct rcd_err *err)
{
	struct rcd_refusal r;

	if (res->status != 404 && res->status != 409)
		return rcd_openai_refused(doing, res, body, err);
	rcd_refusal_read(body, &r);
	if (rcd_refusal_is(&r, "model_not_found"))
		return rcd_openai_refused(doing, res, body, err);
	(void)rcd_fail(err, res->status == 404 ? RCD_NOENT : RCD_BUSY, res->status,
	               "%s: HTTP %d, the conversation is %s", doing, res->status,
	               res->status == 404 ? "gone" : "in use");
	err->retry_after = res->retry_after;
	return -1;
}
