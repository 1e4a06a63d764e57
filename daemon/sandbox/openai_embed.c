/* Simulated OpenAI: embeddings. */

#include "daemon/sandbox/box.h"

#include "base/crypto.h"

#include <math.h>
#include <stdlib.h>

#define MAX_INPUTS 2048

static bool of_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

static char lower_char(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Each word pulls eight coordinates up or down, always the same eight: texts with common
 * words come out near each other. */
static void add_word(uint64_t hash, float *v, size_t n)
{
	for (int i = 0; i < 8; i++) {
		hash ^= hash >> 31;
		hash *= 0x9E3779B97F4A7C15u;
		v[(hash >> 8) % n] += (hash & 1) != 0 ? 1.0f : -1.0f;
	}
}

static void embed_text(struct rcd_sv text, float *v, size_t n)
{
	uint64_t hash = 0;
	float norm = 0;

	for (size_t i = 0; i <= text.n; i++) {
		char ch = i < text.n ? lower_char(text.p[i]) : ' ';

		if (of_word(ch)) {
			hash = (hash ^ (unsigned char)ch) * 0x100000001B3u + 1;
		} else if (hash != 0) {
			add_word(hash, v, n);
			hash = 0;
		}
	}
	for (size_t i = 0; i < n; i++)
		norm += v[i] * v[i];
	if (norm == 0)
		v[0] = norm = 1;
	for (size_t i = 0; i < n; i++)
		v[i] /= sqrtf(norm);
}

static json_t *to_list(const float *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n && list != NULL; i++) {
		if (json_array_append_new(list, json_real((double)v[i])) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

/* Little-endian float32, which is how this machine keeps them. */
static json_t *to_base64(const float *v, size_t n)
{
	struct rcd_buf text;
	json_t *s;

	rcd_buf_init(&text, 64 * 1024);
	rcd_base64((struct rcd_sv){(const char *)v, n * sizeof(*v)}, &text);
	s = text.bad ? NULL : json_stringn(text.p, text.n);
	rcd_buf_free(&text);
	return s;
}

struct embedding {
	size_t dimensions;
	bool base64;
	json_t *data; /* what has been made */
	size_t bytes;
};

static int add_embedding(struct embedding *e, const json_t *text)
{
	struct rcd_sv t = {json_string_value(text), json_string_length(text)};
	float *v = calloc(e->dimensions, sizeof(*v));
	json_t *value = NULL;

	if (v != NULL) {
		embed_text(t, v, e->dimensions);
		value = e->base64 ? to_base64(v, e->dimensions) : to_list(v, e->dimensions);
	}
	free(v);
	e->bytes += t.n;
	return json_array_append_new(e->data, json_pack("{s:s s:I s:o}", "object", "embedding", "index",
	                                                (json_int_t)json_array_size(e->data),
	                                                "embedding", value));
}

static bool is_string_list(const json_t *input)
{
	size_t i;
	json_t *v;

	if (json_is_string(input))
		return json_string_length(input) > 0;
	if (!json_is_array(input) || json_array_size(input) == 0 || json_array_size(input) > MAX_INPUTS)
		return false;
	json_array_foreach (input, i, v)
		if (json_string_length(v) == 0)
			return false;
	return true;
}

static size_t count_dimensions(const json_t *req, struct rcd_sv model)
{
	const json_t *d = json_object_get(req, "dimensions");
	size_t native = rcd_sv_ends(model, RCD_SV("-large")) ? 3072 : 1536;

	if (d == NULL || json_is_null(d))
		return native;
	if (!json_is_integer(d) || json_integer_value(d) < 1 ||
	    json_integer_value(d) > (json_int_t)native)
		return 0;
	return (size_t)json_integer_value(d);
}

static int send_embeddings(struct rcd_sb_call *c, const json_t *req, struct embedding *e)
{
	const json_t *input = json_object_get(req, "input"), *text;
	json_int_t tokens;
	size_t i;

	if (json_is_string(input) && add_embedding(e, input) != 0)
		return -1;
	json_array_foreach (input, i, text)
		if (add_embedding(e, text) != 0)
			return -1;
	tokens = (json_int_t)e->bytes / 4 + 1;
	rcd_sb_note(c, "inputs", json_integer((json_int_t)json_array_size(e->data)));
	return rcd_sb_reply_json(c, 200,
	                         json_pack("{s:s s:O s:O s:{s:I s:I}}", "object", "list", "data",
	                                   e->data, "model", json_object_get(req, "model"), "usage",
	                                   "prompt_tokens", tokens, "total_tokens", tokens));
}

int rcd_sb_openai_embed(struct rcd_sb_call *c)
{
	struct embedding e = {.data = NULL};
	struct rcd_sv model;
	bool nomem;
	json_t *req = rcd_sb_json(c, &nomem);
	int ret = -1;

	if (req == NULL)
		return nomem ? -1 : rcd_sb_refuse(c, 400, "", "The body is not a JSON object");
	model = rcd_json_sv(req, "model");
	rcd_sb_note_sv(c, "model", model);
	e.dimensions = count_dimensions(req, model);
	e.base64 = rcd_sv_is(rcd_json_sv(req, "encoding_format"), "base64");
	e.data = json_array();
	if (model.n == 0)
		ret = rcd_sb_refuse(c, 400, "", "you must provide a model parameter");
	else if (!is_string_list(json_object_get(req, "input")) || e.dimensions == 0)
		ret = rcd_sb_refuse(c, 400, "", "'input' or 'dimensions' is invalid.");
	else if (e.data != NULL)
		ret = send_embeddings(c, req, &e);
	json_decref(e.data);
	json_decref(req);
	return ret;
}
