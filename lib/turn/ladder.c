#include "turn/turn.h"

const char *const rcd_rung_name[RCD_N_RUNGS] = {
	[RCD_RUNG_REALTIME] = "realtime",   [RCD_RUNG_CHAT] = "chat",
	[RCD_RUNG_ASSISTANT] = "assistant", [RCD_RUNG_KNOWLEDGE] = "knowledge",
	[RCD_RUNG_APOLOGY] = "apology",
};

static const struct rcd_ladder written = {2, {RCD_RUNG_CHAT, RCD_RUNG_ASSISTANT}};
static const struct rcd_ladder live = {3, {RCD_RUNG_REALTIME, RCD_RUNG_CHAT, RCD_RUNG_ASSISTANT}};

void rcd_ladder_default(struct rcd_sv path, struct rcd_ladder *text, struct rcd_ladder *audio)
{
	*text = rcd_sv_is(path, "/webhook/whatsapp/realtime") ? live : written;
	*audio = rcd_sv_is(path, "/webhook/FUNCIONA") ? written : live;
}
