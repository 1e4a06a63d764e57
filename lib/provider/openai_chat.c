#include "base/limits.h"
#include "provider/chat_stream.h"
#include "provider/openai_api.h"

#include <stdio.h>
#include <string.h>

bool rcd_openai_takes_temperature(const char *model)
{
	struct rcd_sv m = rcd_sv(model);

	for (const char *sep = "/:"; *sep != '\0'; sep++) { /* "openai/gpt-…", "ft:gpt-…:…" */
		const char *at = m.n > 0 ? memchr(m.p, *sep, m.n) : NULL;

		if (at != NULL && (*sep == '/' || rcd_sv_starts(m, RCD_SV("ft:"))))
			m = rcd_sv_skip(m, (size_t)(at - m.p) + 1);
	}
	if (rcd_sv_starts(m, RCD_SV("gpt-")))
		return m.n < 5 || m.p[4] < '5' || m.p[4] > '9';
	return m.n < 2 || m.p[0] != 'o' || m.p[1] < '0' || m.p[1] > '9';
}

static json_t *request_of(const struct rcd_openai_conf *conf, json_t *messages)
{
	json_t *req = json_pack("{s:s, s:O, s:b, s:{s:b}, s:b}", "model", conf->chat_model, "messages",
	                        messages, "stream", 1, "stream_options", "include_usage", 1, "store", 0);
	bool ok = req != NULL;

	if (ok && conf->max_tokens > 0)
		ok = json_object_set_new(req, "max_completion_tokens", json_integer(conf->max_tokens)) == 0;
	if (ok && rcd_openai_takes_temperature(conf->chat_model))
		ok = json_object_set_new(req, "temperature", json_real(conf->temperature)) == 0;
	else if (ok && conf->reasoning != NULL && conf->reasoning[0] != '\0')
		ok = json_object_set_new(req, "reasoning_effort", json_string(conf->reasoning)) == 0;
	if (!ok) {
		json_decref(req);
		return NULL;
	}
	return req;
}

static int receive(struct rcd_http_stream *http, struct rcd_chat_stream *s, struct rcd_err *err)
{
	char piece[8192];
	size_t n;

	while (!s->ended) { /* what an engine sends or holds open after [DONE] is not ours */
		if (rcd_http_read(http, piece, sizeof(piece), &n, err) != 0) {
			/* a whole answer whose connection was then dropped carelessly is whole */
			return s->usage.finish[0] != '\0' && (err == NULL || err->code == RCD_DOWN)
				       ? 0 : rcd_answer_lost(s->doing, err);
		}
		if (n == 0)
			return 0;
		if (rcd_chat_stream_feed(s, piece, n, err) != 0)
			return -1;
	}
	return 0;
}

/* Some local engines answer with one object although a stream was asked for. */
static int receive_whole(struct rcd_http_stream *http, struct rcd_chat_stream *s, struct rcd_err *err)
{
	char piece[8192];
	struct rcd_buf body;
	size_t n = 1;
	int ret = 0;

	rcd_buf_init(&body, RCD_MAX_SSE_EVENT);
	while (ret == 0 && n > 0) {
		if (rcd_http_read(http, piece, sizeof(piece), &n, err) != 0)
			ret = rcd_answer_lost(s->doing, err);
		else
			rcd_buf_add(&body, piece, n);
		if (ret == 0 && body.bad)
			ret = body.over ? rcd_fail(err, RCD_LIMIT, 0, "%s: an answer of more than %d bytes", s->doing,
			                           RCD_MAX_SSE_EVENT)
			                : rcd_fail_nomem(err);
	}
	if (ret == 0)
		ret = rcd_chat_stream_whole(s, rcd_buf_view(&body), err);
	rcd_buf_free(&body);
	return ret;
}

/* The exchange, once the request is written down. */
static int converse(struct rcd_http *http, const struct rcd_http_req *req, struct rcd_chat_stream *s,
                    struct rcd_err *err)
{
	struct rcd_exchange x = {.doing = s->doing, .refused = rcd_openai_refused};
	int ret = rcd_exchange_begin(&x, http, req, err);

	if (ret == 0)
		ret = rcd_sv_starts(rcd_sv(x.res.type), RCD_SV("application/json"))
			      ? receive_whole(x.stream, s, err) : receive(x.stream, s, err);
	rcd_exchange_end(&x);
	return ret;
}

int rcd_openai_chat(struct rcd_http *http, const struct rcd_openai_conf *conf, json_t *messages,
                    int64_t deadline, rcd_text_fn *fn, void *arg, struct rcd_chat_usage *usage,
                    struct rcd_err *err)
{
	struct rcd_chat_stream s;
	struct rcd_buf url, body;
	char doing[96];
	int ret;

	(void)snprintf(doing, sizeof(doing), "openai: chat with %.64s", conf->chat_model);
	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&body, RCD_MAX_JSON);
	rcd_chat_stream_init(&s, doing, fn, arg);
	rcd_answer_url(&url, conf->base_url, "/chat/completions");
	rcd_json_text(request_of(conf, messages), &body);
	if (url.bad || body.bad) {
		ret = rcd_fail_nomem(err);
	} else {
		const struct rcd_http_req req = {.url = url.p,
		                                 .headers = (const char *const[]){"Accept: text/event-stream", NULL},
		                                 .key_header = "Authorization: Bearer ",
		                                 .key = &conf->key,
		                                 .body = rcd_buf_view(&body),
		                                 .body_type = "application/json",
		                                 .repeatable = true,
		                                 .deadline = deadline};
		ret = converse(http, &req, &s, err);
		if (ret == 0)
			ret = rcd_chat_stream_end(&s, usage, err);
	}
	rcd_chat_stream_done(&s);
	rcd_buf_free(&body);
	rcd_buf_free(&url);
	return ret;
}
