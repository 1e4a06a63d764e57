#ifndef RCD_DECODE_H
#define RCD_DECODE_H

#include "audio/pcm.h"
#include "audio/sniff.h"

/* Decodes a whole note from memory to mono PCM at hz (8000, 12000, 16000, 24000 or 48000):
 * Ogg/Opus with libogg and an OpusDecoder made at hz itself, MP3 through libmpg123, WAV,
 * FLAC and the other Ogg codecs through libsndfile, these three with a resampler. Channels are averaged. Pre-skip is dropped
 * (counted at 48 kHz, RFC 7845 section 4.2) and the last page's granule position honoured;
 * a missing end-of-stream flag, a serial number of 0, 2.5–120 ms packets, holes in the
 * page sequence (concealed, at most 1 s each) and chained streams are all ordinary.
 * RCD_PROTO: not a decodable note. RCD_LIMIT: longer than RCD_MAX_NOTE_SECONDS.
 * RCD_DENIED: a kind we do not decode (MP4, AMR …): hand it on unchanged. */
int rcd_decode(struct rcd_sv bytes, enum rcd_kind kind, int hz, struct rcd_pcm *out,
               struct rcd_err *err);

#endif
