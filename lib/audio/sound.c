#include "audio/sound.h"

#include "base/limits.h"
#include "base/record.h"

#include <stdlib.h>
#include <string.h>

#define SOUND 'S'

void rcd_sound_head(struct rcd_buf *b, const struct rcd_pcm *pcm)
{
	const struct rcd_sv bytes = {(const char *)pcm->s, pcm->n * sizeof(*pcm->s)};

	rcd_record_head(b, &(struct rcd_record){SOUND, pcm->hz, bytes});
}

static int check_record(const struct rcd_record *r, struct rcd_sv rest, int hz, struct rcd_err *err)
{
	if (r->kind == RCD_RECORD_ERROR)
		return rcd_record_fail(r, err);
	if (r->kind != SOUND || r->number != hz || r->bytes.n == 0 ||
	    r->bytes.n % sizeof(int16_t) != 0 || rest.n > 0)
		return rcd_fail(err, RCD_PROTO, 0, "malformed output of the decoder");
	if (r->bytes.n / sizeof(int16_t) > (size_t)RCD_MAX_NOTE_SECONDS * (size_t)hz)
		return rcd_fail(err, RCD_LIMIT, 0, "note longer than %d s", RCD_MAX_NOTE_SECONDS);
	return 0;
}

int rcd_sound_take(struct rcd_buf *b, int hz, struct rcd_pcm *out, struct rcd_err *err)
{
	struct rcd_sv rest = rcd_buf_view(b);
	struct rcd_record r;
	size_t n;
	void *p, *less;

	if (rest.n == 0)
		return rcd_fail(err, RCD_PROTO, 0, "the decoder died of it");
	if (rcd_record_next(&rest, rest.n, &r, err) != 0 || check_record(&r, rest, hz, err) != 0)
		return -1;
	n = r.bytes.n;
	memmove(b->p, r.bytes.p, n); /* the samples must lie where samples may */
	p = rcd_buf_take(b, NULL);
	less = realloc(p, n); /* gives back what growing took too much */
	if (less != NULL)
		p = less;
	*out = (struct rcd_pcm){p, n / sizeof(int16_t), hz};
	return 0;
}
