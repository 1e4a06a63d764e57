/* The turn shows in the history, with the time of every step. */

#include "base/clock.h"
#include "turn/steps.h"

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
	return ret;
}
