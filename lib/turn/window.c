/* People write in pieces: how long to wait for the next one. */

#include "turn/turn.h"

static bool unfinished(struct rcd_sv text)
{
	return rcd_sv_ends(text, RCD_SV("…")) || rcd_sv_ends(text, RCD_SV("..."));
}

int rcd_window_ms(const struct rcd_window *w, const struct rcd_twilio_msg *msg)
{
	for (int i = 0; i < msg->n_media; i++)
		if (rcd_sv_starts(msg->media[i].type, RCD_SV("audio/")))
			return w->note;
	return unfinished(rcd_sv_trim(msg->body)) ? w->unfinished : w->text;
}
