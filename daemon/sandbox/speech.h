#ifndef RCD_SB_SPEECH_H
#define RCD_SB_SPEECH_H

#include "audio/pcm.h"
#include "base/sv.h"

#include <stdatomic.h>

/* A voice for the simulated text-to-speech: espeak-ng in a child process, or, where that is
 * not installed, a hum with the rhythm of the text. Blocks; gives the samples to fn as they
 * are made, at hz. */
int rcd_sb_speech(struct rcd_sv text, int hz, rcd_pcm_fn *fn, void *arg,
                  const atomic_bool *stopping, struct rcd_err *err);

#endif
