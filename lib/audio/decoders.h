#ifndef RCD_DECODERS_H
#define RCD_DECODERS_H

#include "audio/decode.h"

/* The ways rcd_decode goes; same contract. */
int rcd_decode_opus(struct rcd_sv bytes, int hz, struct rcd_pcm *out, struct rcd_err *err);
int rcd_decode_mp3(struct rcd_sv bytes, int hz, struct rcd_pcm *out, struct rcd_err *err);
int rcd_decode_sndfile(struct rcd_sv bytes, enum rcd_kind kind, int hz, struct rcd_pcm *out,
                       struct rcd_err *err);

#endif
