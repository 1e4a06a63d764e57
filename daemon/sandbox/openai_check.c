/* The rules of Responses and Conversations, as their published description has them. */

#include "daemon/sandbox/openai_check.h"

#include "daemon/sandbox/openai_see.h"
#include "daemon/sandbox/openai_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_NEW_ITEMS 20
#define MIN_OUTPUT_TOKENS 16

static const char *const response_fields[] = {"background",
                                              "context_management",
                                              "conversation",
                                              "include",
                                              "input",
                                              "instructions",
                                              "max_output_tokens",
                                              "max_tool_calls",
                                              "metadata",
                                              "model",
                                              "moderation",
                                              "parallel_tool_calls",
                                              "previous_response_id",
                                              "prompt",
                                              "prompt_cache_key",
                                              "prompt_cache_options",
                                              "prompt_cache_retention",
                                              "reasoning",
                                              "safety_identifier",
                                              "service_tier",
                                              "store",
                                              "stream",
                                              "stream_options",
                                              "temperature",
                                              "text",
                                              "tool_choice",
                                              "tools",
                                              "top_logprobs",
                                              "top_p",
                                              "truncation",
                                              "user",
                                              NULL};
static const char *const conversation_fields[] = {"items", "metadata", NULL};
static const char *const message_fields[] = {"type", "role",   "content", "phase",
                                             "id",   "status", NULL};
static const char *const roles[] = {"user", "assistant", "system", "developer", NULL};
static const char *const efforts[] = {"none", "minimal", "low", "medium",
                                      "high", "xhigh",   "max", NULL};

static __attribute__((format(printf, 3, 4))) int set_ruling(struct rcd_sb_ruling *no,
                                                            const char *code, const char *fmt, ...)
{
	va_list ap;

	no->status = 400;
	no->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(no->message, sizeof(no->message), fmt, ap);
	va_end(ap);
	return -1;
}

static bool is_one_of(struct rcd_sv word, const char *const *words)
{
	while (*words != NULL && !rcd_sv_is(word, *words))
		words++;
	return *words != NULL;
}

static int check_fields(json_t *obj, const char *const *fields, const char *where,
                        struct rcd_sb_ruling *no)
{
	const char *key;
	json_t *v;

	json_object_foreach (obj, key, v)
		if (!is_one_of(rcd_sv(key), fields))
			return set_ruling(no, "unknown_parameter", "Unknown parameter: '%s%.60s'.", where, key);
	return 0;
}

/* --- messages -------------------------------------------------------------------------- */

static int check_parts(const json_t *parts, bool assistant, size_t at, struct rcd_sb_ruling *no)
{
	static const char *const theirs[] = {"input_text", "input_image", "input_file", NULL};
	static const char *const ours[] = {"output_text", "refusal", NULL};
	const json_t *part;
	size_t i;

	if (json_is_string(parts))
		return 0;
	if (!json_is_array(parts))
		return set_ruling(no, "invalid_type", "Invalid type for 'input[%zu].content'.", at);
	json_array_foreach (parts, i, part)
		if (!is_one_of(rcd_json_sv(part, "type"), assistant ? ours : theirs))
			return set_ruling(no, "invalid_value", "Invalid value: 'input[%zu].content[%zu].type'.",
			                  at, i);
	return 0;
}

static int check_item(json_t *item, size_t at, struct rcd_sb_ruling *no)
{
	struct rcd_sv type = rcd_json_sv(item, "type"), role = rcd_json_sv(item, "role");
	char where[40];

	if (!json_is_object(item))
		return set_ruling(no, "invalid_type", "Invalid type for 'input[%zu]'.", at);
	if (type.p != NULL && !rcd_sv_is(type, "message"))
		return 0; /* tool calls and their results are not checked */
	(void)snprintf(where, sizeof(where), "input[%zu].", at);
	if (check_fields(item, message_fields, where, no) != 0)
		return -1;
	if (!is_one_of(role, roles))
		return set_ruling(no, "invalid_value", "Invalid value: 'input[%zu].role'.", at);
	return check_parts(json_object_get(item, "content"), rcd_sv_is(role, "assistant"), at, no);
}

static int check_items(const json_t *items, struct rcd_sb_ruling *no)
{
	json_t *item;
	size_t i;

	json_array_foreach (items, i, item)
		if (check_item(item, i, no) != 0)
			return -1;
	return 0;
}

/* --- a response ------------------------------------------------------------------------ */

struct rcd_sv rcd_sb_conversation_of(const json_t *req)
{
	const json_t *v = json_object_get(req, "conversation");

	return json_is_object(v) ? rcd_json_sv(v, "id") : rcd_json_sv(req, "conversation");
}

