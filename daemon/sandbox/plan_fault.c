/* One fault: its name in the ledger, and what it owns. */

#include "daemon/sandbox/plan.h"

#include <stdlib.h>

const char *rcd_sb_fault_name(const struct rcd_sb_fault *f)
{
	static const char *const names[] = {
		[RCD_SB_OK] = "ok",
		[RCD_SB_STATUS] = "status",
		[RCD_SB_AFTER] = "500-after",
		[RCD_SB_CUT] = "cut",
		[RCD_SB_GARBAGE] = "garbage",
		[RCD_SB_NEVER] = "never",
		[RCD_SB_BROKEN] = "broken",
		[RCD_SB_FAILED] = "failed",
		[RCD_SB_INCOMPLETE] = "incomplete",
		[RCD_SB_FILTERED] = "filtered",
		[RCD_SB_REFUSAL] = "refusal",
		[RCD_SB_TWICE] = "twice",
		[RCD_SB_DISORDER] = "disorder",
	};

	if (f->kind == RCD_SB_STATUS && f->status == 429)
		return "429";
	if (f->kind == RCD_SB_STATUS && f->status == 500)
		return "500-before";
	return names[f->kind];
}

void rcd_sb_fault_done(struct rcd_sb_fault *f)
{
	free(f->text);
	f->text = NULL;
}
