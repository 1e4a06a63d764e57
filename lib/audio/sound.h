#ifndef RCD_SOUND_H
#define RCD_SOUND_H

#include "audio/pcm.h"
#include "base/buf.h"

/* Output of recado-decode: one record (base/record.h) whose number is the rate and whose bytes are
 * the samples, and nothing after it. */

#define RCD_SOUND_FRAMING 64 /* most bytes beside the samples */

/* Head and end of the record; the samples, tens of megabytes at most, are written between them. */
void rcd_sound_head(struct rcd_buf *b, const struct rcd_pcm *pcm);
#define RCD_SOUND_END "\n"
/* Parses the program's untrusted output; the memory of b moves to *out. RCD_PROTO: not one whole
 * record at that rate; RCD_LIMIT: over RCD_MAX_NOTE_SECONDS; or the error in the record. */
int rcd_sound_take(struct rcd_buf *b, int hz, struct rcd_pcm *out, struct rcd_err *err);

#endif