static int check_input(const json_t *req, struct rcd_sb_ruling *no)
{
	const json_t *input = json_object_get(req, "input");

	if (input == NULL)
		return set_ruling(no, "missing_required_parameter", "Missing required parameter: 'input'.");
	if (json_is_string(input))
		return 0;
	if (!json_is_array(input))
		return set_ruling(no, "invalid_type",
		                  "Invalid type for 'input': expected a string or an array.");
	return check_items(input, no);
}

/* Members that must be of one type, or null. */
static int check_types(const json_t *req, struct rcd_sb_ruling *no)
{
	static const struct {
		const char *name;
		json_type type;
	} want[] = {
		{"instructions", JSON_STRING},
		{"previous_response_id", JSON_STRING},
		{"prompt_cache_key", JSON_STRING},
		{"safety_identifier", JSON_STRING},
		{"reasoning", JSON_OBJECT},
		{"metadata", JSON_OBJECT},
		{"text", JSON_OBJECT},
		{"stream_options", JSON_OBJECT},
		{"tools", JSON_ARRAY},
		{"include", JSON_ARRAY},
		{"max_output_tokens", JSON_INTEGER},
	};
	static const char *const flags[] = {"store", "stream", "background", "parallel_tool_calls"};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const json_t *v = json_object_get(req, want[i].name);

		if (v != NULL && !json_is_null(v) && json_typeof(v) != want[i].type)
			return set_ruling(no, "invalid_type", "Invalid type for '%s'.", want[i].name);
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		const json_t *v = json_object_get(req, flags[i]);

		if (v != NULL && !json_is_null(v) && !json_is_boolean(v))
			return set_ruling(no, "invalid_type", "Invalid type for '%s'.", flags[i]);
	}
	return 0;
}

/* What depends on the model. */
static int check_model(const json_t *req, const char *model, struct rcd_sb_ruling *no)
{
	const json_t *reasoning = json_object_get(req, "reasoning"),
				 *tokens = json_object_get(req, "max_output_tokens");
	struct rcd_sv effort = rcd_json_sv(reasoning, "effort");

	if (rcd_sb_model_reasons(model) && json_is_number(json_object_get(req, "temperature")))
		return set_ruling(no, "unsupported_parameter",
		                  "Unsupported parameter: 'temperature' is not supported with this model.");
	if (effort.p != NULL && !rcd_sb_model_reasons(model))
		return set_ruling(
			no, "unsupported_parameter",
			"Unsupported parameter: 'reasoning.effort' is not supported with this model.");
	if (effort.p != NULL && !is_one_of(effort, efforts))
		return set_ruling(no, "invalid_value", "Invalid value: 'reasoning.effort'.");
	if (json_is_integer(tokens) && json_integer_value(tokens) < MIN_OUTPUT_TOKENS)
		return set_ruling(no, "integer_below_min_value",
		                  "Invalid 'max_output_tokens': at least %d.", MIN_OUTPUT_TOKENS);
	return 0;
}

int rcd_sb_check_response(json_t *req, struct rcd_sb_ruling *no)
{
	const char *model = json_string_value(json_object_get(req, "model"));
	struct rcd_sv conversation = rcd_sb_conversation_of(req);

	if (check_fields(req, response_fields, "", no) != 0)
		return -1;
	if (model == NULL || model[0] == '\0')
		return set_ruling(no, "missing_required_parameter", "Missing required parameter: 'model'.");
	if (check_types(req, no) != 0 || check_input(req, no) != 0 ||
	    check_model(req, model, no) != 0 ||
	    rcd_sb_check_pictures(json_object_get(req, "input"), model, no) != 0)
		return -1;
	if (conversation.p != NULL && rcd_json_sv(req, "previous_response_id").p != NULL)
		return set_ruling(
			no, "mutually_exclusive_parameters",
			"Mutually exclusive parameters: 'previous_response_id' and 'conversation'.");
	if (conversation.p != NULL && !rcd_sv_starts(conversation, RCD_SV("conv")))
		return set_ruling(no, "invalid_value",
		                  "Invalid 'conversation': expected an ID that begins with 'conv'.");
	if (rcd_json_sv(req, "previous_response_id").p != NULL)
		return set_ruling(no, "previous_response_not_found", "The sandbox keeps no responses.");
	return 0;
}

int rcd_sb_check_conversation(json_t *req, struct rcd_sb_ruling *no)
{
	const json_t *items = json_object_get(req, "items");

	if (check_fields(req, conversation_fields, "", no) != 0)
		return -1;
	if (items != NULL && !json_is_null(items) && !json_is_array(items))
		return set_ruling(no, "invalid_type", "Invalid type for 'items'.");
	if (json_array_size(items) > MAX_NEW_ITEMS)
		return set_ruling(no, "array_above_max_length", "Invalid 'items': at most %d.",
		                  MAX_NEW_ITEMS);
	return check_items(items, no);
}
