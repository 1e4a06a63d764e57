#include "provider/tool_call.h"

#include "base/crypto.h"

#include <string.h>

void rcd_tool_calls_init(struct rcd_tool_calls *c)
{
	*c = (struct rcd_tool_calls){0};
}

void rcd_tool_calls_free(struct rcd_tool_calls *c)
{
	for (size_t i = 0; i < c->n; i++) {
		rcd_buf_free(&c->call[i].args);
		json_decref(c->call[i].extras);
	}
	json_decref(c->extras);
	c->extras = NULL;
	c->n = c->extras_n = 0;
}

static struct rcd_tool_call *begin_call(struct rcd_tool_calls *c, int64_t at, struct rcd_err *err)
{
	struct rcd_tool_call *call;

	if (c->n == RCD_MAX_CALLS) {
		(void)rcd_fail(err, RCD_LIMIT, 0, "more than %d calls in one answer", RCD_MAX_CALLS);
		return NULL;
	}
	call = &c->call[c->n++];
	*call = (struct rcd_tool_call){.at = at};
	rcd_buf_init(&call->args, RCD_MAX_CALL_ARGS);
	return call;
}

/* The last that began with it: an engine may give the same number to several. */
static struct rcd_tool_call *find_call(struct rcd_tool_calls *c, int64_t at)
{
	for (size_t i = c->n; i > 0; i--)
		if (c->call[i - 1].at == at)
			return &c->call[i - 1];
	return NULL;
}

struct rcd_tool_call *rcd_tool_call_at(struct rcd_tool_calls *c, int64_t at, struct rcd_err *err)
{
	struct rcd_tool_call *call = find_call(c, at);

	return call != NULL ? call : begin_call(c, at, err);
}

static struct rcd_tool_call *find_id(struct rcd_tool_calls *c, struct rcd_sv id, struct rcd_sv name)
{
	for (size_t i = 0; i < c->n && id.n > 0; i++)
		if (rcd_sv_is(id, c->call[i].id) && (name.n == 0 || rcd_sv_is(name, c->call[i].name)))
			return &c->call[i];
	return NULL;
}

/* Does a piece with this head begin another call than the one? A name comes with the beginning, or
 * with every piece and then with the same id; an id without a name continues. */
static bool is_another(const struct rcd_tool_call *call, struct rcd_sv id, struct rcd_sv name)
{
	bool other_id = id.n > 0 && call->id[0] != '\0' && !rcd_sv_is(id, call->id);

	return name.n > 0 && call->name[0] != '\0' && (other_id || !rcd_sv_is(name, call->name));
}

struct rcd_tool_call *rcd_tool_call_of(struct rcd_tool_calls *c, const json_t *piece, int64_t at,
                                       struct rcd_err *err)
{
	struct rcd_sv id = rcd_json_sv(piece, "id"),
				  name = rcd_json_sv(json_object_get(piece, "function"), "name");
	const json_t *number = json_object_get(piece, "index");
	struct rcd_tool_call *call;

	if (json_is_integer(number)) {
		at = json_integer_value(number);
		call = find_call(c, at);
	} else {
		call = find_id(c, id, rcd_sv(NULL));
		if (call == NULL && name.n == 0 && c->n > 0)
			call = &c->call[c->n - 1];
	}
	if (call != NULL && is_another(call, id, name))
		call = find_id(c, id, name);
	return call != NULL ? call : begin_call(c, at, err);
}

void rcd_tool_call_more(struct rcd_tool_call *call, const json_t *arguments)
{
	if (json_is_string(arguments)) {
		rcd_buf_sv(&call->args,
		           (struct rcd_sv){json_string_value(arguments), json_string_length(arguments)});
	} else if (json_is_object(arguments)) {
		rcd_buf_reset(&call->args);
		rcd_json_text(json_incref((json_t *)(uintptr_t)arguments), &call->args);
	}
}

/* --- members that we do not know ------------------------------------------------------------- */

static bool is_known(const char *key, const char *const *known)
{
	while (*known != NULL && strcmp(*known, key) != 0)
		known++;
	return *known != NULL;
}

/* Bytes of its text; 0: memory is short. */
static size_t measure_json(const json_t *v)
{
	return json_dumpb(v, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* What there was with what came, as a new value. */
static json_t *merge_values(const json_t *had, json_t *v)
{
	json_t *list;

	if (json_is_string(had) && json_is_string(v))
		return json_pack("s%+%", json_string_value(had), json_string_length(had),
		                 json_string_value(v), json_string_length(v));
	if (!json_is_array(had) || !json_is_array(v))
		return json_incref(v);
	list = json_copy((json_t *)(uintptr_t)had);
	if (json_array_extend(list, v) == 0)
		return list;
	json_decref(list);
	return NULL;
}

int rcd_tool_extras(struct rcd_tool_calls *c, json_t **extras, const json_t *object,
                    const char *const *known)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)(uintptr_t)object, key, v) {
		size_t n;

		if (json_is_null(v) || is_known(key, known))
			continue;
		n = measure_json(v);
		if (n == 0)
			return -1;
		if (n > RCD_MAX_CALL_EXTRAS - c->extras_n)
			continue;
		if (*extras == NULL)
			*extras = json_object();
		if (json_object_set_new(*extras, key, merge_values(json_object_get(*extras, key), v)) != 0)
			return -1;
		c->extras_n += n;
	}
	return 0;
}

/* --- whole ----------------------------------------------------------------------------------- */

static bool is_plain(struct rcd_sv v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] <= ' ' || v.p[i] > '~')
			return false;
	return true;
}

