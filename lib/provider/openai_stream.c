#include "base/limits.h"
#include "provider/openai_api.h"
#include "provider/text_stream.h"

static int receive(struct rcd_http_stream *http, struct rcd_text_stream *s, struct rcd_err *err)
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
		if (rcd_text_stream_feed(s, piece, n, err) != 0)
			return -1;
	}
	return 0;
}

/* Some local engines answer with one object although a stream was asked for. */
static int receive_whole(struct rcd_http_stream *http, struct rcd_text_stream *s, struct rcd_err *err)
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
		ret = rcd_text_stream_whole(s, rcd_buf_view(&body), err);
	rcd_buf_free(&body);
	return ret;
}

/* The exchange, once the request is written down. */
static int converse(struct rcd_http *http, const struct rcd_http_req *req, rcd_refused_fn *refused,
                    struct rcd_text_stream *s, struct rcd_err *err)
{
	struct rcd_exchange x = {.doing = s->doing, .refused = refused};
	int ret = rcd_exchange_begin(&x, http, req, err);

	if (ret == 0)
		ret = rcd_sv_starts(rcd_sv(x.res.type), RCD_SV("application/json"))
			      ? receive_whole(x.stream, s, err) : receive(x.stream, s, err);
	rcd_exchange_end(&x);
	return ret;
}

int rcd_openai_stream(struct rcd_http *http, const struct rcd_openai_conf *conf,
                      const struct rcd_openai_post *post, struct rcd_text_stream *s,
                      struct rcd_chat_usage *usage, struct rcd_err *err)
{
	rcd_refused_fn *refused = post->refused != NULL ? post->refused : rcd_openai_refused;
	struct rcd_buf url, body;
	int ret;

	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&body, RCD_MAX_JSON);
	rcd_answer_url(&url, conf->base_url, post->path);
	rcd_json_text(post->body, &body);
	if (url.bad || body.bad) {
		ret = rcd_fail_nomem(err);
	} else {
		const struct rcd_http_req req = {.url = url.p,
		                                 .headers = (const char *const[]){"Accept: text/event-stream", NULL},
		                                 .key_header = "Authorization: Bearer ",
		                                 .key = &conf->key,
		                                 .body = rcd_buf_view(&body),
		                                 .body_type = "application/json",
		                                 .repeatable = post->repeatable,
		                                 .first_ms = post->stall_ms,
		                                 .idle_ms = post->stall_ms,
		                                 .deadline = post->deadline};
		ret = converse(http, &req, refused, s, err);
		if (ret == 0)
			ret = rcd_text_stream_end(s, usage, err);
	}
	if (ret != 0 && s->calls != NULL)
		rcd_tool_calls_free(s->calls);
	rcd_buf_free(&body);
	rcd_buf_free(&url);
	return ret;
}
