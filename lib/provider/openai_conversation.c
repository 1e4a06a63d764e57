#include "base/limits.h"
#include "provider/openai_api.h"

#include <string.h>

#define DOING "openai: a conversation"

bool rcd_openai_is_conversation(const char *id)
{
	struct rcd_sv v = rcd_sv(id);

	if (!rcd_sv_starts(v, RCD_SV("conv_")) || v.n <= 5 || v.n >= RCD_CONVERSATION_ID)
		return false;
	for (size_t i = 5; i < v.n; i++) {
		char c = v.p[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' &&
		    c != '-')
			return false;
	}
	return true;
}

/* One exchange with {base}/conversations and what comes behind it; the answer to *out. */
static int run_exchange(struct rcd_http *http, const struct rcd_openai_conf *conf,
                        const char *const path[2], struct rcd_http_req *req, json_t **out,
                        struct rcd_err *err)
{
	struct rcd_http_res res = {0};
	struct rcd_buf url;
	int ret;

	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_answer_url(&url, conf->base_url, path[0]);
	rcd_buf_str(&url, path[1]);
	req->url = url.p;
	req->key_header = rcd_openai_key_header(conf);
	req->key = &conf->key;
	ret = url.bad ? rcd_fail_nomem(err) : rcd_http_do(http, req, &res, err);
	if (ret != 0)
		(void)rcd_answer_lost(DOING, err);
	else if (res.status != 200)
		ret = (path[1][0] != '\0' ? rcd_openai_conversation_refused
		                          : rcd_openai_refused)(DOING, &res, rcd_buf_view(&res.body), err);
	else if ((ret = rcd_answer_json(rcd_buf_view(&res.body), out, err)) != 0)
		(void)rcd_answer_lost(DOING, err);
	rcd_http_res_free(&res);
	rcd_buf_free(&url);
	return ret;
}

int rcd_openai_conversation_new(struct rcd_http *http, const struct rcd_openai_conf *conf,
                                int64_t deadline, char id[RCD_CONVERSATION_ID], struct rcd_err *err)
{
	struct rcd_http_req req = {.body = RCD_SV("{}"),
	                           .body_type = "application/json",
	                           .deadline = deadline};
	json_t *v = NULL;
	const char *told;
	int ret = 0;

	if (run_exchange(http, conf, (const char *const[2]){"/conversations", ""}, &req, &v, err) != 0)
		return -1;
	told = json_string_value(json_object_get(v, "id"));
	if (told != NULL && rcd_openai_is_conversation(told))
		memcpy(id, told, strlen(told) + 1);
	else
		ret = rcd_fail(err, RCD_PROTO, 0, DOING ": an answer without its id");
	json_decref(v);
	return ret;
}

int rcd_openai_conversation_delete(struct rcd_http *http, const struct rcd_openai_conf *conf,
                                   const char *id, int64_t deadline, struct rcd_err *err)
{
	struct rcd_http_req req = {.method = "DELETE", .repeatable = true, .deadline = deadline};
	json_t *v = NULL;
	int ret;

	if (!rcd_openai_is_conversation(id)) /* it becomes a part of the URL */
		return rcd_fail(err, RCD_INVAL, 0, DOING ": not the id of one");
	if (run_exchange(http, conf, (const char *const[2]){"/conversations/", id}, &req, &v, err) != 0)
		return -1;
	ret = json_is_true(json_object_get(v, "deleted"))
	          ? 0
	          : rcd_fail(err, RCD_PROTO, 0, DOING ": it was not deleted");
	json_decref(v);
	return ret;
}
