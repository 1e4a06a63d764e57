/* The rungs of the ladder, best first; the one of realtime sessions has a file of its own. */

#include "base/clock.h"
#include "knowledge/knowledge.h"
#include "turn/steps.h"

#include <stdio.h>
#include <string.h>

/* --- chat: Chat Completions, streaming ------------------------------------------------------ */

static int ask_chat_once(struct rcd_turn *t, struct rcd_openai_ask *ask, void *arg,
                         struct rcd_chat_usage *usage, struct rcd_err *err)
{
	(void)arg;
	return rcd_openai_complete(t->env->http, t->env->openai, ask, rcd_turn_model_words, t, usage,
	                           err);
}

int rcd_rung_chat(struct rcd_turn *t, int stall_ms, struct rcd_err *err)
{
	const struct rcd_turn_env *env = t->env;
	struct rcd_chat_usage usage = {0};
	int ret;

	if (!rcd_openai_usable(env->openai))
		return rcd_fail(err, RCD_DENIED, 0, "no OpenAI key is set");
	if (rcd_breaker_enter(env->chat, env->openai->chat_model, err) != 0)
		return -1;
	ret = rcd_turn_converse(t, stall_ms, ask_chat_once, NULL, &usage, err);
	rcd_breaker_settle(env->chat, ret, err);
	if (ret == 0)
		rcd_turn_usage(t, &usage);
	return ret;
}

/* --- assistant ------------------------------------------------------------------------------ */

/* Responses: with the history in the request, or (openai.store) with a Conversation that OpenAI
 * keeps for the contact. */

static bool is_system(const json_t *message)
{
	return rcd_sv_is(rcd_json_sv(message, "role"), "system");
}

/* The messages for a conversation: what must not be kept in it stands in front, as
 * instructions; then those that it does not hold yet. NULL when memory is short. */
static json_t *for_conversation(const json_t *prompt, size_t from)
{
	size_t n = json_array_size(prompt);
	json_t *out = json_array();
	bool ok = out != NULL;

	for (size_t i = 0; i < n; i++)
		if (is_system(json_array_get(prompt, i)))
			ok = json_array_append(out, json_array_get(prompt, i)) == 0 && ok;
	for (size_t i = from; i < n; i++)
		if (!is_system(json_array_get(prompt, i)))
			ok = json_array_append(out, json_array_get(prompt, i)) == 0 && ok;
	if (ok)
		return out;
	json_decref(out);
	return NULL;
}

/* Where the answer is thought of. */
struct place {
	const char *conversation; /* NULL: in none */
	size_t held;              /* messages that it holds already */
};

static int ask_once(struct rcd_turn *t, struct rcd_openai_ask *ask, void *arg,
                    struct rcd_chat_usage *usage, struct rcd_err *err)
{
	struct place *p = arg;
	struct rcd_openai_ask a = *ask;
	char key[32]; /* what one contact's requests begin with is the same */
	int ret;

	(void)snprintf(key, sizeof(key), "contact-%llx", (unsigned long long)t->job.contact_id);
	a.cache_key = key;
	a.conversation = p->conversation;
	a.messages = p->conversation != NULL ? for_conversation(ask->messages, p->held)
	                                     : json_incref(ask->messages);
	ret = a.messages != NULL ? rcd_openai_respond(t->env->http, t->env->openai, &a,
	                                              rcd_turn_model_words, t, usage, err)
	                         : rcd_fail_nomem(err);
	json_decref(a.messages);
	if (ret == 0)
		p->held = json_array_size(ask->messages) + 1; /* what it answered is held too */
	else if (p->conversation != NULL && p->held > 0 &&
	         rcd_openai_too_long(err)) /* what is held cannot be cut */
		return rcd_fail(err, RCD_NOENT, 413,
		                "the conversation has grown longer than the model takes");
	return ret;
}

static int ask_in(struct rcd_turn *t, const char *conversation, bool is_new, int stall_ms,
                  struct rcd_chat_usage *usage, struct rcd_err *err)
{
	struct place p = {conversation, is_new ? 0 : json_array_size(t->recall->prompt) - 1};

	if (rcd_turn_converse(t, stall_ms, ask_once, &p, usage, err) != 0)
		return -1;
	(void)snprintf(t->parts->think.thread_id, sizeof(t->parts->think.thread_id), "%s",
	               conversation);
	return 0;
}

static int ask_in_new(struct rcd_turn *t, int stall_ms, struct rcd_chat_usage *usage,
                      struct rcd_err *err)
{
	int64_t left = rcd_deadline_left(t->time.deadline, stall_ms);
	char id[RCD_CONVERSATION_ID];

