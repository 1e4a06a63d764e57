/* The answer that another life of this store may have sent. A store that was copied or came back
 * from a backup holds turns as unfinished that its original has finished since; only the provider
 * knows. So a turn that is found late is looked up there before anything leaves. */

#include "base/clock.h"
#include "store/outbox.h"
#include "turn/steps.h"

#include <stdio.h>

#define LOOK_MS 15000  /* for one look */
#define SECOND_MS 1000 /* the provider's dates are whole seconds, rounded down */

/* Ours, and of this life: the answer of another turn, say. That an answer follows is none, whoever
 * has said it. */
static int is_known(void *arg, const char *sid, struct rcd_sv body, bool *known,
                    struct rcd_err *err)
{
	const struct rcd_turn *t = arg;

	if (rcd_sv_is(body, rcd_turn_text(t, RCD_TEXT_HOLD_ON))) {
		*known = true;
		return 0;
	}
	return rcd_outbox_knows(t->env->db, t->job.tenant, t->job.contact_id, sid, body, known, err);
}

bool rcd_turn_is_late(const struct rcd_turn *t, int64_t since_ms)
{
	return t->env->watch == NULL && t->env->twilio->account_sid[0] != '\0' &&
	       rcd_now_ms() - since_ms >= RCD_LATE_MS;
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

int rcd_turn_look_for_answer(struct rcd_turn *t, struct rcd_err *err)
{
	const struct rcd_twilio_msg *last = &t->gather.msg[t->gather.n - 1];
	int64_t received = t->gather.row[t->gather.n - 1].received_ms;
	char ours[RCD_MAX_ADDRESS + 1], theirs[RCD_MAX_ADDRESS + 1], sid[64];
	const struct rcd_twilio_query query = {.from = ours,
	                                       .to = theirs,
	                                       .anything = true,
	                                       .not_failed = true,
	                                       .since_ms = received + SECOND_MS,
	                                       .another = is_known,
	                                       .arg = t};

	if (!rcd_turn_is_late(t, received))
		return 0;
	if (copy_address(ours, last->to, err) != 0 || copy_address(theirs, last->from, err) != 0)
		return -1;
	if (rcd_twilio_search(t->env->http, t->env->twilio, &query, rcd_deadline_in(LOOK_MS), sid,
	                      &t->think.answer, err) != 0) {
		if (err->code ==
		    RCD_DENIED) /* the look was refused, say for a changed token; not the message */
			err->code = RCD_DOWN;
		return err->code == RCD_NOENT ? 0 : -1;
	}
	t->gather.elsewhere = true;
	rcd_turn_log(t, "answered_elsewhere sid=%s age_s=%lld", sid,
	             (long long)(rcd_now_ms() - received) / 1000);
	return 0;
}
