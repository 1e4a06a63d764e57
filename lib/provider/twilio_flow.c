#include "provider/twilio_flow.h"

#include "base/json.h"
#include "base/quote.h"

#include <stdio.h>
#include <string.h>

#define MAX_JSON 65536
#define MOST_ANSWERS 30
#define MAX_NAME 60
#define MAX_VALUE 200
#define MAX_DEPTH 8

struct flow {
	struct rcd_buf *out;
	size_t n;
	bool nomem;
};

/* What machines tell each other. */
static bool is_technical(const char *key)
{
	static const char *const keys[] = {"flow_token",
	                                   "FlowToken",
	                                   "flow_id",
	                                   "FlowId",
	                                   "pageId",
	                                   "page_id",
	                                   "wa_flow_response_params"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

static void append_answer(struct flow *f, struct rcd_sv name, struct rcd_sv value)
{
	size_t before = f->out->n;

	if (f->n == MOST_ANSWERS)
		return;
	if (f->n > 0)
		rcd_buf_str(f->out, "; ");
	if (rcd_quote(f->out, name, MAX_NAME))
		rcd_buf_str(f->out, ": ");
	if (rcd_quote(f->out, value, MAX_VALUE))
		f->n++;
	else
		rcd_buf_cut(f->out, before);
}

static void append_value(struct flow *f, struct rcd_sv name, const json_t *v, int depth);

/* Some wrap the answers in a string. */
static bool is_wrapped(struct flow *f, struct rcd_sv text, json_t **inner)
{
	struct rcd_err err = {0};

	*inner = NULL;
	if (text.n < 2 || text.p[0] != '{')
		return false;
	if (rcd_json_parse(text, MAX_JSON, inner, &err) == 0)
		return true;
	f->nomem = f->nomem || err.code == RCD_NOMEM;
	return false;
}

static void append_string(struct flow *f, struct rcd_sv name, const json_t *v, int depth)
{
	struct rcd_sv text = {json_string_value(v), json_string_length(v)};
	json_t *inner;

	if (is_wrapped(f, text, &inner))
		append_value(f, rcd_sv(NULL), inner, depth + 1);
	else
		append_answer(f, name, text);
	json_decref(inner);
}

/* {"label": "Nome", "value": "Ana"} is one answer. */
static bool is_pair(const json_t *v)
{
	return json_is_string(json_object_get(v, "label")) && json_object_get(v, "value") != NULL;
}

static void append_object(struct flow *f, const json_t *v, int depth)
{
	const char *key;
	json_t *member;

	if (is_pair(v)) {
		append_value(f, rcd_json_sv(v, "label"), json_object_get(v, "value"), depth);
		return;
	}
	json_object_foreach ((json_t *)(uintptr_t)v, key, member)
		if (!is_technical(key))
			append_value(f, rcd_sv(key), member, depth);
}

static void append_value(struct flow *f, struct rcd_sv name, const json_t *v, int depth)
{
	char text[40];
	size_t i;
	json_t *item;

	if (depth > MAX_DEPTH || f->n == MOST_ANSWERS || f->out->bad)
		return;
	if (json_is_string(v))
		append_string(f, name, v, depth);
	else if (json_is_object(v))
		append_object(f, v, depth + 1);
	else if (json_is_array(v)) {
		json_array_foreach (v, i, item) {
			append_value(f, name, item, depth + 1);
		}
	} else if (json_is_integer(v)) {
		(void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(v));
		append_answer(f, name, rcd_sv(text));
	} else if (json_is_real(v)) {
		(void)snprintf(text, sizeof(text), "%.6g", json_real_value(v));
		append_answer(f, name, rcd_sv(text));
	} else if (json_is_boolean(v)) {
		append_answer(f, name, json_is_true(v) ? RCD_SV("true") : RCD_SV("false"));
	}
}

int rcd_flow_read(struct rcd_sv json, struct rcd_buf *out, bool *any, struct rcd_err *err)
{
	struct flow f = {.out = out};
	json_t *v = NULL;

	*any = false;
	if (rcd_json_parse(json, MAX_JSON, &v, err) != 0)
		return err->code == RCD_NOMEM ? -1 : 0;
	if (json_is_object(v) || json_is_array(v))
		append_value(&f, rcd_sv(NULL), v, 0);
	json_decref(v);
	if (f.nomem)
		return rcd_fail_nomem(err);
	*any = f.n > 0;
	return 0;
}
