#ifndef RCD_SOUND_H
#define RCD_SOUND_H

#include "audio/pcm.h"
#include "base/buf.h"

/* How recado-decode hands a note's samples over: one record (base/record.h) whose number is the
 * rate and whose bytes are the samples, and nothing behind it. */

#define RCD_SOUND_FRAMING 64 /* bytes beside the samples, at most */

/* What stands before the samples and behind them, which may have tens of megabytes. */
void rcd_sound_head(struct rcd_buf *b, const struct rcd_pcm *pcm);
#define RCD_SOUND_END "\n"
/* What the program wrote, which is a peer's: b's memory becomes *out. RCD_PROTO when it is not one
 * whole record at that rate, RCD_LIMIT over RCD_MAX_NOTE_SECONDS; or the error that it tells. */
int rcd_sound_take(struct rcd_buf *b, int hz, struct rcd_pcm *out, struct rcd_err *err);

#endif
