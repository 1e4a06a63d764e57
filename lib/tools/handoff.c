/* handoff_human: this turn's answer is the bot's last, see rcd_turn_answer.handoff. */

#include "tools/tool.h"

#include <stdio.h>

int rcd_tool_handoff_human(struct rcd_tool_run *r, struct rcd_err *err)
{
	struct rcd_turn *t = r->turn;
	struct rcd_sv reason = rcd_tool_arg(r, "reason");

	(void)err;
	reason.n = rcd_utf8_cut(reason, sizeof(t->think.handoff) - 1);
	(void)snprintf(t->think.handoff, sizeof(t->think.handoff), "%.*s",
	               RCD_SV_ARG(reason.n > 0 ? reason : RCD_SV("-")));
	t->outcome.waits |= RCD_WAITS_HANDOFF;
	rcd_tool_ok(r);
	return 0;
}
