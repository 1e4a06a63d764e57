/* Responses: with the history in the request, or (openai.store) with a Conversation that OpenAI
 * keeps for the contact. */

#include "base/clock.h"
#include "turn/steps.h"

#include <stdio.h>
#include <string.h>

static bool is_system(const json_t *message)
{
	return rcd_sv_is(rcd_json_sv(message, "role"), "system");
}

/* The prompt for a conversation: what must not be kept in it stands in front, as instructions;
 * then the history, for one that is new, and the message. NULL when memory is short. */
static json_t *for_conversation(const json_t *prompt, bool is_new)
{
	size_t n = json_array_size(prompt);
	json_t *out = json_array();
	bool ok = out != NULL;

	for (size_t i = 0; i < n; i++)
		if (is_system(json_array_get(prompt, i)))
			ok = json_array_append(out, json_array_get(prompt, i)) == 0 && ok;
	for (size_t i = is_new ? 0 : n - 1; i < n; i++)
		if (!is_system(json_array_get(prompt, i)))
			ok = json_array_append(out, json_array_get(prompt, i)) == 0 && ok;
	if (ok)
		return out;
	json_decref(out);
	return NULL;
}

static int ask(struct rcd_turn *t, json_t *messages, const char *conversation, int stall_ms,
               struct rcd_chat_usage *usage, struct rcd_err *err)
{
	char key[32]; /* what one contact's requests begin with is the same */
	const struct rcd_openai_ask a = {.messages = messages, .conversation = conversation, .cache_key = key,
	                                 .deadline = t->deadline, .stall_ms = stall_ms};

	(void)snprintf(key, sizeof(key), "contact-%llx", (unsigned long long)t->job.contact_id);
	return rcd_openai_respond(t->env->http, t->env->openai, &a, rcd_turn_say, t, usage, err);
}

static int ask_in(struct rcd_turn *t, const char *conversation, bool is_new, int stall_ms,
                  struct rcd_chat_usage *usage, struct rcd_err *err)
{
	json_t *messages = for_conversation(t->prompt, is_new);
	int ret = messages != NULL ? ask(t, messages, conversation, stall_ms, usage, err) : rcd_fail_nomem(err);

	json_decref(messages);
	if (ret == 0)
		(void)snprintf(t->thread_id, sizeof(t->thread_id), "%s", conversation);
	return ret;
}

static int ask_in_new(struct rcd_turn *t, int stall_ms, struct rcd_chat_usage *usage, struct rcd_err *err)
{
	int64_t left = rcd_deadline_left(t->deadline, stall_ms);
	char id[RCD_CONVERSATION_ID];

	if (rcd_openai_conversation_new(t->env->http, t->env->openai, rcd_deadline_in(left), id, err) != 0)
		return -1;
	return ask_in(t, id, true, stall_ms, usage, err);
}

/* The contact's conversation, when it is sure what is in it: the last turn was its last, and
 * this one was not begun before, by us or a predecessor that died. "" otherwise. */
static int known(struct rcd_turn *t, char id[RCD_THREAD_ID], struct rcd_err *err)
{
	id[0] = '\0';
	if (t->job.attempts > 0 || t->job.cancels > 0)
		return 0;
	if (rcd_history_thread(t->env->db, t->job.tenant, t->job.contact_id, id, err) != 0)
		return -1;
	if (!rcd_openai_is_conversation(id)) /* of the system that was here before */
		id[0] = '\0';
	return 0;
}

static int converse(struct rcd_turn *t, int stall_ms, struct rcd_chat_usage *usage, struct rcd_err *err)
{
	char id[RCD_THREAD_ID];

	if (known(t, id, err) != 0)
		return -1;
	if (id[0] == '\0')
		return ask_in_new(t, stall_ms, usage, err);
	if (ask_in(t, id, false, stall_ms, usage, err) == 0)
		return 0;
	if ((err->code != RCD_NOENT && err->code != RCD_BUSY) || t->answer.n > 0)
		return -1;
	return ask_in_new(t, stall_ms, usage, err);
}

int rcd_rung_assistant(struct rcd_turn *t, int stall_ms, struct rcd_err *err)
{
	const struct rcd_turn_env *env = t->env;
	struct rcd_chat_usage usage = {0};
	int ret;

	if (!rcd_secret_set(&env->openai->key))
		return rcd_fail(err, RCD_DENIED, 0, "no OpenAI key is set");
	if (rcd_breaker_enter(env->assistant, env->openai->assistant_model, err) != 0)
		return -1;
	ret = env->openai->store ? converse(t, stall_ms, &usage, err)
	                         : ask(t, t->prompt, NULL, stall_ms, &usage, err);
	rcd_breaker_done(env->assistant, ret == 0 || err->code == RCD_CANCELLED || err->code == RCD_NOMEM);
	if (ret == 0)
		rcd_turn_usage(t, &usage);
	return ret;
}
