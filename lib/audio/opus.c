#include "audio/opus.h"

#include <opus.h>

/* The two handles are libopus's own objects under our names: nothing is added to them, so
 * nothing is allocated around them. */

static OpusDecoder *get_decoder(struct rcd_opus_decoder *d)
{
	return (OpusDecoder *)(void *)d;
}

static OpusEncoder *get_encoder(struct rcd_opus_encoder *e)
{
	return (OpusEncoder *)(void *)e;
}

bool rcd_opus_hz_ok(int hz)
{
	return hz == 8000 || hz == 12000 || hz == 16000 || hz == 24000 || hz == 48000;
}

static int fail_opus(int code, const char *what, struct rcd_err *err)
{
	if (code == OPUS_ALLOC_FAIL)
		return rcd_fail_nomem(err);
	return rcd_fail(err, RCD_INVAL, code, "%s: %s", what, opus_strerror(code));
}

int rcd_opus_decoder_open(struct rcd_opus_decoder **d, int hz, struct rcd_err *err)
{
	int code;
	OpusDecoder *o = opus_decoder_create(hz, 1, &code);

	if (o == NULL)
		return fail_opus(code, "opus decoder", err);
	*d = (struct rcd_opus_decoder *)(void *)o;
	return 0;
}

void rcd_opus_decoder_reset(struct rcd_opus_decoder *d, int gain_q8)
{
	(void)opus_decoder_ctl(get_decoder(d), OPUS_RESET_STATE);
	(void)opus_decoder_ctl(get_decoder(d), OPUS_SET_GAIN(gain_q8));
}

int rcd_opus_decode(struct rcd_opus_decoder *d, struct rcd_sv packet, int16_t *s, int room)
{
	int n = opus_decode(get_decoder(d), (const unsigned char *)packet.p, (opus_int32)packet.n, s,
	                    room, 0);

	return n > 0 ? n : -1;
}

struct rcd_opus_decoder *rcd_opus_decoder_free(struct rcd_opus_decoder *d)
{
	if (d != NULL)
		opus_decoder_destroy(get_decoder(d));
	return NULL;
}

int rcd_opus_length_48(struct rcd_sv packet)
{
	int n;

	if (packet.n == 0 || packet.n > INT32_MAX)
		return -1;
	n = opus_packet_get_nb_samples((const unsigned char *)packet.p, (opus_int32)packet.n,
	                               RCD_OPUS_HZ);
	return n > 0 ? n : -1;
}

int rcd_opus_encoder_open(struct rcd_opus_encoder **e, int hz, int bitrate, int complexity,
                          struct rcd_err *err)
{
	int code;
	OpusEncoder *o = opus_encoder_create(hz, 1, OPUS_APPLICATION_VOIP, &code);

	if (o == NULL)
		return fail_opus(code, "opus encoder", err);
	code = opus_encoder_ctl(o, OPUS_SET_BITRATE(bitrate));
	if (code == OPUS_OK)
		code = opus_encoder_ctl(o, OPUS_SET_COMPLEXITY(complexity));
	if (code != OPUS_OK) {
		opus_encoder_destroy(o);
		return fail_opus(code, "opus encoder setting", err);
	}
	*e = (struct rcd_opus_encoder *)(void *)o;
	return 0;
}

int rcd_opus_lookahead(struct rcd_opus_encoder *e)
{
	opus_int32 n = 0;

	(void)opus_encoder_ctl(get_encoder(e), OPUS_GET_LOOKAHEAD(&n));
	return n;
}

int rcd_opus_encode(struct rcd_opus_encoder *e, const int16_t *s, int n, uint8_t *p, int room)
{
	int got = opus_encode(get_encoder(e), s, n, p, room);

	return got > 0 ? got : -1;
}

void rcd_opus_encoder_reset(struct rcd_opus_encoder *e)
{
	(void)opus_encoder_ctl(get_encoder(e), OPUS_RESET_STATE);
}

struct rcd_opus_encoder *rcd_opus_encoder_free(struct rcd_opus_encoder *e)
{
	if (e != NULL)
		opus_encoder_destroy(get_encoder(e));
	return NULL;
}

const char *rcd_opus_vendor(void)
{
	return opus_get_version_string();
}
