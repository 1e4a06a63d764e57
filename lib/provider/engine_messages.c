/* The messages of Chat Completions for engines that are particular about their form. */

#include "base/limits.h"
#include "provider/engine.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool has_role(const json_t *message, const char *role)
{
	return rcd_sv_is(rcd_json_sv(message, "role"), role);
}

static bool has_calls(const json_t *message)
{
	return json_object_get(message, "tool_calls") != NULL;
}

static bool is_one_of(const char *key, const char *const *known)
{
	while (*known != NULL && strcmp(*known, key) != 0)
		known++;
	return *known != NULL;
}

static const char *const of_message[] = {"role", "content", "tool_calls", "tool_call_id", NULL};
static const char *const of_call[] = {"id", "type", "function", NULL};
static const char *const of_function[] = {"name", "arguments", NULL};

static bool has_others(const json_t *object, const char *const *known)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)(uintptr_t)object, key, v)
		if (!is_one_of(key, known))
			return true;
	return false;
}

static bool has_extras(const json_t *message)
{
	const json_t *call;
	size_t i;

	if (has_others(message, of_message))
		return true;
	json_array_foreach (json_object_get(message, "tool_calls"), i, call)
		if (has_others(call, of_call) || has_others(json_object_get(call, "function"), of_function))
			return true;
	return false;
}

unsigned rcd_engine_message_parts(const json_t *messages)
{
	unsigned parts = 0;
	const json_t *m, *before = NULL;
	size_t i;

	json_array_foreach (messages, i, m) {
		bool system = has_role(m, "system");

		if (system)
			parts |= RCD_ENGINE_SYSTEM;
		if ((system && i > 0) ||
		    (before != NULL && rcd_sv_eq(rcd_json_sv(m, "role"), rcd_json_sv(before, "role"))))
			parts |= RCD_ENGINE_SYSTEMS;
		if (json_is_null(json_object_get(m, "content")))
			parts |= RCD_ENGINE_NULL;
		if (has_extras(m))
			parts |= RCD_ENGINE_EXTRAS;
		before = m;
	}
	return parts;
}

/* --- one message ---------------------------------------------------------------------------- */

static json_t *copy_known(const json_t *object, const char *const *known)
{
	json_t *out = json_object();

	for (; out != NULL && *known != NULL; known++) {
		json_t *v = json_object_get(object, *known);

		if (v != NULL && json_object_set(out, *known, v) != 0) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

static json_t *copy_calls(const json_t *calls)
{
	json_t *out = json_array();
	const json_t *call;
	size_t i;

	json_array_foreach (calls, i, call) {
		json_t *one = copy_known(call, of_call);

		if (json_object_set_new(one, "function",
		                        copy_known(json_object_get(call, "function"), of_function)) != 0) {
			json_decref(one);
			one = NULL;
		}
		if (json_array_append_new(out, one) != 0) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

/* A copy of it, as the engine takes it. */
static json_t *fit_message(const json_t *message, unsigned without)
{
	json_t *out = (without & RCD_ENGINE_EXTRAS) != 0 ? copy_known(message, of_message)
	                                                 : json_copy((json_t *)(uintptr_t)message);
	bool ok = out != NULL;

	if (ok && (without & RCD_ENGINE_EXTRAS) != 0 && has_calls(message))
		ok = json_object_set_new(out, "tool_calls",
		                         copy_calls(json_object_get(message, "tool_calls"))) == 0;
	if (ok && (without & RCD_ENGINE_NULL) != 0 && json_is_null(json_object_get(message, "content")))
		ok = json_object_set_new(out, "content", json_string("")) == 0;
	if (ok)
		return out;
	json_decref(out);
	return NULL;
}

/* --- all of them ---------------------------------------------------------------------------- */

/* Appends text to the content of m, a blank line between. */
static int append_text(json_t *m, struct rcd_sv text)
{
	struct rcd_buf all;
	int ret;

	rcd_buf_init(&all, RCD_MAX_JSON);
	rcd_buf_sv(&all, rcd_json_sv(m, "content"));
	rcd_buf_str(&all, all.n > 0 && text.n > 0 ? "\n\n" : "");
	rcd_buf_sv(&all, text);
	ret = all.bad ? -1 : json_object_set_new(m, "content", rcd_json_str(rcd_buf_view(&all)));
	rcd_buf_free(&all);
	return ret;
}

/* The same role twice running becomes one message: templates want them to alternate. */
static int append_message(json_t *out, json_t *take)
{
	json_t *last = json_array_get(out, json_array_size(out) - 1);
	int ret;

	if (last == NULL || take == NULL || has_calls(last) || has_calls(take) ||
	    has_role(take, "tool") || !rcd_sv_eq(rcd_json_sv(last, "role"), rcd_json_sv(take, "role")))
		return json_array_append_new(out, take);
	ret = append_text(last, rcd_json_sv(take, "content"));
	json_decref(take);
	return ret;
}

/* All system messages as one in front, in the role that the engine knows. */
static int append_systems(json_t *out, const json_t *messages, const char *role)
{
	const json_t *m;
	size_t i;

	json_array_foreach (messages, i, m)
		if (has_role(m, "system") &&
		    append_message(out, json_pack("{s:s, s:O}", "role", role, "content",
		                                  json_object_get(m, "content"))) != 0)
			return -1;
	return 0;
}

json_t *rcd_engine_messages(const json_t *messages, unsigned without)
{
	bool gather = (without & (RCD_ENGINE_SYSTEMS | RCD_ENGINE_SYSTEM)) != 0;
	const char *role = (without & RCD_ENGINE_SYSTEM) != 0 ? "user" : "system";
	json_t *out = json_array();
	const json_t *m;
	size_t i;
	int ret = gather ? append_systems(out, messages, role) : 0;

	json_array_foreach (messages, i, m)
		if (ret == 0 && !(gather && has_role(m, "system")))
			ret = gather ? append_message(out, fit_message(m, without))
			             : json_array_append_new(out, fit_message(m, without));
	if (ret == 0)
		return out;
	json_decref(out);
	return NULL;
}
