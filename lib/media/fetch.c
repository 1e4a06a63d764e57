/* An attachment's bytes. */

#include "base/clock.h"
#include "media/media_int.h"

#include <string.h>

#define LARGE_MS 20000 /* to fetch a large attachment in */

static int fetch_once(const struct rcd_media *m, struct rcd_sv at, struct rcd_buf *bytes,
                      char type[96], struct rcd_err *err)
{
	int64_t began = rcd_mono_us();
	char url[RCD_MAX_URL + 1];

	if (at.n > RCD_MAX_URL || memchr(at.p, 0, at.n))
		return rcd_fail(err, RCD_LIMIT, 0, "a media URL of %zu bytes", at.n);
	memcpy(url, at.p, at.n);
	url[at.n] = '\0';
	if (rcd_twilio_fetch(m->http, m->twilio, url, *m->hear_by, bytes, type, err) != 0)
		return -1;
	rcd_media_figure(m, "fetch_us", rcd_mono_us() - began);
	return 0;
}

/* Up to 20 MB take longer than a note of a few seconds, and so does the turn. */
static void extend_for_large(const struct rcd_media *m)
{
	int64_t more = rcd_deadline_in(m->hear_ms < LARGE_MS ? m->hear_ms : LARGE_MS) - *m->hear_by;

	if (more > 0)
		rcd_media_extend(m, more);
}

/* How large it is, only the answer says: what does not fit is asked for again, in its turn. */
static int fetch_any_size(const struct rcd_media *m, struct rcd_sv at, struct rcd_buf *bytes,
                          char type[96], struct rcd_gate **gate, struct rcd_err *err)
{
	struct rcd_gate *large = m->gates != NULL ? &m->gates->large : NULL;
	int ret;

	rcd_buf_init(bytes, large != NULL ? RCD_MAX_SMALL_MEDIA : RCD_MAX_MEDIA);
	ret = fetch_once(m, at, bytes, type, err);
	if (ret == 0 || large == NULL || err->code != RCD_LIMIT)
		return ret;
	rcd_buf_free(bytes);
	rcd_buf_init(bytes, RCD_MAX_MEDIA);
	if (rcd_media_enter_gate(m, large, err) != 0)
		return -1;
	*gate = large;
	extend_for_large(m);
	return fetch_once(m, at, bytes, type, err);
}

int rcd_attachment_fetch(const struct rcd_media *m, const struct rcd_attachment *a,
                         struct rcd_buf *bytes, char type[96], struct rcd_gate **gate,
                         struct rcd_err *err)
{
	if (rcd_sv_starts(a->declared, RCD_SV("image/"))) {
		rcd_buf_init(bytes, RCD_MAX_SMALL_MEDIA);
		if (rcd_attachment_kept(m, a, bytes, err) == 0)
			return 0;
		rcd_buf_free(bytes);
		if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED)
			return -1;
	}
	return fetch_any_size(m, a->url, bytes, type, gate, err);
}
