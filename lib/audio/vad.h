#ifndef RCD_VAD_H
#define RCD_VAD_H

#include "audio/pcm.h"

#include <stdbool.h>

/* How much of a note is speech, in milliseconds: words with a pitch that stand clear of the
 * note's own noise floor, are loud enough to hear and move as a voice does, with the short
 * gaps between them. Digital silence, noise, hum, tones and clicks give (nearly) 0; music
 * may pass for speech, a whisper may not. For notes at 16 kHz; at another rate, or without
 * memory, nothing is judged and the whole length is returned. */
int64_t rcd_vad_speech_ms(const struct rcd_pcm *pcm);

/* Is there less speech than a spoken "oi"? At any rate. False without memory or where nothing is
 * judged. */
bool rcd_vad_nobody_speaks(const struct rcd_pcm *pcm);

#endif
