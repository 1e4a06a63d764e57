/* handoff_human: this turn's answer is the bot's last, see rcd_turn_answer.handoff. */

#include "tools/tool.h"

#include <stdio.h>

int rcd_tool_handoff_human(struct rcd_tool_run *r, struct rcd_err *err)
{
	struct rcd_tool_effects *e = r->env->effects;
	struct rcd_sv reason = rcd_tool_arg(r, "reason");

	(void)err;
	reason.n = rcd_utf8_cut(reason, sizeof(e->handoff) - 1);
	(void)snprintf(e->handoff, sizeof(e->handoff), "%.*s",
	               RCD_SV_ARG(reason.n > 0 ? reason : RCD_SV("-")));
	rcd_tool_ok(r);
	return 0;
}
