#ifndef RCD_WINDOW_H
#define RCD_WINDOW_H

#include "base/sv.h"

/* The quiet window: people write in pieces, so an answer leaves only when nothing more has come for
 * a while. */

/* In ms, by what came last; 0: the answer leaves at once. */
struct rcd_window {
	int text, unfinished, note; /* a text, one that ends in "…", a voice note */
	int most;                   /* and never more than this from the first message on */
};

/* The window after a message with this text, or with a voice note. */
int rcd_window_ms(const struct rcd_window *w, struct rcd_sv text, bool voice_note);

#endif
