#include "provider/answer.h"

#include "base/limits.h"

#include <stdio.h>
#include <string.h>

int rcd_answer_lost(const char *who, struct rcd_err *err)
{
	const struct rcd_err was = *err;

	(void)rcd_fail(err, was.code, was.sys, "%s: %s", who, was.msg);
	err->retry_after = was.retry_after;
	err->account = was.account;
	return -1;
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '-' || c == '.' || c == '+';
}

const char *rcd_answer_word(struct rcd_sv v, char out[RCD_WORD])
{
	size_t n = 0;

	while (n < v.n && n < RCD_WORD - 1 && is_word_char(v.p[n])) {
		out[n] = v.p[n];
		n++;
	}
	out[n == v.n ? n : 0] = '\0';
	return out;
}

int rcd_answer_json(struct rcd_sv body, json_t **out, struct rcd_err *err)
{
	json_t *v;

	if (rcd_json_parse(body, RCD_MAX_JSON, &v, err) != 0)
		return -1;
	if (!json_is_object(v)) {
		json_decref(v);
		return rcd_fail(err, RCD_PROTO, 0, "the answer is not a JSON object");
	}
	*out = v;
	return 0;
}

/* The first bytes of what a stream still brings; stops quietly when it breaks. */
static void read_rest(struct rcd_http_stream *s, struct rcd_buf *out)
{
	char piece[4096];
	size_t n = 1;

	while (n > 0 && out->n < out->max) {
		size_t want = out->max - out->n;

		if (rcd_http_read(s, piece, want < sizeof(piece) ? want : sizeof(piece), &n,
		                  RCD_UNREAD_ERR) != 0)
			return;
		rcd_buf_add(out, piece, n);
		if (out->bad)
			return;
	}
}

int rcd_exchange_begin(struct rcd_exchange *x, struct rcd_http *http,
                       const struct rcd_http_req *req, struct rcd_err *err)
{
	struct rcd_buf refusal;
	int ret;

	if (rcd_http_begin(http, req, &x->stream, &x->res, err) != 0)
		return rcd_answer_lost(x->doing, err);
	if (x->res.status == 200)
		return 0;
	rcd_buf_init(&refusal, RCD_MAX_REFUSAL);
	read_rest(x->stream, &refusal);
	ret = x->refused(x->doing, &x->res, rcd_buf_view(&refusal), err);
	if (x->refusal != NULL)
		rcd_buf_sv(x->refusal, rcd_buf_view(&refusal));
	rcd_buf_free(&refusal);
	return ret;
}

void rcd_exchange_end(struct rcd_exchange *x)
{
	x->stream = rcd_http_end(x->stream);
	rcd_http_res_free(&x->res);
}

void rcd_answer_url(struct rcd_buf *out, const char *base, const char *path)
{
	struct rcd_sv query = rcd_sv(base), b;

	(void)rcd_sv_cut(&query, '?', &b);
	while (b.n > 0 && b.p[b.n - 1] == '/')
		b.n--;
	rcd_buf_sv(out, b);
	rcd_buf_str(out, path);
	if (query.n > 0) {
		rcd_buf_str(out, strchr(path, '?') != NULL ? "&" : "?");
		rcd_buf_sv(out, query);
	}
}