	if (rcd_openai_conversation_new(t->env->http, t->env->openai, rcd_deadline_in(left), id, err) !=
	    0)
		return -1;
	return ask_in(t, id, true, stall_ms, usage, err);
}

/* The contact's conversation, when it is sure what is in it: the last turn was its last, and
 * this one was not begun before, by us or a predecessor that died. "" otherwise. */
static int find_conversation(struct rcd_turn *t, char id[RCD_THREAD_ID], struct rcd_err *err)
{
	id[0] = '\0';
	if (t->job.attempts > 0 || t->job.cancels > 0)
		return 0;
	if (rcd_history_thread_of(t->env->db, t->job.tenant, t->job.contact_id, rcd_turn_reach(t), id,
	                          err) != 0)
		return -1;
	if (!rcd_openai_is_conversation(id)) /* of the system that was here before */
		id[0] = '\0';
	return 0;
}

static int ask_in_conversation(struct rcd_turn *t, int stall_ms, struct rcd_chat_usage *usage,
                               struct rcd_err *err)
{
	char id[RCD_THREAD_ID];

	if (find_conversation(t, id, err) != 0)
		return -1;
	if (id[0] == '\0')
		return ask_in_new(t, stall_ms, usage, err);
	if (ask_in(t, id, false, stall_ms, usage, err) == 0)
		return 0;
	if ((err->code != RCD_NOENT && err->code != RCD_BUSY) || t->think->answer.n > 0)
		return -1;
	return ask_in_new(t, stall_ms, usage, err);
}

int rcd_rung_assistant(struct rcd_turn *t, int stall_ms, struct rcd_err *err)
{
	const struct rcd_turn_env *env = t->env;
	struct rcd_chat_usage usage = {0};
	struct place alone = {0};
	int ret;

	if (!rcd_openai_usable(env->openai))
		return rcd_fail(err, RCD_DENIED, 0, "no OpenAI key is set");
	/* what a conversation has been told it cannot be made to forget */
	if (env->openai->store && rcd_turn_await_window(t, err) != 0)
		return -1;
	if (rcd_breaker_enter(env->assistant, env->openai->assistant_model, err) != 0)
		return -1;
	ret = env->openai->store ? ask_in_conversation(t, stall_ms, &usage, err)
	                         : rcd_turn_converse(t, stall_ms, ask_once, &alone, &usage, err);
	rcd_breaker_settle(env->assistant, ret, err);
	if (ret == 0)
		rcd_turn_usage(t, &usage);
	return ret;
}

/* --- knowledge ------------------------------------------------------------------------------ */

/* No model: the best passage of the business's own knowledge, word for word; with no model
 * configured at all, an honest "a person will answer" when nothing fits. */

static int promise_person(struct rcd_turn *t, struct rcd_err *err)
{
	t->outcome.waits |= RCD_WAITS_NO_ANSWER;
	return rcd_turn_put_answer(t, rcd_sv(rcd_turn_text(t, RCD_TEXT_NO_ANSWER)), err);
}

int rcd_rung_knowledge(struct rcd_turn *t, int stall_ms, struct rcd_err *err)
{
	struct rcd_passage *p = NULL;
	size_t n = 0;
	int ret;

	(void)stall_ms;
	if (rcd_knowledge_search(t->env->db, t->job.tenant, t->env->semantic,
	                         rcd_buf_view(&t->hear->customer_text), 1, &p, &n, err) != 0)
		return -1;
	rcd_turn_figure(t, "passages", (int64_t)n);
	rcd_turn_tell_found(t, p, n);
	if (n > 0)
		ret = rcd_turn_put_answer(t, rcd_sv_trim(rcd_sv(p[0].text)), err);
	else if (!rcd_openai_usable(t->env->openai) || t->rules->ceiling >= RCD_CEILING_MODELS)
		ret = promise_person(t, err);
	else
		ret = rcd_fail(err, RCD_NOENT, 0, "no passage answers the question");
	rcd_passages_free(p, n);
	return ret;
}

/* --- apology: the floor of the ladder, which fails for want of memory alone ------------------ */

int rcd_rung_apology(struct rcd_turn *t, int stall_ms, struct rcd_err *err)
{
	(void)stall_ms;
	t->outcome.waits |= RCD_WAITS_APOLOGY; /* it promises a person */
	return rcd_turn_put_answer(t, rcd_sv(rcd_turn_text(t, RCD_TEXT_APOLOGY)), err);
}
