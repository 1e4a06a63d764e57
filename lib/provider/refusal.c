#include "provider/refusal.h"

#include "provider/engine.h"

#include <string.h>

#define DEEPEST 8
#define MAX_WORDS 4096 /* of one text, what is looked at */

/* A name as messages write it: without "_" and in lower case, since some write it in camel case. */
static const struct {
	const char *name;
	unsigned part;
} named[] = {
	{"store", RCD_ENGINE_STORE},
	{"streamoptions", RCD_ENGINE_STREAM_OPTIONS},
	{"includeusage", RCD_ENGINE_STREAM_OPTIONS},
	{"maxcompletiontokens", RCD_ENGINE_MAX_COMPLETION},
	{"maxtokens", RCD_ENGINE_MAX_TOKENS},
	{"maxoutputtokens", RCD_ENGINE_MAX_OUTPUT},
	{"temperature", RCD_ENGINE_TEMPERATURE},
	{"reasoning", RCD_ENGINE_REASONING},
	{"reasoningeffort", RCD_ENGINE_REASONING},
	{"responseformat", RCD_ENGINE_FORMAT},
	{"jsonobject", RCD_ENGINE_FORMAT},
	{"tools", RCD_ENGINE_TOOLS},
	{"promptcachekey", RCD_ENGINE_CACHE_KEY},
	{"encodingformat", RCD_ENGINE_ENCODING},
	{"dimensions", RCD_ENGINE_DIMENSIONS},
	{"extracontent", RCD_ENGINE_EXTRAS},
	{"reasoningcontent", RCD_ENGINE_EXTRAS},
	{"reasoningdetails", RCD_ENGINE_EXTRAS},
};

static const struct {
	const char *words; /* in lower case */
	unsigned part;
} phrased[] = {
	{"support tool", RCD_ENGINE_TOOLS},
	{"tool calling", RCD_ENGINE_TOOLS},
	{"function calling", RCD_ENGINE_TOOLS},
	{"tool-call-parser", RCD_ENGINE_TOOLS},
	{"tools param requires", RCD_ENGINE_TOOLS},
	{"matryoshka", RCD_ENGINE_DIMENSIONS},
	{"system message must be", RCD_ENGINE_SYSTEMS | RCD_ENGINE_SYSTEM},
	{"one system message", RCD_ENGINE_SYSTEMS | RCD_ENGINE_SYSTEM},
	{"unexpected role", RCD_ENGINE_SYSTEMS | RCD_ENGINE_SYSTEM},
	{"must alternate", RCD_ENGINE_SYSTEMS | RCD_ENGINE_SYSTEM},
	{"system role not supported", RCD_ENGINE_SYSTEM},
	{"system role is not supported", RCD_ENGINE_SYSTEM},
	{"does not support 'system'", RCD_ENGINE_SYSTEM},
	{"developer instruction is not enabled", RCD_ENGINE_SYSTEM},
	{"either content or tool_calls", RCD_ENGINE_NULL},
	{"got null", RCD_ENGINE_NULL},
	{"nonetype", RCD_ENGINE_NULL},
	{"only supported by certain models", RCD_ENGINE_PICTURES},
	{"support image", RCD_ENGINE_PICTURES},
	{"supports image", RCD_ENGINE_PICTURES},
	{"image input", RCD_ENGINE_PICTURES},
	{"images are not supported", RCD_ENGINE_PICTURES},
	{"at most 0 image", RCD_ENGINE_PICTURES},
	{"support vision", RCD_ENGINE_PICTURES},
	{"vision is not", RCD_ENGINE_PICTURES},
	{"multimodal", RCD_ENGINE_PICTURES},
	{"multi-modal", RCD_ENGINE_PICTURES},
	{"unknown variant `image_url`", RCD_ENGINE_PICTURES},
	{"content must be a string", RCD_ENGINE_PICTURES},
};

