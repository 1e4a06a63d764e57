#include "audio/resample.h"

#include <math.h>
#include <speex/speex_resampler.h>
#include <stdlib.h>

#define QUALITY 5 /* of 0–10: the pass band reaches 92 % of the lower rate's half */
#define ROUGH 1
#define CHUNK 1024

struct rcd_resampler {
	SpeexResamplerState *speex; /* NULL when the rates are the same */
	int from, to;
	uint64_t in, made;
};

static int open_at(struct rcd_resampler **out, int from, int to, int quality, struct rcd_err *err)
{
	struct rcd_resampler *r = calloc(1, sizeof(*r));
	int code = RESAMPLER_ERR_SUCCESS;

	if (r == NULL)
		return rcd_fail_nomem(err);
	r->from = from;
	r->to = to;
	if (from != to) {
		r->speex = speex_resampler_init(1, (spx_uint32_t)from, (spx_uint32_t)to, quality, &code);
		if (r->speex == NULL) {
			free(r);
			return code == RESAMPLER_ERR_ALLOC_FAILED
			           ? rcd_fail_nomem(err)
			           : rcd_fail(err, RCD_INVAL, code, "no resampling from %d to %d Hz", from, to);
		}
		(void)speex_resampler_skip_zeros(r->speex);
	}
	*out = r;
	return 0;
}

int rcd_resampler_open(struct rcd_resampler **out, int from, int to, struct rcd_err *err)
{
	return open_at(out, from, to, QUALITY, err);
}

struct rcd_resampler *rcd_resampler_free(struct rcd_resampler *r)
{
	if (r == NULL)
		return NULL;
	if (r->speex != NULL)
		speex_resampler_destroy(r->speex);
	free(r);
	return NULL;
}

static int write_samples(struct rcd_resampler *r, const float *s, size_t n, struct rcd_pcmbuf *out,
                         struct rcd_err *err)
{
	int16_t *p;

	if (n == 0) /* an empty buffer has no memory to point at */
		return 0;
	if (rcd_pcmbuf_room(out, n, err) != 0)
		return -1;
	p = out->s + out->n;
	for (size_t i = 0; i < n; i++) {
		float v = s[i] * 32768.0F;

		if (!(v > -32768.0F)) /* NaN included */
			v = -32768.0F;
		if (v > 32767.0F)
			v = 32767.0F;
		p[i] = (int16_t)lrintf(v);
	}
	out->n += n;
	r->made += n;
	return 0;
}

int rcd_resample(struct rcd_resampler *r, const float *s, size_t n, struct rcd_pcmbuf *out,
                 struct rcd_err *err)
{
	float made[CHUNK];

	r->in += n;
	if (r->speex == NULL)
		return write_samples(r, s, n, out, err);
	while (n > 0) {
		spx_uint32_t took = n < CHUNK ? (spx_uint32_t)n : CHUNK, gave = CHUNK;

		if (speex_resampler_process_float(r->speex, 0, s, &took, made, &gave) != 0 ||
		    took + gave == 0)
			return rcd_fail(err, RCD_INVAL, 0, "resampler stuck");
		if (write_samples(r, made, gave, out, err) != 0)
			return -1;
		s += took;
		n -= took;
	}
	return 0;
}

int rcd_resample_end(struct rcd_resampler *r, struct rcd_pcmbuf *out, struct rcd_err *err)
{
	static const float silence[CHUNK];
	uint64_t want = (r->in * (uint64_t)r->to + (uint64_t)r->from - 1) / (uint64_t)r->from;
	uint64_t in = r->in;

	/* the filter is far shorter than a second: the bound is for a library that surprises */
	for (int fed = 0; r->made < want && fed < r->from; fed += CHUNK)
		if (rcd_resample(r, silence, CHUNK, out, err) != 0)
			return -1;
	r->in = in;
	if (r->made > want) {
		out->n -= (size_t)(r->made - want);
		r->made = want;
	}
	return 0;
}

static int resample_all(struct rcd_resampler *r, const struct rcd_pcm *in, struct rcd_pcmbuf *out,
                        struct rcd_err *err)
{
	float s[CHUNK];

	for (size_t at = 0; at < in->n; at += CHUNK) {
		size_t n = in->n - at < CHUNK ? in->n - at : CHUNK;

		for (size_t i = 0; i < n; i++)
			s[i] = (float)in->s[at + i] / 32768.0F;
		if (rcd_resample(r, s, n, out, err) != 0)
			return -1;
	}
	return rcd_resample_end(r, out, err);
}

int rcd_pcm_resample_roughly(const struct rcd_pcm *in, int hz, struct rcd_pcm *out,
                             struct rcd_err *err)
{
	/* with room for the silence that is pushed behind it and taken off again */
	struct rcd_pcmbuf made = {.max = in->n * (size_t)hz / (size_t)in->hz + CHUNK * 8};
	struct rcd_resampler *r = NULL;
	int ret = -1;

	if (open_at(&r, in->hz, hz, ROUGH, err) != 0 || r == NULL)
		return -1;
	if (resample_all(r, in, &made, err) == 0)
		ret = rcd_pcmbuf_take(&made, hz, out, err);
	free(made.s);
	(void)rcd_resampler_free(r);
	return ret;
}
