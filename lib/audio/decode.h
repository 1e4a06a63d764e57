#ifndef RCD_DECODE_H
#define RCD_DECODE_H

#include "audio/pcm.h"
#include "audio/sniff.h"

/* The caged decoder program, which reads every kind but Ogg/Opus. */
struct rcd_decoder {
	const char *program; /* its path; NULL: not installed, only Ogg/Opus is decoded */
	bool unsandboxed;    /* run it even where the kernel has no sandbox */
};

/* Decodes a whole note from memory to mono PCM at hz (8000, 12000, 16000, 24000 or 48000):
 * Ogg/Opus in this process with libogg and an OpusDecoder at hz, everything else by
 * d's program, one run per note (d may be NULL: none). Channels are averaged. Of Opus, pre-skip is
 * dropped (counted at 48 kHz, RFC 7845 section 4.2) and the last page's granule position honoured;
 * a missing end-of-stream flag, a serial number of 0, 2.5–120 ms packets, holes in the
 * page sequence (concealed, at most 1 s each) and chained streams are accepted.
 * RCD_PROTO: not a decodable note. RCD_LIMIT: longer than RCD_MAX_NOTE_SECONDS.
 * RCD_DENIED: not audio, an unsupported codec, or no sandbox available. RCD_NOENT: a program is
 * missing; a file that a transcription service takes may then be passed on undecoded. */
int rcd_decode(const struct rcd_decoder *d, struct rcd_sv bytes, enum rcd_kind kind, int hz,
               struct rcd_pcm *out, struct rcd_err *err);

#endif
