#include "base/json.h"

#include <pthread.h>
#include <stdlib.h>

/* jansson's lexer does not always report lack of memory: it may call the text malformed, or
 * silently drop a byte of a long string. So a failed allocation is noted here. */
static _Thread_local bool starved;

static void *malloc_or_note(size_t n)
{
	void *p = malloc(n);

	if (p == NULL)
		starved = true;
	return p;
}

static void hook_malloc(void)
{
	json_set_alloc_funcs(malloc_or_note, free);
}

static int parse_text(struct rcd_sv text, json_t **out, json_error_t *je)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	json_t *v;

	(void)pthread_once(&once, hook_malloc);
	starved = false;
	v = json_loadb(text.p != NULL ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
	               je);
	if (starved) {
		json_decref(v);
		return -1;
	}
	*out = v;
	return 0;
}

int rcd_json_parse(struct rcd_sv text, size_t max, json_t **out, struct rcd_err *err)
{
	json_error_t je;
	json_t *v;

	if (text.n > max)
		return rcd_fail(err, RCD_LIMIT, 0, "JSON of %zu bytes, at most %zu", text.n, max);
	if (parse_text(text, &v, &je) != 0)
		return rcd_fail_nomem(err);
	if (v == NULL) /* jansson's text quotes the input; only the place is ours to tell */
		return rcd_fail(err, RCD_PROTO, 0, "malformed JSON at byte %d", je.position);
	*out = v;
	return 0;
}

static int append_chunk(const char *p, size_t n, void *arg)
{
	struct rcd_buf *out = arg;

	rcd_buf_add(out, p, n);
	return out->bad ? -1 : 0;
}

static void write_value(const json_t *v, size_t flags, struct rcd_buf *out)
{
	if (v == NULL ||
	    json_dump_callback(v, append_chunk, out,
	                       flags | JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) != 0) {
		rcd_buf_free(out);
		out->bad = true;
	}
}

void rcd_json_text(json_t *take, struct rcd_buf *out)
{
	write_value(take, 0, out);
	json_decref(take);
}

void rcd_json_canonical(const json_t *v, struct rcd_buf *out)
{
	write_value(v, JSON_SORT_KEYS, out);
}

struct rcd_sv rcd_json_sv(const json_t *obj, const char *key)
{
	const json_t *v = json_object_get(obj, key);

	if (!json_is_string(v))
		return (struct rcd_sv){NULL, 0};
	return (struct rcd_sv){json_string_value(v), json_string_length(v)};
}

json_t *rcd_json_str(struct rcd_sv v)
{
	struct rcd_buf clean;
	json_t *s;

	if (v.n == 0)
		return json_string("");
	s = json_stringn(v.p, v.n);
	if (s != NULL)
		return s;
	rcd_buf_init(&clean, 3 * v.n);
	rcd_buf_utf8(&clean, v);
	s = clean.bad ? NULL : json_stringn(clean.p, clean.n);
	rcd_buf_free(&clean);
	return s;
}
