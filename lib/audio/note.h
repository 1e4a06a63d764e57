#ifndef RCD_NOTE_H
#define RCD_NOTE_H

#include "audio/pcm.h"
#include "base/sv.h"

/* Ogg/Opus, which phones send and which is decoded in this process; the contract of rcd_decode. */
int rcd_decode_opus(struct rcd_sv bytes, int hz, struct rcd_pcm *out, struct rcd_err *err);

#endif
