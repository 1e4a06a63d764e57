/* MP3 by libmpg123. libsndfile would read it too, but leaves mpg123's complaints about bad
 * frames on standard error: a hostile file could write megabytes into the journal. */
#include "audio/resample.h"
#include "base/limits.h"
#include "daemon/decode/readers.h"

#include <mpg123.h>
#include <stdlib.h>

#define CHUNK 16384 /* mpg123 copies what it is given and keeps it until it is used */
#define SAMPLES 2304

struct mp3 {
	mpg123_handle *mpg;
	struct rcd_resampler *resampler; /* from the first frame on, */
	int rate;                        /* which has this one; 0: none yet */
	struct rcd_pcmbuf out;
	struct rcd_sv rest; /* not yet given to mpg123 */
	int hz;
	int64_t left; /* samples that may still come */
};

static int open_file(struct mp3 *m, struct rcd_err *err)
{
	const long flags = MPG123_QUIET | MPG123_MONO_MIX | MPG123_FORCE_FLOAT | MPG123_SKIP_ID3V2 |
	                   MPG123_GAPLESS;
	int code = MPG123_OK;

	m->mpg = mpg123_new(NULL, &code);
	if (m->mpg == NULL)
		return code == MPG123_OUT_OF_MEM
		           ? rcd_fail_nomem(err)
		           : rcd_fail(err, RCD_INVAL, code, "mpg123: %s", mpg123_plain_strerror(code));
	if (mpg123_param(m->mpg, MPG123_FLAGS, flags, 0) != MPG123_OK ||
	    mpg123_param(m->mpg, MPG123_RESYNC_LIMIT, -1, 0) != MPG123_OK || /* the file is its end */
	    mpg123_open_feed(m->mpg) != MPG123_OK)
		return rcd_fail(err, RCD_INVAL, 0, "mpg123: %s", mpg123_strerror(m->mpg));
	return 0;
}

/* The first frame, or one that differs from those before it: files are glued together, and a phone
 * may go from one channel to two in the middle of one. The channels are mixed in any case; another
 * rate takes another resampler. */
static int begin_format(struct mp3 *m, struct rcd_err *err)
{
	int channels = 0, encoding = 0;
	long rate = 0;

	if (mpg123_getformat(m->mpg, &rate, &channels, &encoding) != MPG123_OK || channels != 1 ||
	    encoding != MPG123_ENC_FLOAT_32 || rate < 8000 || rate > 48000)
		return rcd_fail(err, RCD_PROTO, 0, "mp3 of %ld Hz", rate);
	if (m->resampler != NULL && rate == m->rate)
		return 0;
	if (m->resampler != NULL && rcd_resample_end(m->resampler, &m->out, err) != 0)
		return -1;
	m->resampler = rcd_resampler_free(m->resampler);
	m->left = m->rate == 0 ? (int64_t)RCD_MAX_NOTE_SECONDS * rate : m->left * rate / m->rate;
	m->rate = (int)rate;
	return rcd_resampler_open(&m->resampler, m->rate, m->hz, err);
}

static int put_samples(struct mp3 *m, const float *s, size_t n, struct rcd_err *err)
{
	if (n == 0 || m->resampler == NULL)
		return 0;
	if ((m->left -= (int64_t)n) < 0)
		return rcd_fail(err, RCD_LIMIT, 0, "note longer than %d s", RCD_MAX_NOTE_SECONDS);
	return rcd_resample(m->resampler, s, n, &m->out, err);
}

static int feed_decoder(struct mp3 *m, struct rcd_err *err)
{
	size_t n = m->rest.n < CHUNK ? m->rest.n : CHUNK;

	if (mpg123_feed(m->mpg, (const unsigned char *)m->rest.p, n) != MPG123_OK)
		return rcd_fail_nomem(err);
	m->rest = rcd_sv_skip(m->rest, n);
	return 0;
}

/* Damage that mpg123 cannot step over ends the note there. */
static int decode_frames(struct mp3 *m, struct rcd_err *err)
{
	float s[SAMPLES];
	size_t bytes;
	int code = MPG123_OK;

	while (code == MPG123_OK || code == MPG123_NEW_FORMAT || code == MPG123_NEED_MORE) {
		code = mpg123_read(m->mpg, (unsigned char *)s, sizeof(s), &bytes);
		if (put_samples(m, s, bytes / sizeof(*s), err) != 0)
			return -1;
		if (code == MPG123_NEW_FORMAT && begin_format(m, err) != 0)
			return -1;
		if (code == MPG123_NEED_MORE && m->rest.n == 0)
			break;
		if (code == MPG123_NEED_MORE && feed_decoder(m, err) != 0)
			return -1;
	}
	return m->resampler != NULL ? rcd_resample_end(m->resampler, &m->out, err) : 0;
}

int rcd_read_mp3(struct rcd_sv bytes, enum rcd_kind kind, int hz, struct rcd_pcm *out,
                 struct rcd_err *err)
{
	struct mp3 m = {
		.out.max = (size_t)(RCD_MAX_NOTE_SECONDS + 1) * (size_t)hz,
		.rest = rcd_sniff_audio(bytes, kind),
		.hz = hz,
	};
	int ret = -1;

	if (open_file(&m, err) == 0 && decode_frames(&m, err) == 0)
		ret = rcd_pcmbuf_take(&m.out, hz, out, err);
	free(m.out.s);
	(void)rcd_resampler_free(m.resampler);
	if (m.mpg != NULL)
		mpg123_delete(m.mpg);
	return ret;
}
