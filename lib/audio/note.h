#ifndef RCD_NOTE_H
#define RCD_NOTE_H

#include "audio/pcm.h"
#include "base/sv.h"

/* Decodes Ogg/Opus, the format of phones, in this process; same contract as rcd_decode. */
int rcd_decode_opus(struct rcd_sv bytes, int hz, struct rcd_pcm *out, struct rcd_err *err);

#endif
