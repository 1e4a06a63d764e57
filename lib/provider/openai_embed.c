#include "provider/openai_embed.h"

#include "base/crypto.h"
#include "base/limits.h"
#include "provider/openai_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 2048          /* texts of a call, by OpenAI */
#define TEXT_BYTES 16000   /* of one text: 8,000 tokens of two bytes */
#define AROUND (64 * 1024) /* of an answer, what is not vectors */
#define AROUND_EACH 256    /* the same for each vector */

size_t rcd_openai_embed_most(const struct rcd_openai_conf *conf)
{
	size_t each = (size_t)conf->embedding_dimensions * sizeof(float) * 4 / 3 + AROUND_EACH;
	size_t fit = (RCD_MAX_JSON - AROUND) / each;

	return fit < MOST ? fit : MOST;
}

/* --- the answer ---------------------------------------------------------------------------- */

static int read_base64(struct rcd_sv text, size_t dimensions, float *out, struct rcd_err *err)
{
	struct rcd_buf bytes;
	int ret = 0;

	rcd_buf_init(&bytes, text.n);
	if (rcd_base64_decode(text, &bytes) != 0)
		ret = bytes.bad && !bytes.over ? rcd_fail_nomem(err)
		                               : rcd_fail(err, RCD_PROTO, 0, "an embedding is no base64");
	else if (bytes.bad)
		ret = rcd_fail_nomem(err);
	else if (bytes.n != dimensions * sizeof(float))
		ret = rcd_fail(err, RCD_PROTO, 0, "an embedding of %zu dimensions, not %zu",
		               bytes.n / sizeof(float), dimensions);
	else
		memcpy(out, bytes.p, bytes.n); /* little-endian float32, as this machine has them */
	rcd_buf_free(&bytes);
	return ret;
}

/* From engines that know no encoding_format. */
static int read_list(const json_t *list, size_t dimensions, float *out, struct rcd_err *err)
{
	const json_t *v;
	size_t i;

	if (json_array_size(list) != dimensions)
		return rcd_fail(err, RCD_PROTO, 0, "an embedding of %zu dimensions, not %zu",
		                json_array_size(list), dimensions);
	json_array_foreach (list, i, v) {
		if (!json_is_number(v))
			return rcd_fail(err, RCD_PROTO, 0, "an embedding with something else than numbers");
		out[i] = (float)json_number_value(v);
	}
	return 0;
}

static int take_one(const json_t *item, size_t n, size_t dimensions, float *out, bool *seen,
                    struct rcd_err *err)
{
	const json_t *index = json_object_get(item, "index"), *v = json_object_get(item, "embedding");
	json_int_t i = json_is_integer(index) ? json_integer_value(index) : -1;

	if (i < 0 || (size_t)i >= n || seen[i])
		return rcd_fail(err, RCD_PROTO, 0, "an embedding of a text that was not sent");
	seen[i] = true;
	out += (size_t)i * dimensions;
	return json_is_string(v) ? read_base64(rcd_json_sv(item, "embedding"), dimensions, out, err)
	                         : read_list(v, dimensions, out, err);
}

int rcd_openai_embed_read(struct rcd_sv body, size_t n, size_t dimensions, float *out,
                          struct rcd_err *err)
{
	bool *seen = calloc(n, sizeof(*seen));
	const json_t *data, *item;
	json_t *answer = NULL;
	int ret = -1;
	size_t i;

	if (seen == NULL)
		return rcd_fail_nomem(err);
	if (rcd_answer_json(body, &answer, err) == 0) {
		data = json_object_get(answer, "data");
		ret = json_array_size(data) == n
		          ? 0
		          : rcd_fail(err, RCD_PROTO, 0, "%zu embeddings for %zu texts",
		                     json_array_size(data), n);
		json_array_foreach (data, i, item)
			if (ret == 0)
				ret = take_one(item, n, dimensions, out, seen, err);
	}
	json_decref(answer);
	free(seen);
	return ret;
}

/* --- the request --------------------------------------------------------------------------- */

