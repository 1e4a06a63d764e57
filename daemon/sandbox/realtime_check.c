/* What the Realtime API refuses: the names of its beta above all. */

#include "daemon/sandbox/realtime_int.h"

#include <string.h>

static bool is_among(const char *name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(name, *list) == 0)
			return true;
	return false;
}

static bool has_only(const json_t *object, const char *const *known)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)object, key, v)
		if (!is_among(key, known))
			return false;
	return true;
}

/* ["text"] or ["audio"]. */
static bool is_one_modality(const json_t *list)
{
	struct rcd_sv m = rcd_sv(json_string_value(json_array_get(list, 0)));

	return list == NULL ||
	       (json_array_size(list) == 1 && (rcd_sv_is(m, "text") || rcd_sv_is(m, "audio")));
}

static bool is_pcm24(const json_t *format)
{
	return format == NULL || (rcd_sv_is(rcd_json_sv(format, "type"), "audio/pcm") &&
	                          json_integer_value(json_object_get(format, "rate")) == RCD_SB_RT_HZ);
}

static bool is_valid_voice(const json_t *voice)
{
	static const char *const voices[] = {"alloy",   "ash",   "ballad", "coral", "echo", "sage",
	                                     "shimmer", "verse", "marin",  "cedar", NULL};

	return voice == NULL || json_is_object(voice) ||
	       (json_is_string(voice) && is_among(json_string_value(voice), voices));
}

static bool is_valid_tokens(const json_t *max)
{
	json_int_t n = json_integer_value(max);

	return max == NULL || rcd_sv_is(rcd_sv(json_string_value(max)), "inf") ||
	       (json_is_integer(max) && n >= 1 && n <= 4096);
}

/* Accepts documented members only; "strict" is not one of them here. */
static bool is_valid_tools(const json_t *list)
{
	static const char *const known[] = {"type", "name", "description", "parameters", NULL};
	const json_t *tool;
	size_t i;

	if (list != NULL && !json_is_array(list))
		return false;
	json_array_foreach (list, i, tool)
		if (!has_only(tool, known) || !rcd_sv_is(rcd_json_sv(tool, "type"), "function") ||
		    rcd_json_sv(tool, "name").n == 0 ||
		    !json_is_object(json_object_get(tool, "parameters")))
			return false;
	return true;
}

const char *rcd_sb_rt_check_session(const json_t *session, const char **code)
{
	static const char *const known[] =
		{"type",      "output_modalities", "model",      "instructions", "audio",
	     "include",   "tracing",           "tools",      "tool_choice",  "parallel_tool_calls",
	     "reasoning", "max_output_tokens", "truncation", "prompt",       NULL};
	const json_t *audio = json_object_get(session, "audio");
	const json_t *in = json_object_get(audio, "input"), *out = json_object_get(audio, "output");

	*code = "missing_required_parameter";
	if (!rcd_sv_is(rcd_json_sv(session, "type"), "realtime"))
		return "Missing required parameter: 'session.type'.";
	*code = "unknown_parameter";
	if (!has_only(session, known))
		return "Unknown parameter in 'session'.";
	*code = "invalid_value";
	if (json_object_get(session, "model") != NULL)
		return "The model of a session cannot be changed.";
	if (!is_one_modality(json_object_get(session, "output_modalities")))
		return "Invalid modalities: supported are ['text'] and ['audio'].";
	if (!is_pcm24(json_object_get(in, "format")) || !is_pcm24(json_object_get(out, "format")))
		return "The sandbox speaks audio/pcm at 24000 only.";
	if (!is_valid_voice(json_object_get(out, "voice")))
		return "Invalid value: 'session.audio.output.voice'.";
	if (!is_valid_tools(json_object_get(session, "tools")))
		return "Invalid value: 'session.tools'.";
	return is_valid_tokens(json_object_get(session, "max_output_tokens"))
	           ? NULL
	           : "Invalid value: 'session.max_output_tokens'.";
}

/* Which kinds of content a role may have. */
static bool is_valid_part(struct rcd_sv role, const json_t *part)
{
	struct rcd_sv type = rcd_json_sv(part, "type");

	if (rcd_sv_is(role, "assistant"))
		return rcd_sv_is(type, "output_text") || rcd_sv_is(type, "output_audio");
	return rcd_sv_is(type, "input_text") ||
	       (rcd_sv_is(role, "user") && rcd_sv_is(type, "input_audio"));
}

/* before: the items in front of it, of which one is the call that a result belongs to. */
static bool is_valid_result(const json_t *result, const json_t *before, size_t n)
{
	struct rcd_sv id = rcd_json_sv(result, "call_id");

	if (id.n == 0 || rcd_json_sv(result, "output").p == NULL)
		return false;
	while (n-- > 0)
		if (rcd_sv_is(rcd_json_sv(json_array_get(before, n), "type"), "function_call") &&
		    rcd_sv_eq(rcd_json_sv(json_array_get(before, n), "call_id"), id))
			return true;
	return false;
}

static bool is_valid_item(const json_t *input, size_t at)
{
	const json_t *item = json_array_get(input, at);
	const json_t *parts = json_object_get(item, "content"), *part;
	struct rcd_sv role = rcd_json_sv(item, "role");
	size_t i;

	if (rcd_sv_is(rcd_json_sv(item, "type"), "item_reference"))
		return rcd_json_sv(item, "id").n > 0;
	if (rcd_sv_is(rcd_json_sv(item, "type"), "function_call"))
		return rcd_json_sv(item, "call_id").n > 0 && rcd_json_sv(item, "name").n > 0 &&
		       rcd_json_sv(item, "arguments").p != NULL;
	if (rcd_sv_is(rcd_json_sv(item, "type"), "function_call_output"))
		return is_valid_result(item, input, at);
	if (!rcd_sv_is(rcd_json_sv(item, "type"), "message") || json_array_size(parts) == 0 ||
	    !(rcd_sv_is(role, "user") || rcd_sv_is(role, "assistant") || rcd_sv_is(role, "system")))
		return false;
	json_array_foreach (parts, i, part)
		if (!is_valid_part(role, part))
			return false;
	return true;
}

const char *rcd_sb_rt_check_response(const json_t *response, const char **code)
{
	static const char *const known[] = {"output_modalities",
	                                    "instructions",
	                                    "audio",
	                                    "tools",
	                                    "tool_choice",
	                                    "parallel_tool_calls",
	                                    "reasoning",
	                                    "max_output_tokens",
	                                    "conversation",
	                                    "metadata",
	                                    "prompt",
	                                    "input",
	                                    NULL};
	const json_t *input = json_object_get(response, "input");
	const json_t *conversation = json_object_get(response, "conversation");

	*code = "unknown_parameter";
	if (!has_only(response, known))
		return "Unknown parameter in 'response'.";
	*code = "invalid_value";
	if (!is_one_modality(json_object_get(response, "output_modalities")))
		return "Invalid modalities: supported are ['text'] and ['audio'].";
	if (conversation != NULL && !rcd_sv_is(rcd_json_sv(response, "conversation"), "none") &&
	    !rcd_sv_is(rcd_json_sv(response, "conversation"), "auto"))
		return "Invalid value: 'response.conversation'.";
	if (!is_valid_tokens(json_object_get(response, "max_output_tokens")))
		return "Invalid value: 'response.max_output_tokens'.";
	if (!is_valid_tools(json_object_get(response, "tools")))
		return "Invalid value: 'response.tools'.";
	for (size_t i = 0; i < json_array_size(input); i++)
		if (!is_valid_item(input, i))
			return "Invalid item in 'response.input'.";
	return NULL;
}
