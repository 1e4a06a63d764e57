#include "policy/ceiling.h"

const char *const rcd_ceiling_name[RCD_N_CEILINGS] = {
	[RCD_CEILING_NONE] = "none",
	[RCD_CEILING_NEAR] = "voice_off",
	[RCD_CEILING_MODELS] = "knowledge",
	[RCD_CEILING_MESSAGES] = "silent",
};

bool rcd_ceiling_is_set(const struct rcd_ceiling_conf *conf)
{
	return conf->model_calls > 0 || conf->messages > 0;
}

static bool is_spent(int limit, int64_t used)
{
	return limit > 0 && used >= limit;
}

static bool is_near(int limit, int64_t used)
{
	return limit > 0 && used * 5 >= limit * 4LL;
}

enum rcd_ceiling rcd_ceiling(const struct rcd_ceiling_conf *conf, const struct rcd_channel_day *day)
{
	if (is_spent(conf->messages, day->messages))
		return RCD_CEILING_MESSAGES;
	if (is_spent(conf->model_calls, day->model_calls))
		return RCD_CEILING_MODELS;
	if (is_near(conf->messages, day->messages) || is_near(conf->model_calls, day->model_calls))
		return RCD_CEILING_NEAR;
	return RCD_CEILING_NONE;
}
