#ifndef RCD_PCM_H
#define RCD_PCM_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Mono, signed 16 bit, in the machine's byte order. */
struct rcd_pcm {
	int16_t *s;
	size_t n; /* samples */
	int hz;
};

void rcd_pcm_free(struct rcd_pcm *pcm);

/* Takes n samples that live during the call only; -1 with err filled stops the producer. */
typedef int rcd_pcm_fn(void *arg, const int16_t *s, size_t n, struct rcd_err *err);
/* The same for bytes. */
typedef int rcd_bytes_fn(void *arg, const void *p, size_t n, struct rcd_err *err);

#endif
