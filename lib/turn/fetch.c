/* An attachment's bytes, for hear. */

#include "base/clock.h"
#include "base/gate.h"
#include "turn/steps.h"

#include <string.h>

#define LARGE_MS 20000 /* to fetch a large attachment in */

static int fetch_once(struct rcd_turn *t, struct rcd_sv at, struct rcd_buf *bytes, char type[96],
                      struct rcd_err *err)
{
	int64_t began = rcd_mono_us();
	char url[RCD_MAX_URL + 1];

	if (at.n > RCD_MAX_URL || memchr(at.p, 0, at.n))
		return rcd_fail(err, RCD_LIMIT, 0, "a media URL of %zu bytes", at.n);
	memcpy(url, at.p, at.n);
	url[at.n] = '\0';
	if (rcd_twilio_fetch(t->env->http, t->env->twilio, url, t->time.hear_by, bytes, type, err) != 0)
		return -1;
	rcd_turn_figure(t, "fetch_us", rcd_mono_us() - began);
	return 0;
}

/* Up to 20 MB take longer than a note of a few seconds, and so does the turn. */
static void allow_large(struct rcd_turn *t)
{
	int ms = t->env->conf->hear_ms < LARGE_MS ? t->env->conf->hear_ms : LARGE_MS;
	int64_t more = rcd_deadline_in(ms) - t->time.hear_by;

	if (more <= 0)
		return;
	t->time.hear_by += more;
	t->time.deadline += more;
}

/* How large it is, only the answer says: what does not fit is asked for again, in its turn. *gate:
 * to be left when bytes are gone. */
static int fetch(struct rcd_turn *t, struct rcd_sv at, struct rcd_buf *bytes, char type[96],
                 struct rcd_gate **gate, struct rcd_err *err)
{
	struct rcd_gate *large = t->env->gates != NULL ? &t->env->gates->large : NULL;
	int ret;

	rcd_buf_init(bytes, large != NULL ? RCD_MAX_SMALL_MEDIA : RCD_MAX_MEDIA);
	ret = fetch_once(t, at, bytes, type, err);
	if (ret == 0 || large == NULL || err->code != RCD_LIMIT)
		return ret;
	rcd_buf_free(bytes);
	rcd_buf_init(bytes, RCD_MAX_MEDIA);
	if (rcd_turn_enter_gate(t, large, err) != 0)
		return -1;
	*gate = large;
	allow_large(t);
	return fetch_once(t, at, bytes, type, err);
}

int rcd_turn_fetch(struct rcd_turn *t, size_t i, int part, struct rcd_buf *bytes, char type[96],
                   struct rcd_gate **gate, struct rcd_err *err)
{
	const struct rcd_twilio_msg *m = &t->gather.msg[i];

	if (rcd_sv_starts(m->media[part].type, RCD_SV("image/"))) {
		rcd_buf_init(bytes, RCD_MAX_SMALL_MEDIA);
		if (rcd_turn_kept(t, i, part, bytes, err) == 0)
			return 0;
		rcd_buf_free(bytes);
		if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED)
			return -1;
	}
	return fetch(t, m->media[part].url, bytes, type, gate, err);
}
