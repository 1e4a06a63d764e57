#ifndef RCD_PCMBUF_H
#define RCD_PCMBUF_H

#include "audio/pcm.h"

/* Samples that grow while a note is decoded, up to a maximum given at birth. Zero it with
 * its max set; free() of s belongs to whoever holds it until rcd_pcmbuf_take. */
struct rcd_pcmbuf {
	int16_t *s;
	size_t n, cap, max;
};

/* Makes room for n more samples behind s + n. RCD_LIMIT over the maximum, RCD_NOMEM. */
int rcd_pcmbuf_room(struct rcd_pcmbuf *b, size_t n, struct rcd_err *err);

/* Moves the samples to *out; RCD_PROTO when there are none, RCD_NOMEM never. */
int rcd_pcmbuf_take(struct rcd_pcmbuf *b, int hz, struct rcd_pcm *out, struct rcd_err *err);

#endif