static const char *const too_long[] = {
	"context_length",
	"context length",
	"context window",
	"context size",
	"exceed_context",
	"exceeds the context",
	"reduce the length",
	"reduce your message",
	"prompt is too long",
	"prompt too long",
	"input is too long",
	"input token count",
	"max_tokens must be at least 1",
	"request too large",
	"too many input tokens",
	"maximum prompt length",
	"string_above_max_length",
	"too many tokens",
	"inputs` tokens +",
};

static const char *const bad_key[] = {"api key not valid", "api_key_invalid", "invalid_api_key",
                                      "incorrect api key"};

static const char *const bad_picture[] = {
	"unsupported image", "invalid image",   "invalid_image",     "image_parse_error",
	"valid image",       "process image",   "process the image", "input image",
	"image data",        "image too large", "image_too_large",   "image is too",
	"identify image",    "decode image",    "image format",
};

static const char *const unwanted[] = {"content_filter",      "content_policy",
                                       "invalid_prompt",      "flagged_input",
                                       "requires moderation", "content management policy"};

/* --- words ------------------------------------------------------------------------------------ */

static bool has_words(struct rcd_sv text, const char *words)
{
	size_t n = strlen(words);

	for (size_t i = 0; i + n <= text.n; i++) {
		size_t k = 0;

		while (k < n && rcd_ascii_lower(text.p[i + k]) == words[k])
			k++;
		if (k == n)
			return true;
	}
	return false;
}

static bool has_any(struct rcd_sv text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has_words(text, words[i]))
			return true;
	return false;
}

static bool is_name_char(char c)
{
	c = rcd_ascii_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static unsigned find_part(const char *name)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strcmp(named[i].name, name) == 0)
			return named[i].part;
	return 0;
}

/* Every name in it, whatever stands around. */
static unsigned find_parts(struct rcd_sv text)
{
	unsigned parts = 0;
	char name[32];

	for (size_t i = 0; i < text.n;) {
		size_t n = 0;

		for (; i < text.n && is_name_char(text.p[i]); i++)
			if (text.p[i] != '_' && n < sizeof(name) - 1)
				name[n++] = rcd_ascii_lower(text.p[i]);
		name[n] = '\0';
		if (n > 0 && n < sizeof(name) - 1)
			parts |= find_part(name);
		i++;
	}
	return parts;
}

/* The limit of the answer is too large, which is a member; not the prompt. */
static bool is_about_limit(struct rcd_sv text)
{
	return has_words(text, "is too large") &&
	       (find_parts(text) &
	        (RCD_ENGINE_MAX_COMPLETION | RCD_ENGINE_MAX_TOKENS | RCD_ENGINE_MAX_OUTPUT)) != 0;
}

#define ANY(text, list) has_any(text, list, sizeof(list) / sizeof((list)[0]))

static void read_text(struct rcd_sv text, struct rcd_refusal *r)
{
	if (text.n > MAX_WORDS)
		text.n = MAX_WORDS;
	r->named |= find_parts(text);
	for (size_t i = 0; i < sizeof(phrased) / sizeof(phrased[0]); i++)
		if (has_words(text, phrased[i].words))
			r->phrased |= phrased[i].part;
	r->too_long = r->too_long || (ANY(text, too_long) && !is_about_limit(text));
	r->bad_key = r->bad_key || ANY(text, bad_key);
	r->unwanted = r->unwanted || ANY(text, unwanted);
	r->bad_picture = r->bad_picture || ANY(text, bad_picture);
}

/* --- values ----------------------------------------------------------------------------------- */

/* Members that repeat the request or what a model made of it: not the engine's own words. */
static bool is_echo(const char *key)
{
	static const char *const echo[] = {"input",  "ctx",     "url", "body", "failed_generation",
	                                   "prompt", "messages"};

	for (size_t i = 0; i < sizeof(echo) / sizeof(echo[0]); i++)
		if (strcmp(echo[i], key) == 0)
			return true;
	return false;
}

