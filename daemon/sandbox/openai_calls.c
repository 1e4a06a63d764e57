#include "daemon/sandbox/openai_calls.h"

#include "base/crypto.h"
#include "base/limits.h"

#include <stdio.h>
#include <string.h>

#define AT_ONCE 8 /* calls in one answer */
#define PIECE 9
#define MARK "@call "

struct look {
	json_t *found; /* array of {name, arguments} */
	size_t made;   /* calls that are in the request already */
	bool nomem;
};

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '-';
}

/* How many bytes of v are one JSON value, or the rest of its line. */
static size_t count_arguments(struct rcd_sv v)
{
	const char *end = v.n > 0 ? memchr(v.p, '\n', v.n) : NULL;
	json_error_t je;
	json_t *value = v.n > 0 ? json_loadb(v.p, v.n, JSON_DISABLE_EOF_CHECK, &je) : NULL;

	if (value != NULL) {
		json_decref(value);
		return (size_t)je.position;
	}
	return end != NULL ? (size_t)(end - v.p) : v.n;
}

static void keep_call(struct look *l, struct rcd_sv name, struct rcd_sv arguments)
{
	json_t *call = json_pack("{s:o s:o}", "name", rcd_json_str(name), "arguments",
	                         rcd_json_str(arguments)),
		   *one;
	size_t i;

	json_array_foreach (l->found, i, one) {
		if (json_equal(one, call)) {
			json_decref(call);
			return;
		}
	}
	if (json_array_append_new(l->found, call) != 0)
		l->nomem = true;
}

static void scan_text(struct look *l, struct rcd_sv text)
{
	const char *at;

	while (text.n > 0 && (at = memmem(text.p, text.n, MARK, sizeof(MARK) - 1)) != NULL) {
		struct rcd_sv name = {at + sizeof(MARK) - 1, 0}, rest;
		const char *end = text.p + text.n;

		while (name.p + name.n < end && is_name_char(name.p[name.n]))
			name.n++;
		rest = (struct rcd_sv){name.p + name.n, (size_t)(end - name.p) - name.n};
		while (rest.n > 0 && *rest.p == ' ')
			rest = rcd_sv_skip(rest, 1);
		if (name.n > 0)
			keep_call(l, name, (struct rcd_sv){rest.p, count_arguments(rest)});
		text = rcd_sv_skip(rest, count_arguments(rest));
	}
}

static void walk_values(struct look *l, const json_t *v, int depth);

/* Tools' results are JSON inside a string. */
static void walk_text(struct look *l, struct rcd_sv text, int depth)
{
	json_t *inner = NULL;

	if (text.n > 0 && (*text.p == '{' || *text.p == '[') &&
	    rcd_json_parse(text, RCD_MAX_JSON, &inner, RCD_UNREAD_ERR) == 0)
		walk_values(l, inner, depth + 1);
	else
		scan_text(l, text);
	json_decref(inner);
}

static bool is_call(const json_t *v)
{
	return rcd_sv_is(rcd_json_sv(v, "type"), "function_call") ||
	       rcd_sv_is(rcd_json_sv(v, "type"), "function");
}

/* Walks in the order of the request: later turns only append to it, so the order of calls is
 * stable. */
static void walk_values(struct look *l, const json_t *v, int depth)
{
	const char *key;
	json_t *one;
	size_t i;

	if (depth > 16)
		return;
	if (json_is_string(v))
		walk_text(l, (struct rcd_sv){json_string_value(v), json_string_length(v)}, depth);
	if (is_call(v)) { /* a call that the model made before: counted, not made again */
		l->made++;
		return;
	}
	json_array_foreach (v, i, one) {
		walk_values(l, one, depth + 1);
	}
	json_object_foreach ((json_t *)(uintptr_t)v, key, one) {
		walk_values(l, one, depth + 1);
	}
}

static int take_next(const struct look *l, json_t **out)
{
	size_t n = json_array_size(l->found);
	json_t *calls = json_array();

	for (size_t i = l->made; i < n && i < l->made + AT_ONCE; i++) {
		json_t *call = json_copy(json_array_get(l->found, i));
		char id[40] = "call_";

		rcd_random_hex(id + 5, 12);
		if (json_object_set_new(call, "id", json_string(id)) != 0 ||
		    json_array_append_new(calls, call) != 0) {
			json_decref(calls);
			return -1;
		}
	}
	*out = calls;
	return calls != NULL ? 0 : -1;
}

int rcd_sb_calls_next(const json_t *req, const json_t *context, json_t **out)
{
	static const char *const where[] = {"instructions", "messages", "input"};
	struct look l = {.found = json_array()};
	int ret;

	*out = NULL;
	if (json_array_size(json_object_get(req, "tools")) > 0) {
		walk_values(&l, context, 0);
		for (size_t i = 0; i < 3; i++)
			walk_values(&l, json_object_get(req, where[i]), 0);
	}
	ret = l.found == NULL || l.nomem ? -1 : take_next(&l, out);
	json_decref(l.found);
	if (ret == 0 && json_array_size(*out) == 0) {
		json_decref(*out);
		*out = NULL;
	}
	return ret;
}

size_t rcd_sb_calls_piece(struct rcd_sv arguments)
{
	return arguments.n <= PIECE ? arguments.n : rcd_utf8_cut(arguments, PIECE);
}
