#include "audio/pcm.h"
#include "audio/pcmbuf.h"

#include <stdlib.h>

void rcd_pcm_free(struct rcd_pcm *pcm)
{
	if (pcm == NULL)
		return;
	free(pcm->s);
	*pcm = (struct rcd_pcm){0};
}

int rcd_pcmbuf_room(struct rcd_pcmbuf *b, size_t n, struct rcd_err *err)
{
	size_t cap = b->cap > 0 ? b->cap : 16384;
	int16_t *s;

	if (n > b->max || b->n > b->max - n)
		return rcd_fail(err, RCD_LIMIT, 0, "audio longer than %zu samples", b->max);
	if (b->n + n <= b->cap)
		return 0;
	while (cap < b->n + n)
		cap *= 2;
	if (cap > b->max)
		cap = b->max;
	s = realloc(b->s, cap * sizeof(*s));
	if (s == NULL)
		return rcd_fail_nomem(err);
	b->s = s;
	b->cap = cap;
	return 0;
}

int rcd_pcmbuf_take(struct rcd_pcmbuf *b, int hz, struct rcd_pcm *out, struct rcd_err *err)
{
	int16_t *s;

	if (b->n == 0)
		return rcd_fail(err, RCD_PROTO, 0, "no audio in the file");
	s = realloc(b->s, b->n * sizeof(*s)); /* gives back what growing took too much */
	if (s != NULL)
		b->s = s;
	*out = (struct rcd_pcm){b->s, b->n, hz};
	*b = (struct rcd_pcmbuf){.max = b->max};
	return 0;
}
