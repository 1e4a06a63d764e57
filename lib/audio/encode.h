#ifndef RCD_ENCODE_H
#define RCD_ENCODE_H

#include "audio/pcm.h"
#include "base/buf.h"
#include "base/sv.h"

/* Streaming encoder from PCM to Ogg/Opus (RFC 7845), mono. It encodes while speech arrives, so that
 * finishing costs about one frame. Pages are flushed at least every
 * second of audio; the last page carries the end-of-stream flag and the exact length. */
struct rcd_encoder;

struct rcd_encoder_conf {
	int hz;         /* of the input: 8000, 12000, 16000, 24000 or 48000 */
	int bitrate;    /* default 32000 */
	int complexity; /* 0–10, default 5 when -1 */
};

/* out receives the bytes of the file in order, during write and finish. */
int rcd_encoder_open(struct rcd_encoder **e, const struct rcd_encoder_conf *conf, rcd_bytes_fn *out,
                     void *arg, struct rcd_err *err);
int rcd_encoder_write(struct rcd_encoder *e, const int16_t *s, size_t n, struct rcd_err *err);
/* Ends a piece: pads with silence (less than 70 ms) to whole packets and resets the encoder, so
 * that the next piece does not depend on this one. *packets: packets so far, 20 ms each. */
int rcd_encoder_cut(struct rcd_encoder *e, int64_t *packets, struct rcd_err *err);
/* Copies n packets of note, a finished file of an encoder, from packet first on, without encoding
 * them again: whole pieces of note, and only right after a cut. RCD_PROTO, with nothing written:
 * note does not have them. */
int rcd_encoder_copy(struct rcd_encoder *e, struct rcd_sv note, int64_t first, int64_t n,
                     struct rcd_err *err);
/* Writes the rest; *duration_ms: length of the audio. RCD_INVAL: no sample was written. */
int rcd_encoder_finish(struct rcd_encoder *e, int64_t *duration_ms, struct rcd_err *err);
/* Encodes a whole note for transcription and appends it to out. RCD_LIMIT when it does not fit. */
int rcd_encode_pcm(const struct rcd_pcm *pcm, struct rcd_buf *out, struct rcd_err *err);
struct rcd_encoder *rcd_encoder_free(struct rcd_encoder *e); /* NULL-safe, returns NULL */

#endif
