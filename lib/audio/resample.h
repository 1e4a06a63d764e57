#ifndef RCD_RESAMPLE_H
#define RCD_RESAMPLE_H

#include "audio/pcmbuf.h"

/* Streaming resampler. The filter delay is removed: n samples become n · to / from (rounded up),
 * aligned with the input. */
struct rcd_resampler;

int rcd_resampler_open(struct rcd_resampler **r, int from, int to, struct rcd_err *err);
/* s: full scale is ±1. */
int rcd_resample(struct rcd_resampler *r, const float *s, size_t n, struct rcd_pcmbuf *out,
                 struct rcd_err *err);
int rcd_resample_end(struct rcd_resampler *r, struct rcd_pcmbuf *out, struct rcd_err *err);
/* Resamples a whole note at lower quality, three times as fast, for speech detection only. The
 * caller frees *out with rcd_pcm_free. */
int rcd_pcm_resample_roughly(const struct rcd_pcm *in, int hz, struct rcd_pcm *out,
                             struct rcd_err *err);
struct rcd_resampler *rcd_resampler_free(struct rcd_resampler *r);

#endif
