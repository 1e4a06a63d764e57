/* The turn shows in the history, with the time of every step; when the window of turns is full,
 * the contact's memory is asked to take over what it leaves behind. */

#include "base/clock.h"
#include "memory/memory.h"
#include "store/sms_past.h"
#include "turn/steps.h"

#include <string.h>

#define SOON_MS 1000 /* the customer may go on writing */

/* A courtesy: the next turn asks again. */
static void ask_memory(struct rcd_turn *t)
{
	struct rcd_err err;

	if (rcd_memory_ask(t->env->db, t->job.tenant, t->job.contact_id, rcd_now_ms() + SOON_MS,
	                   &err) != 0)
		rcd_turn_log(t, "summary_not_asked err=\"%s\"", err.msg);
}

/* Was the customer told that everything is forgotten, by us or by a predecessor? */
static int is_forgotten(struct rcd_turn *t, bool *yes, struct rcd_err *err)
{
	char rung[RCD_RUNG_NAME];
	int64_t ms;

	if (rcd_history_rung(t->env->db, t->job.tenant, t->job.contact_id, t->job.turn_id, rung, &ms,
	                     err) != 0)
		return -1;
	*yes = strcmp(rung, RCD_RUNG_FORGETS) == 0;
	return 0;
}

/* This turn included, which has said so; not what came in since. */
static int forget_contact(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_forget what = {.tenant = t->job.tenant,
	                          .contact_id = t->job.contact_id,
	                          .until_ms = t->gather->row[t->gather->n - 1].received_ms,
	                          .job = &t->job};
	const struct rcd_memory_env env = rcd_turn_memory_env(t->env);
	struct rcd_sms_past past = {0};

	if (rcd_turn_is_sms(t)) {
		if (rcd_sms_past_get(t->env->db, what.tenant, what.contact_id, &past, err) != 0)
			return -1;
		what.sms_only = past.other_turns > 0;
	}
	return rcd_memory_forget(&env, &what, err);
}

static struct rcd_outbox_move make_acceptance(const struct rcd_turn *t)
{
	return (struct rcd_outbox_move){.job = &t->job,
	                                .id = t->send->outgoing.accepted,
	                                .state = RCD_OUT_ACCEPTED,
	                                .sid = rcd_sv(t->send->outgoing.accepted_sid)};
}

static int finish_turn(struct rcd_turn *t, struct rcd_err *err)
{
	double total = 0;
	struct rcd_buf trace;
	json_t *row;
	const struct rcd_outbox_move last = make_acceptance(t);
	size_t i;
	int ret;

	json_array_foreach (t->trace.steps, i, row)
		if (!rcd_sv_is(rcd_json_sv(row, "name"), RCD_STEP_WINDOW))
			total += json_number_value(json_object_get(row, "ms"));
	rcd_buf_init(&trace, RCD_MAX_TEXT);
	rcd_json_text(json_pack("{s:O, s:f}", "steps", t->trace.steps, "total_ms", total), &trace);
	if (trace.bad)
		return rcd_fail_nomem(err);
	ret = rcd_history_finish_with(t->env->db, &t->job, rcd_buf_view(&trace),
	                              t->send->outgoing.accepted != 0 ? &last : NULL, err);
	rcd_buf_free(&trace);
	if (ret == 0 && t->recall->window_full && t->env->conf->memory)
		ask_memory(t);
	return ret;
}

/* What is forgotten is gone with its rows, but first it is settled like any other. */
static int settle_and_forget(struct rcd_turn *t, struct rcd_err *err)
{
	const struct rcd_outbox_move last = make_acceptance(t);

	if (t->send->outgoing.accepted != 0 && rcd_outbox_mark(t->env->db, &last, err) != 0 &&
	    err->code != RCD_EXISTS)
		return -1;
	return forget_contact(t, err);
}

int rcd_turn_remember(struct rcd_turn *t, struct rcd_err *err)
{
	bool forgotten;

	if (is_forgotten(t, &forgotten, err) != 0)
		return -1;
	return forgotten ? settle_and_forget(t, err) : finish_turn(t, err);
}
