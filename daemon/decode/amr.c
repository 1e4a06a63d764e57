/* AMR, as telephones and older phones record: frames of 20 ms with a byte in front that says how
 * long each is (RFC 4867 section 5), by libopencore-amr. */

#include "audio/resample.h"
#include "base/limits.h"
#include "daemon/decode/readers.h"

#include <opencore-amrnb/interf_dec.h>
#include <opencore-amrwb/dec_if.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FRAME 61
#define MAX_SAMPLES 320

/* The decoders read as much as the first byte says, which is checked before. */
static const struct band {
	struct rcd_sv magic;
	int hz, samples;
	void *(*open)(void);
	void (*decode)(void *state, const unsigned char *in, short *out, int bad);
	void (*close)(void *state);
	short size[16]; /* of a frame behind that byte, by its type; -1: there is none of that type */
} bands[] = {
	{RCD_SV("#!AMR\n"),
     8000,
     160,
     Decoder_Interface_init,
     Decoder_Interface_Decode,
     Decoder_Interface_exit,
     {12, 13, 15, 17, 19, 20, 26, 31, 5, -1, -1, -1, -1, -1, -1, 0}},
	{RCD_SV("#!AMR-WB\n"),
     16000,
     320,
     D_IF_init,
     D_IF_decode,
     D_IF_exit,
     {17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0}},
};

static const struct band *band_of(struct rcd_sv bytes)
{
	for (size_t i = 0; i < sizeof(bands) / sizeof(bands[0]); i++)
		if (rcd_sv_starts(bytes, bands[i].magic))
			return &bands[i];
	return NULL;
}

static int put_samples(struct rcd_resampler *r, const short *s, int n, struct rcd_pcmbuf *out,
                       struct rcd_err *err)
{
	float f[MAX_SAMPLES];

	for (int i = 0; i < n; i++)
		f[i] = (float)s[i] / 32768.0F;
	return rcd_resample(r, f, (size_t)n, out, err);
}

/* A frame that is cut, or of a type that does not exist, ends the note. */
static int decode_frames(const struct band *b, void *state, struct rcd_sv rest,
                         struct rcd_resampler *r, struct rcd_pcmbuf *out, struct rcd_err *err)
{
	int left = RCD_MAX_NOTE_SECONDS * 50;

	while (rest.n > 0) {
		int type = (unsigned char)rest.p[0] >> 3 & 15, n = b->size[type];
		bool good = (rest.p[0] & 4) != 0;
		unsigned char frame[MAX_FRAME] = {0};
		short s[MAX_SAMPLES];

		if (n < 0 || rest.n < (size_t)n + 1)
			break;
		if (left-- == 0)
			return rcd_fail(err, RCD_LIMIT, 0, "note longer than %d s", RCD_MAX_NOTE_SECONDS);
		memcpy(frame, rest.p, (size_t)n + 1);
		b->decode(state, frame, s, !good);
		if (put_samples(r, s, b->samples, out, err) != 0)
			return -1;
		rest = rcd_sv_skip(rest, (size_t)n + 1);
	}
	return rcd_resample_end(r, out, err);
}

int rcd_read_amr(struct rcd_sv bytes, enum rcd_kind kind, int hz, struct rcd_pcm *out,
                 struct rcd_err *err)
{
	const struct band *b = band_of(bytes);
	struct rcd_pcmbuf buf = {.max = (size_t)(RCD_MAX_NOTE_SECONDS + 1) * (size_t)hz};
	struct rcd_resampler *r = NULL;
	void *state;
	int ret = -1;

	(void)kind;
	if (b == NULL)
		return rcd_fail(err, RCD_PROTO, 0, "not an AMR file");
	state = b->open();
	if (state == NULL)
		return rcd_fail_nomem(err);
	if (rcd_resampler_open(&r, b->hz, hz, err) == 0 &&
	    decode_frames(b, state, rcd_sv_skip(bytes, b->magic.n), r, &buf, err) == 0)
		ret = rcd_pcmbuf_take(&buf, hz, out, err);
	free(buf.s);
	(void)rcd_resampler_free(r);
	b->close(state);
	return ret;
}
