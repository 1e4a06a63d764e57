#include "provider/engine.h"

#include <stdbool.h>
#include <string.h>

#define OF_MESSAGES (RCD_ENGINE_SYSTEMS | RCD_ENGINE_SYSTEM | RCD_ENGINE_NULL | RCD_ENGINE_EXTRAS)

/* By the number of the part's bit; those without a member are of the messages. */
static const struct {
	const char *name, *member;
} part[RCD_N_ENGINE_PARTS] = {
	{"store", "store"},
	{"stream_options", "stream_options"},
	{"max_completion_tokens", "max_completion_tokens"},
	{"max_tokens", "max_tokens"},
	{"max_output_tokens", "max_output_tokens"},
	{"temperature", "temperature"},
	{"reasoning", "reasoning"}, /* of Responses; Chat Completions has it in one word, below */
	{"response_format", "response_format"},
	{"tools", "tools"},
	{"prompt_cache_key", "prompt_cache_key"},
	{"encoding_format", "encoding_format"},
	{"dimensions", "dimensions"},
	{"system_messages", NULL},
	{"system_role", NULL},
	{"null_content", NULL},
	{"unknown_members", NULL},
	{"pictures", NULL},
	{"bad_picture", NULL},
};
#define EFFORT "reasoning_effort"

static const char *const call_name[RCD_N_ENGINE_CALLS] = {"chat", "responses", "embeddings"};

unsigned rcd_engine_known(struct rcd_openai_engine *e, enum rcd_engine_call call)
{
	return e != NULL ? atomic_load(&e->without[call]) : 0;
}

void rcd_engine_learn(struct rcd_openai_engine *e, enum rcd_engine_call call, unsigned without)
{
	unsigned fresh;

	if (e == NULL)
		return;
	without &= ~(unsigned)RCD_ENGINE_BAD_PICTURE; /* the next one may be a good one */
	fresh = without & ~atomic_fetch_or(&e->without[call], without);
	for (int i = 0; i < RCD_N_ENGINE_PARTS && e->tell != NULL; i++)
		if ((fresh >> i & 1) != 0)
			e->tell(e->arg, call_name[call], part[i].name);
}

unsigned rcd_engine_parts(const json_t *req)
{
	unsigned parts = rcd_engine_message_parts(json_object_get(req, "messages"));

	for (int i = 0; i < RCD_N_ENGINE_PARTS; i++)
		if (part[i].member != NULL && json_object_get(req, part[i].member) != NULL)
			parts |= 1u << i;
	if (json_object_get(req, EFFORT) != NULL)
		parts |= RCD_ENGINE_REASONING;
	if (rcd_engine_shows(req))
		parts |= RCD_ENGINE_UNSEEN;
	return parts;
}

/* The limit under its other name, unless that is refused too. */
static bool rename_limit(json_t *out, const char *from, const char *to, bool also_refused)
{
	json_t *limit = json_object_get(out, from);
	bool ok = limit == NULL || also_refused || json_object_set(out, to, limit) == 0;

	(void)json_object_del(out, from);
	return ok;
}

static bool fit_limit(json_t *out, unsigned without)
{
	bool completion = (without & RCD_ENGINE_MAX_COMPLETION) != 0,
		 tokens = (without & RCD_ENGINE_MAX_TOKENS) != 0;

	if (completion && json_object_get(out, "max_completion_tokens") != NULL)
		return rename_limit(out, "max_completion_tokens", "max_tokens", tokens);
	return !tokens || rename_limit(out, "max_tokens", "max_completion_tokens", completion);
}

json_t *rcd_engine_fit(const json_t *req, unsigned without)
{
	const json_t *messages = json_object_get(req, "messages");
	json_t *out = json_copy((json_t *)(uintptr_t)req);
	bool ok = out != NULL && fit_limit(out, without);

	without &= ~(unsigned)(RCD_ENGINE_MAX_COMPLETION | RCD_ENGINE_MAX_TOKENS);
	for (int i = 0; ok && i < RCD_N_ENGINE_PARTS; i++)
		if ((without >> i & 1) != 0 && part[i].member != NULL)
			(void)json_object_del(out, part[i].member);
	if (ok && (without & RCD_ENGINE_REASONING) != 0)
		(void)json_object_del(out, EFFORT);
	if (ok && messages != NULL && (without & OF_MESSAGES) != 0)
		ok = json_object_set_new(out, "messages", rcd_engine_messages(messages, without)) == 0;
	if (ok && rcd_engine_show(out, (without & RCD_ENGINE_UNSEEN) != 0) == 0)
		return out;
	json_decref(out);
	return NULL;
}
