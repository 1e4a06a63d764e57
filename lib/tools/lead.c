/* move_lead: where the contact stands as a customer, and why. */

#include "tools/tool.h"

int rcd_tool_move_lead(struct rcd_tool_run *r, struct rcd_err *err)
{
	const struct rcd_lead_in in = {rcd_tool_arg(r, "stage"), rcd_tool_arg(r, "reason"),
	                               rcd_tool_arg(r, "quote")};

	if (in.reason.n == 0 || in.quote.n == 0)
		return rcd_fail(err, RCD_INVAL, 0, "reason and quote must say something");
	if (rcd_lead_put(r->conn, r->env->job, &in, err) != 0)
		return -1;
	rcd_tool_ok(r);
	return 0;
}
