#include "turn/turn.h"

const char *const rcd_rung_name[RCD_N_RUNGS] = {
	[RCD_RUNG_REALTIME] = "realtime",   [RCD_RUNG_CHAT] = "chat",
	[RCD_RUNG_ASSISTANT] = "assistant", [RCD_RUNG_KNOWLEDGE] = "knowledge",
	[RCD_RUNG_APOLOGY] = "apology",
};
