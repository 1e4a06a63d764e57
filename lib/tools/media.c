/* send_media: one more part of the answer, of those that the operator has listed. */

#include "tools/tool.h"

int rcd_tool_send_media(struct rcd_tool_run *r, struct rcd_err *err)
{
	const struct rcd_tools *tools = r->turn->env->tools;
	struct rcd_sv name = rcd_json_sv(r->args, "name");
	struct rcd_turn *t = r->turn;

	for (size_t i = 0; i < t->think.n_along; i++)
		if (rcd_sv_is(name, t->think.along[i]->name)) {
			rcd_tool_ok(r);
			return 0;
		}
	if (t->think.n_along == RCD_MAX_ALONG)
		return rcd_fail(err, RCD_LIMIT, 0, "at most %d in one answer", RCD_MAX_ALONG);
	for (size_t i = 0; i < tools->n_media; i++) {
		if (rcd_sv_is(name, tools->media[i].name)) {
			t->think.along[t->think.n_along++] = &tools->media[i];
			rcd_tool_ok(r);
			return 0;
		}
	}
	return rcd_fail(err, RCD_NOENT, 0, "not one of those that may be sent");
}
