/* The floor of the ladder: it cannot fail for anything but memory. */

#include "turn/steps.h"

int rcd_rung_apology(struct rcd_turn *t, int stall_ms, struct rcd_err *err)
{
	(void)stall_ms;
	t->outcome.waits |= RCD_WAITS_APOLOGY; /* it promises a person */
	return rcd_turn_put_answer(t, rcd_sv(rcd_turn_text(t, RCD_TEXT_APOLOGY)), err);
}