static void read_word(const char *key, struct rcd_sv v, struct rcd_refusal *r)
{
	bool is_code = strcmp(key, "code") == 0;

	if (is_code && r->code[0] == '\0')
		(void)rcd_answer_word(v, r->code);
	if ((strcmp(key, "type") == 0 || strcmp(key, "status") == 0) && r->type[0] == '\0')
		(void)rcd_answer_word(v, r->type);
}

static void read_number(const char *key, json_int_t n, struct rcd_refusal *r)
{
	if (r->status == 0 && n >= 400 && n < 600 &&
	    (strcmp(key, "code") == 0 || strcmp(key, "status") == 0))
		r->status = (int)n;
}

/* What a call or a message of the request may not have: the path goes through it. */
static void read_loc(const json_t *loc, struct rcd_refusal *r)
{
	bool of_message = false, of_content = false;
	const json_t *v;
	size_t i;

	json_array_foreach (loc, i, v) {
		struct rcd_sv name = {json_string_value(v), json_string_length(v)};

		of_content = of_content || (of_message && rcd_sv_is(name, "content"));
		of_message = of_message || rcd_sv_is(name, "messages");
		if (!of_message)
			r->named |= find_parts(name);
	}
	if (of_message)
		r->named |= of_content ? RCD_ENGINE_NULL : RCD_ENGINE_EXTRAS;
}

static void read_value(const char *key, const json_t *v, int depth, struct rcd_refusal *r);

static void read_inside(const char *key, const json_t *v, int depth, struct rcd_refusal *r)
{
	const char *name;
	json_t *one;
	size_t i;

	if (json_is_array(v) && strcmp(key, "loc") == 0) {
		read_loc(v, r);
	} else if (json_is_array(v)) {
		json_array_foreach (v, i, one) {
			read_value(key, one, depth, r);
		}
	} else {
		json_object_foreach ((json_t *)(uintptr_t)v, name, one)
			if (!is_echo(name))
				read_value(name, one, depth, r);
	}
}

static void read_value(const char *key, const json_t *v, int depth, struct rcd_refusal *r)
{
	struct rcd_sv text = {json_string_value(v), json_string_length(v)};

	if (json_is_string(v)) {
		read_word(key, text, r);
		read_text(text, r);
	} else if (json_is_integer(v)) {
		read_number(key, json_integer_value(v), r);
	} else if (depth < DEEPEST) {
		r->unwanted = r->unwanted || json_object_get(v, "flagged_input") != NULL;
		read_inside(key, v, depth + 1, r);
	}
}

/* Where it has an error object, the error is that: a chunk of a stream has other members beside. */
void rcd_refusal_read_json(const json_t *v, struct rcd_refusal *out)
{
	const json_t *error = json_object_get(v, "error");

	*out = (struct rcd_refusal){.status = 0};
	if (v != NULL)
		read_value("", error != NULL && !json_is_null(error) ? error : v, 0, out);
}

void rcd_refusal_read(struct rcd_sv body, struct rcd_refusal *out)
{
	json_t *v = NULL;

	if (rcd_json_parse(body, RCD_MAX_REFUSAL, &v, RCD_UNREAD_ERR) == 0) {
		rcd_refusal_read_json(v, out);
		json_decref(v);
		return;
	}
	*out = (struct rcd_refusal){.status = 0}; /* of a proxy, or plain words */
	read_text(body, out);
}

/* --- what follows ------------------------------------------------------------------------- */

unsigned rcd_refusal_parts(const struct rcd_refusal *r, int status)
{
	int s = status != 0 ? status : r->status;
	unsigned parts;

	if (r->too_long || r->bad_key || r->unwanted || s == 401 || s == 403 || s == 429)
		return 0;
	/* any other error may happen to have such a name in it */
	parts = s == 0 || s == 400 || s == 422 ? r->phrased | r->named : r->phrased;
	return r->bad_picture ? (parts & ~(unsigned)RCD_ENGINE_PICTURES) | RCD_ENGINE_BAD_PICTURE
	                      : parts;
}

bool rcd_refusal_is(const struct rcd_refusal *r, const char *word)
{
	return strcmp(r->code, word) == 0 || strcmp(r->type, word) == 0;
}
