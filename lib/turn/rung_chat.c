/* Chat Completions, streaming. */

#include "base/clock.h"
#include "turn/steps.h"

static int piece(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_turn *t = arg;

	rcd_buf_sv(&t->answer, text);
	if (!t->answer.bad)
		return 0;
	return t->answer.over ? rcd_fail(err, RCD_LIMIT, 0, "the model's answer is over %d bytes", RCD_MAX_TEXT)
	                      : rcd_fail_nomem(err);
}

static int run(struct rcd_turn *t, struct rcd_err *err)
{
	const struct rcd_turn_env *env = t->env;
	struct rcd_chat_usage usage = {0};
	int ret;

	if (!rcd_secret_set(&env->openai->key))
		return rcd_fail(err, RCD_DENIED, 0, "no OpenAI key is set");
	if (rcd_breaker_enter(env->chat, env->openai->chat_model, err) != 0)
		return -1;
	ret = rcd_openai_chat(env->http, env->openai, t->prompt, t->deadline, piece, t, &usage, err);
	rcd_breaker_done(env->chat, ret == 0 || err->code == RCD_CANCELLED || err->code == RCD_NOMEM);
	if (ret != 0)
		return -1;
	rcd_turn_figure(t, "first_ms", usage.first_ms);
	rcd_turn_figure(t, "input_tokens", usage.input_tokens);
	rcd_turn_figure(t, "cached_tokens", usage.cached_tokens);
	rcd_turn_figure(t, "output_tokens", usage.output_tokens);
	return 0;
}

const struct rcd_rung rcd_rung_chat = {"chat", run};
