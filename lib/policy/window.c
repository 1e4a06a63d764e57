#include "policy/window.h"

static bool is_unfinished(struct rcd_sv text)
{
	return rcd_sv_ends(text, RCD_SV("…")) || rcd_sv_ends(text, RCD_SV("..."));
}

int rcd_window_ms(const struct rcd_window *w, struct rcd_sv text, bool voice_note)
{
	if (voice_note)
		return w->note;
	return is_unfinished(rcd_sv_trim(text)) ? w->unfinished : w->text;
}
