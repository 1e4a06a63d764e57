#ifndef RCD_OPUS_H
#define RCD_OPUS_H

#include "base/err.h"
#include "base/sv.h"

#include <stdint.h>

/* Wrapper of the parts of libopus that reader and writer need. Mono: a one-channel decoder
 * downmixes stereo itself, at less cost than we could. */

#define RCD_OPUS_HZ 48000           /* the clock of granule positions and pre-skip */
#define RCD_OPUS_MAX_PACKET_48 5760 /* 120 ms, the longest packet, on that clock */
#define RCD_OPUS_UNIT_48 120        /* 2.5 ms: every packet's length is a multiple */

/* 8000, 12000, 16000, 24000 and 48000. */
bool rcd_opus_hz_ok(int hz);

struct rcd_opus_decoder;

int rcd_opus_decoder_open(struct rcd_opus_decoder **d, int hz, struct rcd_err *err);
/* Resets the state. gain_q8: gain of the header, in 1/256 dB. */
void rcd_opus_decoder_reset(struct rcd_opus_decoder *d, int gain_q8);
/* Decodes a packet into s, at most room samples; returns their number, or -1 for a malformed
 * packet. An absent packet conceals exactly room samples. */
int rcd_opus_decode(struct rcd_opus_decoder *d, struct rcd_sv packet, int16_t *s, int room);
struct rcd_opus_decoder *rcd_opus_decoder_free(struct rcd_opus_decoder *d);

/* Length of a packet in samples at 48 kHz, or -1 when malformed. */
int rcd_opus_length_48(struct rcd_sv packet);

struct rcd_opus_encoder;

int rcd_opus_encoder_open(struct rcd_opus_encoder **e, int hz, int bitrate, int complexity,
                          struct rcd_err *err);
int rcd_opus_lookahead(struct rcd_opus_encoder *e); /* in samples of the input */
/* Encodes one frame of n samples (a length that Opus supports) into p; bytes used, or -1. */
int rcd_opus_encode(struct rcd_opus_encoder *e, const int16_t *s, int n, uint8_t *p, int room);
/* Resets the state: the next packet does not depend on earlier ones. */
void rcd_opus_encoder_reset(struct rcd_opus_encoder *e);
struct rcd_opus_encoder *rcd_opus_encoder_free(struct rcd_opus_encoder *e);

const char *rcd_opus_vendor(void);

#endif
