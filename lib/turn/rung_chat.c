/* Chat Completions, streaming. */

#include "turn/steps.h"

static int round_of(struct rcd_turn *t, struct rcd_openai_ask *ask, void *arg,
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
	ret = rcd_turn_converse(t, stall_ms, round_of, NULL, &usage, err);
	rcd_breaker_settle(env->chat, ret, err);
	if (ret == 0)
		rcd_turn_usage(t, &usage);
	return ret;
}