static json_t *make_request(const struct rcd_openai_conf *conf, const struct rcd_sv *text, size_t n)
{
	json_t *input = json_array(), *req;
	bool old = rcd_sv_starts(rcd_sv(conf->embedding_model), RCD_SV("text-embedding-ada"));

	for (size_t i = 0; i < n; i++) {
		struct rcd_sv t = {text[i].p, rcd_utf8_cut(text[i], TEXT_BYTES)};

		if (json_array_append_new(input, rcd_json_str(t)) != 0) {
			json_decref(input);
			return NULL;
		}
	}
	req = json_pack("{s:s, s:s, s:o}", "model", conf->embedding_model, "encoding_format", "base64",
	                "input", input);
	if (!old &&
	    json_object_set_new(req, "dimensions", json_integer(conf->embedding_dimensions)) != 0) {
		json_decref(req);
		return NULL;
	}
	return req;
}

static int check_texts(const struct rcd_openai_conf *conf, const struct rcd_sv *text, size_t n,
                       struct rcd_err *err)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++) {
		bytes += text[i].n < TEXT_BYTES ? text[i].n : TEXT_BYTES;
		if (text[i].n == 0)
			return rcd_fail(err, RCD_INVAL, 0, "openai: an empty text has no embedding");
	}
	if (n == 0 || n > rcd_openai_embed_most(conf) || bytes > RCD_EMBED_BYTES)
		return rcd_fail(err, RCD_INVAL, 0,
		                "openai: %zu texts of %zu bytes are too many for one call", n, bytes);
	return 0;
}

/* A call while it runs. */
struct embedding {
	struct rcd_http *http;
	const struct rcd_openai_conf *conf;
	const char *doing;
	size_t n;
	int64_t deadline;
	float *out;
};

static int take_answer(const struct embedding *e, const struct rcd_http_res *res,
                       struct rcd_openai_end *end, struct rcd_err *err)
{
	struct rcd_sv body = rcd_buf_view(&res->body);

	end->status = res->status;
	if (res->status != 200) {
		rcd_refusal_read(body, &end->refusal);
		return rcd_openai_refused(e->doing, res, body, err);
	}
	if (rcd_openai_embed_read(body, e->n, (size_t)e->conf->embedding_dimensions, e->out, err) != 0)
		return rcd_answer_lost(e->doing, err);
	return 0;
}

static int ask_once(void *arg, json_t *json, struct rcd_openai_end *end, struct rcd_err *err)
{
	const struct embedding *e = arg;
	struct rcd_http_req req = {.key_header = rcd_openai_key_header(e->conf),
	                           .key = &e->conf->key,
	                           .body_type = "application/json",
	                           .repeatable = true,
	                           .deadline = e->deadline};
	struct rcd_http_res res = {0};
	struct rcd_buf url, body;
	int ret;

	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&body, 8 * RCD_EMBED_BYTES);
	rcd_answer_url(&url, e->conf->base_url, "/embeddings");
	rcd_json_text(json_incref(json), &body);
	req.url = url.p;
	req.body = rcd_buf_view(&body);
	if (url.bad || body.bad)
		ret = rcd_fail_nomem(err);
	else if (rcd_http_do(e->http, &req, &res, err) != 0)
		ret = rcd_answer_lost(e->doing, err);
	else
		ret = take_answer(e, &res, end, err);
	rcd_http_res_free(&res);
	rcd_buf_free(&body);
	rcd_buf_free(&url);
	return ret;
}

int rcd_openai_embed(struct rcd_http *http, const struct rcd_openai_conf *conf,
                     const struct rcd_sv *text, size_t n, int64_t deadline, float *out,
                     struct rcd_err *err)
{
	char doing[96];
	struct embedding e = {http, conf, doing, n, deadline, out};
	json_t *req;
	int ret;

	if (check_texts(conf, text, n, err) != 0)
		return -1;
	(void)snprintf(doing, sizeof(doing), "openai: embeddings with %.64s", conf->embedding_model);
	req = make_request(conf, text, n);
	ret = req != NULL
	          ? rcd_openai_adapt(conf, RCD_ENGINE_EMBED, req, deadline, ask_once, &e, NULL, err)
	          : rcd_fail_nomem(err);
	json_decref(req);
	return ret;
}
