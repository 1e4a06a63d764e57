/* The turn shows in the history, with the time of every step; when the window of turns is full,
 * the contact's memory is asked to take over what it leaves behind. */

#include "base/clock.h"
#include "store/memory.h"
#include "turn/steps.h"

#define SOON_MS 1000 /* the customer may go on writing */

/* A courtesy: the next turn asks again. */
static void ask_memory(struct rcd_turn *t)
{
	struct rcd_err err;

	if (rcd_memory_ask(t->env->db, t->job.tenant, t->job.contact_id, rcd_now_ms() + SOON_MS, &err) != 0)
		rcd_turn_note(t, "no summary: %s", err.msg);
}

int rcd_turn_remember(struct rcd_turn *t, struct rcd_err *err)
{
	double total = 0;
	struct rcd_buf trace;
	json_t *row;
	size_t i;
	int ret;

	json_array_foreach(t->steps, i, row)
		total += json_number_value(json_object_get(row, "ms"));
	rcd_buf_init(&trace, RCD_MAX_TEXT);
	rcd_json_text(json_pack("{s:O, s:f}", "steps", t->steps, "total_ms", total), &trace);
	if (trace.bad)
		return rcd_fail_nomem(err);
	ret = rcd_history_finish(t->env->db, &t->job, rcd_buf_view(&trace), err);
	rcd_buf_free(&trace);
	if (ret == 0 && t->forgets && t->env->conf->memory)
		ask_memory(t);
	return ret;
}
