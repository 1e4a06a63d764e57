#include "base/clock.h"
#include "base/limits.h"
#include "provider/openai_api.h"
#include "provider/text_stream.h"

/* The answer as it comes. */
struct receipt {
	struct rcd_http_stream *http;
	struct rcd_text_stream *s;
	char piece[8192];
	size_t n; /* bytes in it, read and not looked at */
	int stall_ms;
};

static int read_piece(struct receipt *r, struct rcd_err *err)
{
	return rcd_http_read(r->http, r->piece, sizeof(r->piece), &r->n, err) == 0
	           ? 0
	           : rcd_answer_lost(r->s->doing, err);
}

/* A whole answer whose connection was then dropped carelessly, or just left open, is whole. */
static bool is_whole(const struct rcd_text_stream *s, const struct rcd_err *err)
{
	return s->usage.finish[0] != '\0' && (err->code == RCD_DOWN || err->code == RCD_TIMEOUT);
}

/* Comments that say "wait" keep a connection alive, not an answer. */
static int check_pace(const struct receipt *r, int64_t *heard, size_t *events, struct rcd_err *err)
{
	if (r->s->events != *events) {
		*events = r->s->events;
		*heard = rcd_mono_ms();
	}
	if (r->stall_ms <= 0 || rcd_mono_ms() - *heard < r->stall_ms)
		return 0;
	return rcd_fail(err, RCD_TIMEOUT, 0, "%s: nothing but comments for %d ms", r->s->doing,
	                r->stall_ms);
}

static int read_events(struct receipt *r, struct rcd_err *err)
{
	int64_t heard = rcd_mono_ms();
	size_t events = 0;

	while (r->n > 0) {
		if (rcd_text_stream_feed(r->s, r->piece, r->n, err) != 0)
			return -1;
		if (r->s->ended) /* what an engine sends or holds open after [DONE] is not ours */
			return 0;
		if (check_pace(r, &heard, &events, err) != 0 || read_piece(r, err) != 0)
			return is_whole(r->s, err) ? 0 : -1;
	}
	return 0;
}

static int read_whole(struct receipt *r, struct rcd_err *err)
{
	struct rcd_buf body;
	int ret = 0;

	rcd_buf_init(&body, RCD_MAX_SSE_EVENT);
	while (ret == 0 && r->n > 0) {
		rcd_buf_add(&body, r->piece, r->n);
		if (body.bad)
			ret = body.over ? rcd_fail(err, RCD_LIMIT, 0, "%s: an answer of more than %d bytes",
			                           r->s->doing, RCD_MAX_SSE_EVENT)
			                : rcd_fail_nomem(err);
		else
			ret = read_piece(r, err);
	}
	if (ret == 0)
		ret = rcd_text_stream_whole(r->s, rcd_buf_view(&body), err);
	rcd_buf_free(&body);
	return ret;
}

/* Some engines answer with one object although a stream was asked for, and not all of them say so:
 * events never begin with a brace. */
static int read_answer(struct rcd_http_stream *http, const char *type, int stall_ms,
                       struct rcd_text_stream *s, struct rcd_err *err)
{
	struct receipt r = {.http = http, .s = s, .stall_ms = stall_ms};
	struct rcd_sv head;

	if (read_piece(&r, err) != 0)
		return -1;
	head = rcd_sv_trim((struct rcd_sv){r.piece, r.n});
	if (rcd_sv_starts(rcd_sv(type), RCD_SV("application/json")) || rcd_sv_starts(head, RCD_SV("{")))
		return read_whole(&r, err);
	return read_events(&r, err);
}

/* A question whose answer is read as it comes. */
struct talk {
	struct rcd_http *http;
	const struct rcd_openai_conf *conf;
	const struct rcd_openai_post *post;
	struct rcd_text_stream *s;
};

/* The exchange, once the request is written down. */
static int run_exchange(struct talk *t, const struct rcd_http_req *req, struct rcd_openai_end *end,
                        struct rcd_err *err)
{
	struct rcd_buf refusal;
	struct rcd_exchange x = {.doing = t->s->doing,
	                         .refused = t->post->refused != NULL ? t->post->refused
	                                                             : rcd_openai_refused,
	                         .refusal = &refusal};
	int ret;

	rcd_buf_init(&refusal, RCD_MAX_REFUSAL);
	ret = rcd_exchange_begin(&x, t->http, req, err);
	end->status = x.res.status;
	if (ret != 0) {
		rcd_refusal_read(rcd_buf_view(&refusal), &end->refusal);
	} else {
		ret = read_answer(x.stream, x.res.type, t->post->stall_ms, t->s, err);
		end->refusal = t->s->refusal;
		end->final = t->s->n > 0;
	}
	rcd_exchange_end(&x);
	rcd_buf_free(&refusal);
	return ret;
}

static int ask_once(void *arg, json_t *json, struct rcd_openai_end *end, struct rcd_err *err)
{
	struct talk *t = arg;
	const struct rcd_openai_post *post = t->post;
	struct rcd_buf url, body;
	int ret;

	rcd_text_stream_again(t->s);
	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&body, RCD_MAX_ASK);
	rcd_answer_url(&url, t->conf->base_url, post->path);
	rcd_json_text(json_incref(json), &body);
	if (url.bad || body.bad) {
		ret = rcd_fail_nomem(err);
	} else {
		const struct rcd_http_req req =
			{.url = url.p,
		     .headers = (const char *const[]){"Accept: text/event-stream", NULL},
		     .key_header = rcd_openai_key_header(t->conf),
		     .key = &t->conf->key,
		     .body = rcd_buf_view(&body),
		     .body_type = "application/json",
		     .repeatable = post->repeatable,
		     .first_ms = post->stall_ms,
		     .idle_ms = post->stall_ms,
		     .deadline = post->deadline};
		ret = run_exchange(t, &req, end, err);
	}
	rcd_buf_free(&body);
	rcd_buf_free(&url);
	return ret;
}

int rcd_openai_stream(struct rcd_http *http, const struct rcd_openai_conf *conf,
                      const struct rcd_openai_post *post, struct rcd_text_stream *s,
                      struct rcd_chat_usage *usage, struct rcd_err *err)
{
	struct talk t = {.http = http, .conf = conf, .post = post, .s = s};
	unsigned without = 0;
	int ret;

	ret = post->body != NULL ? rcd_openai_adapt(conf, post->call, post->body, post->deadline,
	                                            ask_once, &t, &without, err)
	                         : rcd_fail_nomem(err);
	if (ret == 0)
		ret = rcd_text_stream_end(s, usage, err);
	if (ret == 0 && usage != NULL)
		usage->unseen = post->pictures && (without & RCD_ENGINE_UNSEEN) != 0;
	if (ret != 0 && s->calls != NULL)
		rcd_tool_calls_free(s->calls);
	json_decref(post->body);
	return ret;
}
