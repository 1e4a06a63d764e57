/* One call of a tool in this turn: what the tools need to know of it, and what they did to its
 * answer. */

#include "base/clock.h"
#include "turn/channel.h"
#include "turn/steps.h"

static void describe_message(const struct rcd_turn *t, struct rcd_tool_env *env)
{
	const struct rcd_twilio_msg *last = &t->gather->msg[t->gather->n - 1];

	env->from = last->from;
	env->to = last->to;
	env->phone = last->phone;
	env->received_ms = t->gather->row[t->gather->n - 1].received_ms;
}

static struct rcd_tool_env describe_turn(struct rcd_turn *t, int64_t deadline)
{
	struct rcd_tool_env env = {.tools = t->env->tools,
	                           .db = t->env->db,
	                           .http = t->env->http,
	                           .semantic = t->env->semantic,
	                           .job = &t->job,
	                           .channel = rcd_turn_channel(t),
	                           .zone = rcd_turn_zone(t),
	                           .refuses_messages = t->rules->suppressed.on[RCD_SCOPE_MARKETING],
	                           .form = rcd_turn_form(t),
	                           .window_end = t->time.window_end,
	                           .deadline = deadline,
	                           .effects = &t->parts->think.effects,
	                           .note = t->env->note,
	                           .note_arg = t->env->note_arg};

	if (t->gather->n > 0)
		describe_message(t, &env);
	return env;
}

/* One line of the trace's current step. */
static void trace_call(struct rcd_turn *t, const struct rcd_tool_outcome *outcome, int64_t ms)
{
	json_t *row = json_array_get(t->trace.steps, json_array_size(t->trace.steps) - 1);
	json_t *calls = json_object_get(row, "calls");

	if (calls == NULL && json_object_set_new(row, "calls", json_array()) == 0)
		calls = json_object_get(row, "calls");
	(void)json_array_append_new(calls, json_pack("{s:s, s:I, s:s}", "tool", outcome->tool, "ms",
	                                             (json_int_t)ms, "outcome", outcome->code));
}

int rcd_turn_call(struct rcd_turn *t, const struct rcd_tool_call *call, int64_t deadline,
                  struct rcd_buf *result, struct rcd_err *err)
{
	const struct rcd_tool_env env = describe_turn(t, deadline);
	struct rcd_tool_outcome outcome;
	int64_t began = rcd_mono_ms(), ms;
	int ret = rcd_tools_call(&env, call, result, &outcome, err);

	ms = rcd_mono_ms() - began;
	trace_call(t, &outcome, ms);
	if (t->think->effects.handoff[0] != '\0')
		t->outcome.waits |= RCD_WAITS_HANDOFF;
	if (ret == 0)
		rcd_turn_tell_called(t, call, rcd_buf_view(result), ms);
	return ret;
}
