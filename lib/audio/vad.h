#ifndef RCD_VAD_H
#define RCD_VAD_H

#include "audio/pcm.h"

/* How much of a note is speech: milliseconds of frames that stand clear of the note's own
 * noise floor, are loud enough to hear and carry a voice's periodicity or its variation.
 * Digital silence, steady noise, hum and clicks give (nearly) 0. 16 kHz. */
int64_t rcd_vad_speech_ms(const struct rcd_pcm *pcm);

#endif
