#include "net/http_int.h"

#include "base/cancel.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* --- the client ------------------------------------------------------------------------ */

int rcd_http_open(struct rcd_http **out, struct rcd_err *err)
{
	struct rcd_http *http = calloc(1, sizeof(*http));

	if (http == NULL)
		return rcd_fail_nomem(err);
	http->users = 1;
	TAILQ_INIT(&http->queue);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(http);
		return rcd_fail(err, RCD_NOMEM, 0, "http client: libcurl does not start");
	}
	(void)pthread_mutex_init(&http->lock, NULL);
	if (rcd_http_engine_open(http, err) != 0) {
		(void)pthread_mutex_destroy(&http->lock);
		curl_global_cleanup();
		free(http);
		return -1;
	}
	*out = http;
	return 0;
}

/* A transfer may be given up after the client was closed: the last one out frees it. */
static void release_client(struct rcd_http *http)
{
	bool last;

	(void)pthread_mutex_lock(&http->lock);
	last = --http->users == 0;
	(void)pthread_mutex_unlock(&http->lock);
	if (!last)
		return;
	for (size_t i = 0; i < http->n_spare; i++)
		curl_easy_cleanup(http->spare[i]);
	(void)pthread_mutex_destroy(&http->lock);
	free(http);
	curl_global_cleanup();
}

void rcd_http_abort(struct rcd_http *http)
{
	if (http != NULL)
		rcd_http_engine_close(http);
}

struct rcd_http *rcd_http_close(struct rcd_http *http)
{
	if (http != NULL) {
		rcd_http_engine_close(http);
		release_client(http);
	}
	return NULL;
}

/* --- a transfer ------------------------------------------------------------------------ */

static CURL *take_easy(struct rcd_http *http)
{
	CURL *easy = NULL;

	(void)pthread_mutex_lock(&http->lock);
	http->users++;
	if (http->n_spare > 0)
		easy = http->spare[--http->n_spare];
	(void)pthread_mutex_unlock(&http->lock);
	return easy != NULL ? easy : curl_easy_init();
}

static void keep_easy(struct rcd_http *http, CURL *easy, bool good)
{
	bool kept;

	(void)pthread_mutex_lock(&http->lock);
	kept = good && http->n_spare < RCD_HTTP_SPARE;
	if (kept)
		http->spare[http->n_spare++] = easy;
	(void)pthread_mutex_unlock(&http->lock);
	if (!kept)
		curl_easy_cleanup(easy);
	release_client(http);
}

static void free_stream(struct rcd_http_stream *t)
{
	bool good = t->easy != NULL && rcd_http_unset(t);

	keep_easy(t->http, t->easy, good);
	rcd_buf_free(&t->body);
	(void)pthread_cond_destroy(&t->moved_on);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

/* NULL, and err says why. */
static struct rcd_http_stream *make_stream(struct rcd_http *http, const struct rcd_http_req *req,
                                           bool streaming, struct rcd_err *err)
{
	struct rcd_http_stream *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		(void)rcd_fail_nomem(err);
		return NULL;
	}
	(void)pthread_mutex_init(&t->lock, NULL);
	(void)pthread_cond_init(&t->moved_on, NULL);
	t->http = http;
	t->streaming = streaming;
	t->easy = take_easy(http);
	if (t->easy == NULL)
		(void)rcd_fail_nomem(err);
	else if (rcd_http_setup(t, req, err) == 0)
		return t;
	free_stream(t);
	return NULL;
}

static void cancel_stream(void *arg)
{
	rcd_http_cancel(arg);
}

/* Hands t to the engine and waits for its head or its end. */
static int run_transfer(struct rcd_http_stream *t, struct rcd_http_res *res, struct rcd_err *err)
{
	int ret = 0;

	t->res = res;
	if (!rcd_http_post(t, RCD_HTTP_START))
		return rcd_fail(err, RCD_CANCELLED, 0, "http client is shutting down");
	(void)pthread_mutex_lock(&t->lock);
	while (!t->done && !(t->streaming && t->head))
		(void)pthread_cond_wait(&t->moved_on, &t->lock);
	if (t->done && t->result != 0) {
		*err = t->err;
		ret = -1;
	}
	(void)pthread_mutex_unlock(&t->lock);
	return ret;
}

