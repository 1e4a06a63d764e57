/* The floor of the ladder: it cannot fail for anything but memory. */

#include "turn/steps.h"

static int run(struct rcd_turn *t, struct rcd_err *err)
{
	rcd_buf_str(&t->answer, rcd_turn_text(t, RCD_TEXT_APOLOGY));
	return t->answer.bad ? rcd_fail_nomem(err) : 0;
}

const struct rcd_rung rcd_rung_apology = {"apology", run};
