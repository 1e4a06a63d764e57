#ifndef RCD_PCMBUF_H
#define RCD_PCMBUF_H

#include "audio/pcm.h"

/* A growable buffer of samples with a maximum. Initialise with max set and the rest zero; the owner
 * frees s unless rcd_pcmbuf_take moved it. */
struct rcd_pcmbuf {
	int16_t *s;
	size_t n, cap, max;
};

/* Reserves n more samples at s + b->n. RCD_LIMIT over the maximum, RCD_NOMEM. */
int rcd_pcmbuf_room(struct rcd_pcmbuf *b, size_t n, struct rcd_err *err);

/* Moves the samples to *out; RCD_PROTO when there are none, RCD_NOMEM never. */
int rcd_pcmbuf_take(struct rcd_pcmbuf *b, int hz, struct rcd_pcm *out, struct rcd_err *err);

#endif
