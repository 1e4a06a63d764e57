/* What the channel has cost today decides what this turn may cost, before anything is paid for. */

#include "base/address.h"
#include "turn/steps.h"

static void warn_once(struct rcd_turn *t, const struct rcd_channel *channel,
                      const struct rcd_channel_day *day)
{
	const int64_t bit = 1 << t->rules->ceiling;
	struct rcd_err err;
	bool first = false;

	if ((day->told & bit) != 0)
		return;
	if (rcd_channel_day_tell(t->env->db, channel, bit, &first, &err) != 0)
		rcd_turn_log(t, "ceiling_not_noted err=\"%s\"", err.msg);
	else if (first)
		rcd_turn_log(t, "ceiling_reached channel=%.*s step=%s model_calls=%lld messages=%lld",
		             RCD_SV_ARG(channel->name), rcd_ceiling_name[t->rules->ceiling],
		             (long long)day->model_calls, (long long)day->messages);
}

int rcd_turn_ceiling(struct rcd_turn *t, struct rcd_err *err)
{
	const struct rcd_ceiling_conf *conf = &t->env->conf->ceiling;
	const struct rcd_channel channel = {t->job.tenant, rcd_address_channel(rcd_sv(t->job.key))};
	struct rcd_channel_day day;

	if (t->outcome.silent || t->env->watch != NULL || !rcd_ceiling_is_set(conf))
		return 0;
	if (rcd_channel_day_get(t->env->db, &channel, &day, err) != 0)
		return -1;
	t->parts->rules.ceiling = rcd_ceiling(conf, &day);
	if (t->rules->ceiling == RCD_CEILING_NONE)
		return 0;
	warn_once(t, &channel, &day);
	(void)json_object_set_new(t->outcome.why, "ceiling",
	                          json_string(rcd_ceiling_name[t->rules->ceiling]));
	if (t->rules->ceiling == RCD_CEILING_MESSAGES) {
		t->outcome.silent = true;
		t->outcome.waits |= RCD_WAITS_CEILING;
		rcd_typing_end(t->env->typing_sender, &t->typing);
	}
	return 0;
}
