/* Chat Completions, streaming. */

#include "base/clock.h"
#include "turn/steps.h"

int rcd_rung_chat(struct rcd_turn *t, int stall_ms, struct rcd_err *err)
{
	const struct rcd_turn_env *env = t->env;
	struct rcd_chat_usage usage = {0};
	int ret;

	if (!rcd_secret_set(&env->openai->key))
		return rcd_fail(err, RCD_DENIED, 0, "no OpenAI key is set");
	if (rcd_breaker_enter(env->chat, env->openai->chat_model, err) != 0)
		return -1;
	ret = rcd_openai_chat(env->http, env->openai, t->prompt, t->deadline, stall_ms, rcd_turn_say, t, &usage,
	                      err);
	rcd_breaker_done(env->chat, ret == 0 || err->code == RCD_CANCELLED || err->code == RCD_NOMEM);
	if (ret == 0)
		rcd_turn_usage(t, &usage);
	return ret;
}
