/* No model: the best passage of the business's own knowledge, word for word; with no model
 * configured at all, an honest "a person will answer" when nothing fits. */

#include "knowledge/knowledge.h"
#include "turn/steps.h"

static int promise_person(struct rcd_turn *t, struct rcd_err *err)
{
	t->outcome.waits |= RCD_WAITS_NO_ANSWER;
	return rcd_turn_put_answer(t, rcd_sv(rcd_turn_text(t, RCD_TEXT_NO_ANSWER)), err);
}

int rcd_rung_knowledge(struct rcd_turn *t, int stall_ms, struct rcd_err *err)
{
	struct rcd_passage *p = NULL;
	size_t n = 0;
	int ret;

	(void)stall_ms;
	if (rcd_knowledge_search(t->env->db, t->job.tenant, t->env->semantic,
	                         rcd_buf_view(&t->hear->customer_text), 1, &p, &n, err) != 0)
		return -1;
	rcd_turn_figure(t, "passages", (int64_t)n);
	rcd_turn_tell_found(t, p, n);
	if (n > 0)
		ret = rcd_turn_put_answer(t, rcd_sv_trim(rcd_sv(p[0].text)), err);
	else if (!rcd_openai_usable(t->env->openai) || t->rules->ceiling >= RCD_CEILING_MODELS)
		ret = promise_person(t, err);
	else
		ret = rcd_fail(err, RCD_NOENT, 0, "no passage answers the question");
	rcd_passages_free(p, n);
	return ret;
}
