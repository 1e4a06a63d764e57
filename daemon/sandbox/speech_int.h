#ifndef RCD_SB_SPEECH_INT_H
#define RCD_SB_SPEECH_INT_H

#include "daemon/sandbox/speech.h"

/* The two voices behind speech.h. espeak: RCD_NOENT when there is no such program. */
int rcd_sb_espeak(struct rcd_sv text, int hz, rcd_pcm_fn *fn, void *arg,
                  const atomic_bool *stopping, struct rcd_err *err);
int rcd_sb_hum(struct rcd_sv text, int hz, rcd_pcm_fn *fn, void *arg, struct rcd_err *err);

#endif
