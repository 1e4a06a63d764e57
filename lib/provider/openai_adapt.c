/* A question to an engine that may not take all of it: asked, and asked again without what it
 * refused. */

#include "base/clock.h"
#include "provider/openai_api.h"

/* A request with pictures that is refused and no word says why: it may be them. */
static bool can_be_picture(const struct rcd_openai_end *end, const json_t *req)
{
	const struct rcd_refusal *r = &end->refusal;
	const int s = end->status;

	return rcd_engine_shows(req) && (s == 400 || s == 413 || s == 415 || s == 422) &&
	       !(r->too_long || r->bad_key || r->unwanted);
}

/* Parts of the request that the refusal is about; 0: none, or too late for another try. */
static unsigned find_refused(const struct rcd_openai_end *end, const json_t *req, int64_t deadline)
{
	unsigned parts = 0;

	if (end->final || (end->status != 200 && end->status < 400) ||
	    rcd_deadline_left(deadline, 1) == 0)
		return 0;
	parts = rcd_engine_parts(req) &
	        rcd_refusal_parts(&end->refusal, end->status == 200 ? 0 : end->status);
	if (parts == 0 && can_be_picture(end, req))
		return RCD_ENGINE_BAD_PICTURE;
	/* the role goes only when it was not enough to have one such message */
	return (parts & RCD_ENGINE_SYSTEMS) != 0 ? parts & ~(unsigned)RCD_ENGINE_SYSTEM : parts;
}

int rcd_openai_adapt(const struct rcd_openai_conf *conf, enum rcd_engine_call call,
                     const json_t *body, int64_t deadline, rcd_openai_once_fn *once, void *arg,
                     unsigned *left_out, struct rcd_err *err)
{
	unsigned known = rcd_engine_known(conf->engine, call), without = known, more;
	struct rcd_openai_end end;
	struct rcd_err first = {.code = RCD_OK};
	int ret;

	do { /* each time with less than before */
		json_t *req = rcd_engine_fit(body, without);

		if (req == NULL)
			return rcd_fail_nomem(err);
		end = (struct rcd_openai_end){.status = 0};
		ret = once(arg, req, &end, err);
		more = ret != 0 && err->code != RCD_NOMEM && err->code != RCD_CANCELLED
		           ? find_refused(&end, req, deadline) & ~without
		           : 0;
		if (more != 0 && without == known)
			first = *err;
		without |= more;
		json_decref(req);
	} while (more != 0);
	/* vectors of another length than was asked for: the refusal said why */
	if (ret != 0 && call == RCD_ENGINE_EMBED && err->code == RCD_PROTO && without != known)
		*err = first;
	if (ret == 0 && without != known) /* it is well without: it was that */
		rcd_engine_learn(conf->engine, call, without);
	if (left_out != NULL)
		*left_out = without;
	return ret;
}