static int run_cancellable(struct rcd_http_stream *t, struct rcd_http_res *res, struct rcd_err *err)
{
	struct rcd_cancel_wait w;
	int ret = rcd_cancel_wait_begin(&w, cancel_stream, t)
	              ? run_transfer(t, res, err)
	              : rcd_fail(err, RCD_CANCELLED, 0, "cancelled");

	rcd_cancel_wait_end(&w);
	return ret;
}

int rcd_http_do(struct rcd_http *http, const struct rcd_http_req *req, struct rcd_http_res *res,
                struct rcd_err *err)
{
	struct rcd_http_stream *t;
	int ret;

	*res = (struct rcd_http_res){.status = 0};
	t = make_stream(http, req, /* streaming= */ false, err);
	if (t == NULL)
		return -1;
	ret = run_cancellable(t, res, err);
	if (ret == 0) {
		res->body = t->body;
		rcd_buf_init(&t->body, 0);
	}
	free_stream(t);
	return ret;
}

void rcd_http_res_free(struct rcd_http_res *res)
{
	if (res != NULL)
		rcd_buf_free(&res->body);
}

/* --- streams --------------------------------------------------------------------------- */

int rcd_http_begin(struct rcd_http *http, const struct rcd_http_req *req,
                   struct rcd_http_stream **out, struct rcd_http_res *res, struct rcd_err *err)
{
	struct rcd_http_stream *t;

	*res = (struct rcd_http_res){.status = 0};
	t = make_stream(http, req, /* streaming= */ true, err);
	if (t == NULL)
		return -1;
	if (run_cancellable(t, res, err) != 0) {
		free_stream(t);
		return -1;
	}
	*out = t;
	return 0;
}

static size_t take_bytes(struct rcd_http_stream *t, void *p, size_t cap)
{
	size_t n = t->body.n - t->taken;

	if (n > cap)
		n = cap;
	if (n > 0)
		memcpy(p, t->body.p + t->taken, n);
	t->taken += n;
	if (t->taken == t->body.n) {
		rcd_buf_reset(&t->body);
		t->taken = 0;
	}
	return n;
}

int rcd_http_read(struct rcd_http_stream *s, void *p, size_t cap, size_t *n, struct rcd_err *err)
{
	struct rcd_cancel_wait w;
	bool resume = false;
	int ret = 0;

	if (!rcd_cancel_wait_begin(&w, cancel_stream, s))
		rcd_http_cancel(s);
	(void)pthread_mutex_lock(&s->lock);
	while (!s->cancelled && !s->done && s->body.n == s->taken)
		(void)pthread_cond_wait(&s->moved_on, &s->lock);
	if (s->cancelled) {
		ret = rcd_fail(err, RCD_CANCELLED, 0, "cancelled");
	} else if (s->body.n > s->taken) {
		*n = take_bytes(s, p, cap);
		resume = s->paused && s->body.n - s->taken < RCD_HTTP_WINDOW / 2;
	} else if (s->result != 0) {
		*err = s->err;
		ret = -1;
	} else {
		*n = 0;
	}
	(void)pthread_mutex_unlock(&s->lock);
	rcd_cancel_wait_end(&w);
	if (resume)
		(void)rcd_http_post(s, RCD_HTTP_RESUME);
	return ret;
}

void rcd_http_cancel(struct rcd_http_stream *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->cancelled = true;
	(void)pthread_cond_signal(&s->moved_on);
	(void)pthread_mutex_unlock(&s->lock);
	(void)rcd_http_post(s, RCD_HTTP_STOP);
}

struct rcd_http_stream *rcd_http_end(struct rcd_http_stream *s)
{
	if (s == NULL)
		return NULL;
	(void)rcd_http_post(s, RCD_HTTP_STOP); /* refused when it is over: then done is set soon */
	(void)pthread_mutex_lock(&s->lock);
	while (!s->done)
		(void)pthread_cond_wait(&s->moved_on, &s->lock);
	(void)pthread_mutex_unlock(&s->lock);
	free_stream(s);
	return NULL;
}
