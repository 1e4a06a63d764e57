/* What a turn tells whoever watches it. What cannot be told for want of memory is left out: it is
 * for looking at, and no reason to fail a turn. */

#include "turn/steps.h"

#define MAX_RESULT (64 * 1024)

void rcd_turn_tell_words(const struct rcd_turn *t, struct rcd_sv words)
{
	const struct rcd_turn_watch *w = t->env->watch;

	if (w != NULL && w->said != NULL)
		w->said(w->arg, words);
}

void rcd_turn_tell_discarded(const struct rcd_turn *t)
{
	const struct rcd_turn_watch *w = t->env->watch;

	if (w != NULL && w->unsaid != NULL && (t->think->answer.n > 0 || t->think->watched_text.n > 0))
		w->unsaid(w->arg);
}

static json_t *make_passage(const struct rcd_passage *p)
{
	return json_pack("{s:o, s:o, s:I, s:f, s:f, s:o}", "source", rcd_json_str(rcd_sv(p->source)),
	                 "heading", rcd_json_str(rcd_sv(p->heading)), "page", (json_int_t)p->page,
	                 "score", p->score, "similarity", p->similarity, "text",
	                 rcd_json_str(rcd_sv(p->text)));
}

void rcd_turn_tell_found(struct rcd_turn *t, const struct rcd_passage *p, size_t n)
{
	if (t->env->watch == NULL)
		return;
	json_decref(t->trace.passages);
	t->trace.passages = json_array();
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(t->trace.passages, make_passage(&p[i]));
}

static json_t *parse_or_copy(struct rcd_sv text)
{
	json_t *v = NULL;

	return rcd_json_parse(text, MAX_RESULT, &v, RCD_UNREAD_ERR) == 0 ? v : rcd_json_str(text);
}

void rcd_turn_tell_called(struct rcd_turn *t, const struct rcd_tool_call *call,
                          struct rcd_sv result, int64_t ms)
{
	if (t->env->watch == NULL)
		return;
	if (t->trace.calls == NULL)
		t->trace.calls = json_array();
	(void)json_array_append_new(t->trace.calls,
	                            json_pack("{s:o, s:o, s:o, s:I}", "name",
	                                      rcd_json_str(rcd_sv(call->name)), "arguments",
	                                      parse_or_copy(rcd_buf_view(&call->args)), "result",
	                                      parse_or_copy(result), "ms", (json_int_t)ms));
}

void rcd_turn_tell_ended(const struct rcd_turn *t)
{
	const struct rcd_turn_watch *w = t->env->watch;
	const struct rcd_turn_account account = {
		.contact_id = t->job.contact_id,
		.persona_id = t->recall->persona_id,
		.answer = t->outcome.silent ? rcd_sv(NULL) : rcd_sv_trim(rcd_buf_view(&t->think->answer)),
		.rung = t->outcome.rung,
		.steps = t->trace.steps,
		.why = t->outcome.why,
		.passages = t->trace.passages,
		.calls = t->trace.calls,
		.note = t->speak->spoken ? t->speak->voice_note.file : NULL,
		.handed_over = t->outcome.silent || t->think->effects.handoff[0] != '\0',
	};

	if (w != NULL && w->ended != NULL && t->answered && t->outcome.rung != NULL)
		w->ended(w->arg, &account);
}
