#include "provider/tool_call.h"

#include <string.h>

void rcd_tool_calls_init(struct rcd_tool_calls *c)
{
	*c = (struct rcd_tool_calls){0};
}

void rcd_tool_calls_free(struct rcd_tool_calls *c)
{
	for (size_t i = 0; i < c->n; i++)
		rcd_buf_free(&c->call[i].args);
	c->n = 0;
}

struct rcd_tool_call *rcd_tool_call_at(struct rcd_tool_calls *c, int64_t at, struct rcd_err *err)
{
	struct rcd_tool_call *call;

	for (size_t i = 0; i < c->n; i++)
		if (c->call[i].at == at)
			return &c->call[i];
	if (c->n == RCD_MAX_CALLS) {
		(void)rcd_fail(err, RCD_LIMIT, 0, "more than %d calls in one answer", RCD_MAX_CALLS);
		return NULL;
	}
	call = &c->call[c->n++];
	*call = (struct rcd_tool_call){.at = at};
	rcd_buf_init(&call->args, RCD_MAX_CALL_ARGS);
	return call;
}

static bool plain(struct rcd_sv v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] <= ' ' || v.p[i] > '~')
			return false;
	return true;
}

/* One that does not fit is not shortened: it would be the name of something else. */
static void put(struct rcd_sv v, char *out, size_t size)
{
	if (out[0] != '\0' || v.n == 0 || v.n >= size || !plain(v))
		return;
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
}

void rcd_tool_call_named(struct rcd_tool_call *call, struct rcd_sv id, struct rcd_sv name)
{
	put(id, call->id, sizeof(call->id));
	put(name, call->name, sizeof(call->name));
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
	if (rcd_json_parse(rcd_buf_view(&call->args), RCD_MAX_CALL_ARGS, &v, NULL) != 0)
		return NULL;
	if (json_is_object(v))
		return v;
	json_decref(v);
	return NULL;
}

/* Broken arguments are not sent back: providers refuse a history that has some. */
static json_t *call_of(const struct rcd_tool_call *call)
{
	json_t *args = rcd_tool_call_args(call);
	bool good = args != NULL && call->args.n > 0;

	json_decref(args);
	return json_pack("{s:s, s:s, s:{s:s, s:o}}", "id", call->id, "type", "function", "function", "name",
	                 call->name, "arguments", good ? rcd_json_str(rcd_buf_view(&call->args)) : json_string("{}"));
}

json_t *rcd_tool_calls_message(const struct rcd_tool_calls *c, struct rcd_sv said)
{
	json_t *calls = json_array();

	for (size_t i = 0; i < c->n; i++) {
		if (json_array_append_new(calls, call_of(&c->call[i])) != 0) {
			json_decref(calls);
			return NULL;
		}
	}
	return json_pack("{s:s, s:o, s:o}", "role", "assistant", "content",
	                 said.n > 0 ? rcd_json_str(said) : json_null(), "tool_calls", calls);
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
		return json_array_append_new(input, json_pack("{s:s, s:O, s:O}", "type", "function_call_output",
		                                              "call_id", json_object_get(message, "tool_call_id"),
		                                              "output", json_object_get(message, "content")));
	if (calls == NULL)
		return 1;
	json_array_foreach(calls, i, call) {
		const json_t *f = json_object_get(call, "function");

		if (json_array_append_new(input, json_pack("{s:s, s:O, s:O, s:O}", "type", "function_call", "call_id",
		                                           json_object_get(call, "id"), "name",
		                                           json_object_get(f, "name"), "arguments",
		                                           json_object_get(f, "arguments"))) != 0)
			return -1;
	}
	return 0;
}

/* Not strict where that can be said: our schemas have members that may be left out. */
static json_t *offer_one(const json_t *tool, enum rcd_tools_for protocol)
{
	json_t *one = protocol == RCD_TOOLS_CHAT       ? json_object()
	              : protocol == RCD_TOOLS_REALTIME ? json_pack("{s:s}", "type", "function")
	                                               : json_pack("{s:s, s:b}", "type", "function", "strict", 0);

	if (json_object_update(one, (json_t *)(uintptr_t)tool) != 0) {
		json_decref(one);
		return NULL;
	}
	return protocol == RCD_TOOLS_CHAT ? json_pack("{s:s, s:o}", "type", "function", "function", one) : one;
}

json_t *rcd_tools_offer(const json_t *tools, enum rcd_tools_for protocol)
{
	json_t *out = json_array();
	const json_t *tool;
	size_t i;

	json_array_foreach(tools, i, tool) {
		if (json_array_append_new(out, offer_one(tool, protocol)) != 0) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}