/* One that does not fit is not shortened: it would be the name of something else. */
static void copy_once(struct rcd_sv v, char *out, size_t size)
{
	if (out[0] != '\0' || v.n == 0 || v.n >= size || !is_plain(v))
		return;
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
}

void rcd_tool_call_named(struct rcd_tool_call *call, struct rcd_sv id, struct rcd_sv name)
{
	copy_once(id, call->id, sizeof(call->id));
	copy_once(name, call->name, sizeof(call->name));
}

/* Nine letters and digits: the one form that every engine takes. */
static void make_id(char id[RCD_CALL_ID])
{
	rcd_random_hex(id, 5);
	id[9] = '\0';
}

/* Is the id of call i that of one before it? */
static bool is_taken(const struct rcd_tool_calls *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(c->call[k].id, c->call[i].id) == 0)
			return true;
	return false;
}

void rcd_tool_calls_identify(struct rcd_tool_calls *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->call[i].id[0] == '\0' || is_taken(c, i))
			make_id(c->call[i].id);
}

int rcd_tool_calls_whole(const struct rcd_tool_calls *c, struct rcd_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->call[i].id[0] == '\0' || c->call[i].name[0] == '\0')
			return rcd_fail(err, RCD_PROTO, 0, "a call without an id or a name");
		if (c->call[i].args.bad && !c->call[i].args.over)
			return rcd_fail_nomem(err);
	}
	return 0;
}

json_t *rcd_tool_call_args(const struct rcd_tool_call *call)
{
	json_t *v = NULL;

	if (call->args.bad)
		return NULL;
	if (rcd_sv_trim(rcd_buf_view(&call->args)).n == 0) /* how some say that there are none */
		return json_object();
	if (rcd_json_parse(rcd_buf_view(&call->args), RCD_MAX_CALL_ARGS, &v, RCD_UNREAD_ERR) != 0)
		return NULL;
	if (json_is_object(v))
		return v;
	json_decref(v);
	return NULL;
}

/* take and what goes back with it; NULL when memory is short. */
static json_t *add_extras(json_t *take, json_t *extras)
{
	if (take == NULL || extras == NULL || json_object_update(take, extras) == 0)
		return take;
	json_decref(take);
	return NULL;
}

/* Broken arguments are not sent back: providers refuse a history that has some. */
static json_t *build_call(const struct rcd_tool_call *call)
{
	json_t *args = rcd_tool_call_args(call);
	bool good = args != NULL && call->args.n > 0;
	json_t *out;

	json_decref(args);
	out = json_pack("{s:s, s:s, s:{s:s, s:o}}", "id", call->id, "type", "function", "function",
	                "name", call->name, "arguments",
	                good ? rcd_json_str(rcd_buf_view(&call->args)) : json_string("{}"));
	return add_extras(out, call->extras);
}

json_t *rcd_tool_calls_message(const struct rcd_tool_calls *c, struct rcd_sv said)
{
	json_t *calls = json_array();

	for (size_t i = 0; i < c->n; i++) {
		if (json_array_append_new(calls, build_call(&c->call[i])) != 0) {
			json_decref(calls);
			return NULL;
		}
	}
	return add_extras(json_pack("{s:s, s:o, s:o}", "role", "assistant", "content",
	                            said.n > 0 ? rcd_json_str(said) : json_null(), "tool_calls", calls),
	                  c->extras);
}

json_t *rcd_tool_result_message(const struct rcd_tool_call *call, struct rcd_sv result)
{
	return json_pack("{s:s, s:s, s:o}", "role", "tool", "tool_call_id", call->id, "content",
	                 rcd_json_str(result));
}

int rcd_tool_items(const json_t *message, json_t *input)
{
	const json_t *calls = json_object_get(message, "tool_calls"), *call;
	size_t i;

	if (rcd_sv_is(rcd_json_sv(message, "role"), "tool"))
		return json_array_append_new(input,
		                             json_pack("{s:s, s:O, s:O}", "type", "function_call_output",
		                                       "call_id", json_object_get(message, "tool_call_id"),
		                                       "output", json_object_get(message, "content")));
	if (calls == NULL)
		return 1;
	json_array_foreach (calls, i, call) {
		const json_t *f = json_object_get(call, "function");

		if (json_array_append_new(input, json_pack("{s:s, s:O, s:O, s:O}", "type", "function_call",
		                                           "call_id", json_object_get(call, "id"), "name",
		                                           json_object_get(f, "name"), "arguments",
		                                           json_object_get(f, "arguments"))) != 0)
			return -1;
	}
	return 0;
}

/* The members that surround a tool. Not strict where the protocol has a member for it: our schemas
 * have optional members. */
static json_t *make_frame(enum rcd_tools_for protocol)
{
	if (protocol == RCD_TOOLS_CHAT)
		return json_object();
	if (protocol == RCD_TOOLS_REALTIME)
		return json_pack("{s:s}", "type", "function");
	return json_pack("{s:s, s:b}", "type", "function", "strict", 0);
}

static json_t *build_offer(const json_t *tool, enum rcd_tools_for protocol)
{
	json_t *one = make_frame(protocol);

	if (json_object_update(one, (json_t *)(uintptr_t)tool) != 0) {
		json_decref(one);
		return NULL;
	}
	return protocol == RCD_TOOLS_CHAT ? json_pack("{s:s, s:o}", "type", "function", "function", one)
	                                  : one;
}

json_t *rcd_tools_offer(const json_t *tools, enum rcd_tools_for protocol)
{
	json_t *out = json_array();
	const json_t *tool;
	size_t i;

	json_array_foreach (tools, i, tool) {
		if (json_array_append_new(out, build_offer(tool, protocol)) != 0) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}
