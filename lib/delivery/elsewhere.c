/* The answer that another instance of this store may have sent. A store that was copied or came
 * back from a backup holds turns as unfinished that its original has finished since; only the
 * provider knows. So a turn that is found late is looked up there before anything leaves. */

#include "base/clock.h"
#include "delivery/delivery.h"

#include <stdio.h>

#define LOOK_MS 15000  /* for one look */
#define SECOND_MS 1000 /* the provider's dates are whole seconds, rounded down */

struct look {
	const struct rcd_outgoing *outgoing;
	const struct rcd_elsewhere_in *in;
};

/* Ours, and of this instance: the answer of another turn, say. */
static int is_known(void *arg, const char *sid, struct rcd_sv body, bool *known,
                    struct rcd_err *err)
{
	const struct look *l = arg;
	const struct rcd_job *job = l->outgoing->job;

	if (rcd_sv_is(body, l->in->hold_on_text)) {
		*known = true;
		return 0;
	}
	return rcd_outbox_knows(l->outgoing->db, job->tenant, job->contact_id, sid, body, known, err);
}

static int copy_address(char out[RCD_MAX_ADDRESS + 1], struct rcd_sv v, struct rcd_err *err)
{
	if (v.n > RCD_MAX_ADDRESS) {
		(void)rcd_fail(err, RCD_LIMIT, 0, "an address of more than %d bytes", RCD_MAX_ADDRESS);
		return rcd_fail_for_good(err);
	}
	(void)snprintf(out, RCD_MAX_ADDRESS + 1, "%.*s", RCD_SV_ARG(v));
	return 0;
}

int rcd_outgoing_find_answer(const struct rcd_outgoing *o, const struct rcd_elsewhere_in *in,
                             struct rcd_buf *answer, bool *found, struct rcd_err *err)
{
	char ours[RCD_MAX_ADDRESS + 1], theirs[RCD_MAX_ADDRESS + 1], sid[64];
	struct look look = {.outgoing = o, .in = in};
	const struct rcd_twilio_query query = {.from = ours,
	                                       .to = theirs,
	                                       .anything = true,
	                                       .not_failed = true,
	                                       .since_ms = in->received_ms + SECOND_MS,
	                                       .another = is_known,
	                                       .arg = &look};

	*found = false;
	if (!rcd_outgoing_is_late(o, in->received_ms))
		return 0;
	if (copy_address(ours, in->from, err) != 0 || copy_address(theirs, in->to, err) != 0)
		return -1;
	if (rcd_twilio_search(o->http, o->twilio, &query, rcd_deadline_in(LOOK_MS), sid, answer, err) !=
	    0) {
		if (err->code == RCD_DENIED) /* of the look, say for a changed token; not of the message */
			err->code = RCD_DOWN;
		return err->code == RCD_NOENT ? 0 : -1;
	}
	*found = true;
	rcd_outgoing_log(o, "answered_elsewhere sid=%s age_s=%lld", sid,
	                 (long long)(rcd_now_ms() - in->received_ms) / 1000);
	return 0;
}
