#ifndef RCD_ENCODE_H
#define RCD_ENCODE_H

#include "audio/pcm.h"
#include "base/buf.h"
#include "base/sv.h"

/* PCM to Ogg/Opus (RFC 7845), mono, as it arrives: the encoder works while the speech is
 * still coming, so that finishing takes about one frame. Pages are flushed at least every
 * second of audio; the last page carries the end-of-stream flag and the exact length. */
struct rcd_encoder;

struct rcd_encoder_conf {
	int hz;         /* of the input: 8000, 12000, 16000, 24000 or 48000 */
	int bitrate;    /* default 32000 */
	int complexity; /* 0–10, default 5 when -1 */
};

/* out gets the bytes of the file, in order, from write and finish. */
int rcd_encoder_open(struct rcd_encoder **e, const struct rcd_encoder_conf *conf, rcd_bytes_fn *out,
                     void *arg, struct rcd_err *err);
int rcd_encoder_write(struct rcd_encoder *e, const int16_t *s, size_t n, struct rcd_err *err);
/* Ends a piece: silence (less than 70 ms) until all that was written is in whole packets, and what
 * comes next is encoded without what came before. *packets: how many there are so far, 20 ms each.
 */
int rcd_encoder_cut(struct rcd_encoder *e, int64_t *packets, struct rcd_err *err);
/* Takes packets of note, a finished file of an encoder, as they are: those of pieces that were cut
 * there, at a cut here. RCD_PROTO, with nothing written: it does not have them. */
int rcd_encoder_copy(struct rcd_encoder *e, struct rcd_sv note, int64_t first, int64_t n,
                     struct rcd_err *err);
/* Writes the rest and says how long the audio is. RCD_INVAL when no sample came. */
int rcd_encoder_finish(struct rcd_encoder *e, int64_t *duration_ms, struct rcd_err *err);
/* A whole note at once, for who transcribes it; appended to out. RCD_LIMIT when it does not fit. */
int rcd_encode_pcm(const struct rcd_pcm *pcm, struct rcd_buf *out, struct rcd_err *err);
struct rcd_encoder *rcd_encoder_free(struct rcd_encoder *e); /* NULL-safe, returns NULL */

#endif
