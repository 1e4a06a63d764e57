/* JSON in the middle of an answer: {"name": …, "arguments": …} is a call, {"preço": 10} is text.
 * The value need not be whole or well-formed to be known for what it is. */

#include "answer/filter_int.h"

#include <string.h>

#define MAX_GAP 16 /* white space before the first key */

bool rcd_mark_is_tool(const json_t *tools, struct rcd_sv name)
{
	const json_t *tool;
	size_t i;

	json_array_foreach (tools, i, tool)
		if (name.n > 0 && rcd_sv_eq(rcd_json_sv(tool, "name"), name))
			return true;
	return false;
}

static bool is_one_of(struct rcd_sv v, const char *const *list)
{
	for (; *list != NULL; list++)
		if (rcd_sv_ieq(v, rcd_sv(*list)))
			return true;
	return false;
}

static void read_key(struct rcd_json_scan *s, struct rcd_sv key, const json_t *tools)
{
	static const char *const name[] = {"name",     "tool",           "tool_name",
	                                   "function", "function_name",  "action",
	                                   "api",      "recipient_name", NULL};
	static const char *const args[] = {"arguments",    "args",   "parameters",
	                                   "params",       "input",  "tool_input",
	                                   "action_input", "kwargs", NULL};
	static const char *const call[] =
		{"tool_call", "tool_calls", "function_call", "function_calls", "tool_use",
	     "tool_uses", NULL};

	s->named = s->named || is_one_of(key, name);
	s->args = s->args || is_one_of(key, args);
	s->call = s->call || is_one_of(key, call) || rcd_mark_is_tool(tools, key);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* Does v begin as an object with members does, or an array of such? */
static int match_object(struct rcd_sv v, bool last)
{
	bool object = v.p[0] == '{';

	for (size_t i = 1; i < v.n && i < MAX_GAP; i++) {
		if (is_space(v.p[i]))
			continue;
		if (object)
			return is_quote(v.p[i]) ? 1 : RCD_MARK_NONE;
		if (v.p[i] != '{')
			return RCD_MARK_NONE;
		object = true;
	}
	return last || v.n >= MAX_GAP ? RCD_MARK_NONE : RCD_MARK_MORE;
}

static void read_in_string(struct rcd_json_scan *s, char c)
{
	if (s->escaped) {
		s->escaped = false;
	} else if (c == '\\') {
		s->escaped = true;
	} else if (c == s->quote) {
		s->quote = '\0';
		s->word_end = s->at;
	}
}

/* true: the value ends here. */
static bool read_outside(struct rcd_json_scan *s, struct rcd_sv v, const json_t *tools)
{
	struct rcd_sv word = {v.p + s->word, s->word_end - s->word};
	char c = v.p[s->at];

	if (is_quote(c)) {
		s->quote = c;
		s->word = s->word_end = s->at + 1;
	} else if (c == '{' || c == '[') {
		s->depth++;
	} else if (c == ':') {
		read_key(s, word, tools);
		s->word_end = s->word;
	} else if (c == ',' || c == '}' || c == ']') {
		s->call = s->call || rcd_mark_is_tool(tools, word);
		s->word_end = s->word;
		s->depth -= c != ',';
	}
	return s->depth == 0;
}

static int decide_mark(const struct rcd_json_scan *s, bool whole, enum rcd_mark *what)
{
	bool call = s->call || (whole ? s->named && s->args : s->named || s->args);

	*what = call ? RCD_MARK_CALL : RCD_MARK_TEXT;
	return (int)s->at;
}

int rcd_mark_json(struct rcd_json_scan *s, struct rcd_sv v, const json_t *tools, bool last,
                  enum rcd_mark *what)
{
	if (s->at == 0) {
		int begin = match_object(v, last);

		if (begin <= 0)
			return begin;
	}
	while (s->at < v.n && s->at < RCD_FILTER_JSON) {
		bool ends = false;

		if (s->quote != '\0')
			read_in_string(s, v.p[s->at]);
		else
			ends = read_outside(s, v, tools);
		s->at++;
		if (ends)
			return decide_mark(s, true, what);
	}
	return last || s->at >= RCD_FILTER_JSON ? decide_mark(s, false, what) : RCD_MARK_MORE;
}
