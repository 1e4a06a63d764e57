#ifndef RCD_TURN_NAMES_H
#define RCD_TURN_NAMES_H

#include "turn/turn.h"

/* What the settings call the values of a turn's configuration, and its default ladders. */

extern const char *const rcd_voice_when_name[RCD_N_VOICE_WHEN];
extern const char *const rcd_text_name[RCD_N_TEXTS]; /* "media_gone" … below texts.pt_BR */

/* The ladders of a route whose configuration names none. */
void rcd_ladder_default(struct rcd_sv path, struct rcd_ladder *text, struct rcd_ladder *audio);

#endif
