#include "base/clock.h"
#include "media/media_int.h"

int rcd_transcribe(const struct rcd_media *m, struct rcd_sv bytes, enum rcd_kind kind,
                   struct rcd_buf *text, struct rcd_err *err)
{
	int ret;

	if (!rcd_openai_usable(m->openai))
		return rcd_fail(err, RCD_DENIED, 0, "no OpenAI key: voice notes are not transcribed");
	if (m->models_spent)
		return rcd_fail(err, RCD_LIMIT, 0, "the channel's model calls of the day are spent");
	if (rcd_breaker_enter(m->transcribe, "transcription", err) != 0)
		return -1;
	++*m->requests;
	ret = rcd_openai_transcribe(m->http, m->openai, bytes, rcd_kind_filename(kind),
	                            rcd_kind_type(kind), rcd_media_wait_until(m), text, err);
	rcd_breaker_settle(m->transcribe, ret, err);
	return ret;
}
