#include "answer/prompt.h"

static bool role_is(const json_t *message, const char *role)
{
	return rcd_sv_is(rcd_json_sv(message, "role"), role);
}

/* Where the turn begins: the last message of the customer. */
static size_t find_question(const json_t *messages)
{
	size_t i = json_array_size(messages);

	while (i > 0 && !role_is(json_array_get(messages, i - 1), "user"))
		i--;
	return i > 0 ? i - 1 : 0;
}

static size_t size_of(const json_t *message)
{
	return rcd_json_sv(message, "content").n;
}

/* From where on the history fits into that many bytes; it begins with what the customer said. */
static size_t find_start(const json_t *messages, size_t question, size_t room)
{
	size_t start = question;

	for (size_t i = question; i > 0; i--) {
		const json_t *m = json_array_get(messages, i - 1);

		if (role_is(m, "system"))
			continue;
		if (size_of(m) > room)
			break;
		room -= size_of(m);
		if (role_is(m, "user"))
			start = i - 1;
	}
	return start;
}

static size_t size_of_history(const json_t *messages, size_t question)
{
	size_t n = 0;

	for (size_t i = 0; i < question; i++)
		n += role_is(json_array_get(messages, i), "system") ? 0
		                                                    : size_of(json_array_get(messages, i));
	return n;
}

json_t *rcd_prompt_shorten(const json_t *messages, bool none, size_t *left)
{
	size_t question = find_question(messages), start, i, dropped = 0;
	json_t *out = json_array(), *m;

	start = none ? question
	             : find_start(messages, question, size_of_history(messages, question) / 2);
	*left = 0;
	json_array_foreach (messages, i, m) {
		if (i < start && !role_is(m, "system")) {
			dropped++;
			continue;
		}
		*left += i < question && !role_is(m, "system");
		if (json_array_append(out, m) != 0)
			dropped = 0;
	}
	if (dropped > 0 && json_array_size(out) + dropped == json_array_size(messages))
		return out;
	json_decref(out);
	return NULL;
}
