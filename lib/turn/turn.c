/* The way of a message, top to bottom. */

#include "base/clock.h"
#include "delivery/hold_on.h"
#include "turn/steps.h"

#include <stdlib.h>

static bool is_always_due(const struct rcd_turn *t)
{
	(void)t;
	return true;
}

/* Has no predecessor stored the answer? */
static bool is_unanswered(const struct rcd_turn *t)
{
	return !t->answered;
}

static bool has_heard_ahead(const struct rcd_turn *t)
{
	return rcd_turn_is_ahead(t) && t->time.ahead != RCD_AHEAD_THINK;
}

/* The names are stored with each turn and shown: "heed" and "window" keep theirs. */
struct step {
	const char *name;
	int (*run)(struct rcd_turn *t, struct rcd_err *err);
	bool (*wanted)(const struct rcd_turn *t);
};

static const struct step way[] = {
	{"gather", rcd_turn_gather, is_always_due},
	{"ceiling", rcd_turn_ceiling, is_unanswered},
	{"hear", rcd_turn_hear, is_unanswered},
	{RCD_STEP_WINDOW, rcd_turn_await_window, has_heard_ahead},
	{"heed", rcd_turn_handle_request, is_unanswered},
	{"brake", rcd_turn_brake, is_unanswered},
	{"recall", rcd_turn_recall, is_unanswered},
	{"think", rcd_turn_think, is_unanswered},
	{"speak", rcd_turn_speak, is_unanswered},
	{RCD_STEP_WINDOW, rcd_turn_await_window, rcd_turn_is_ahead},
	{"send", rcd_turn_send, is_always_due},
	{"remember", rcd_turn_remember, is_always_due},
};

/* Times the step and keeps the figure for the trace, failed or not. */
static int run_step(struct rcd_turn *t, const struct step *step, struct rcd_err *err)
{
	int64_t began = rcd_mono_us();
	json_t *row = json_pack("{s:s}", "name", step->name);
	int ret;

	if (row == NULL || json_array_append_new(t->trace.steps, row) != 0)
		return rcd_fail_nomem(err);
	ret = step->run(t, err);
	(void)json_object_set_new(row, "ms", json_real((double)(rcd_mono_us() - began) / 1000.0));
	return ret;
}

static void free_parts(struct rcd_turn *t)
{
	for (size_t i = 0; t->gather->form != NULL && i < t->gather->n; i++)
		rcd_form_free(&t->gather->form[i]);
	free(t->gather->form);
	free(t->gather->msg);
	rcd_buf_free(&t->parts->gather.elsewhere_text);
	rcd_inbox_rows_free(t->gather->row, t->gather->n);
	free(t->rules->recent);
	rcd_speech_drop(t->speak->speech);
	(void)rcd_hold_on_drop(t->hold_on);
	rcd_typing_end(t->env->typing_sender, &t->typing);
	rcd_received_free(&t->parts->hear);
	rcd_buf_free(&t->parts->think.seen_text);
	rcd_captions_done(&t->parts->think.captions);
	(void)rcd_realtime_give(t->live.session);
	rcd_turn_model_done(t);
	rcd_buf_free(&t->parts->think.answer);
	rcd_buf_free(&t->parts->rules.reply);
	json_decref(t->recall->prompt);
	json_decref(t->outcome.why);
	json_decref(t->trace.steps);
	json_decref(t->trace.passages);
	json_decref(t->trace.calls);
}

/* Stopped for a newer message, and not for anything else. */
static bool begins_anew(struct rcd_turn *t)
{
	return t->send->more_came ||
	       (!t->answered && t->cancel != NULL && rcd_cancel_is_set(t->cancel));
}

/* The voice of an answer that nobody will hear. Whether it was stored all the same (a commit whose
 * end was not seen) is asked before. */
static void remove_note(struct rcd_turn *t)
{
	bool answered = true;

	if (t->speak->spoken &&
	    rcd_history_answered(t->env->db, &t->job, &answered, RCD_UNREAD_ERR) == 0 && !answered)
		rcd_voice_note_remove(t->env->blobs, &t->speak->voice_note);
}

static int give_back(struct rcd_turn *t, struct rcd_err *err)
{
	remove_note(t);
	return rcd_job_yield(t->env->db, &t->job, &t->spent, err);
}

/* Everything that a step may find before it was written. */
static void init_parts(struct rcd_turn *t, struct rcd_turn_parts *parts)
{
	const struct rcd_turn_env *env = t->env;

	rcd_turn_bind_parts(t, parts);
	rcd_buf_init(&parts->gather.elsewhere_text, RCD_MAX_TEXT);
	rcd_received_init(&parts->hear);
	rcd_captions_init(&parts->think.captions);
	rcd_buf_init(&parts->think.seen_text, RCD_MAX_HEARD);
	rcd_buf_init(&parts->think.answer, RCD_MAX_TEXT);
	rcd_buf_init(&parts->rules.reply, RCD_MAX_TEXT);
	parts->send.outgoing = (struct rcd_outgoing){.db = env->db,
	                                             .http = env->http,
	                                             .twilio = env->twilio,
	                                             .breaker = env->send,
	                                             .reconcile_ms = env->conf->reconcile_ms,
	                                             .job = &t->job,
	                                             .log = env->note,
	                                             .log_arg = env->note_arg};
}

int rcd_turn_run(const struct rcd_turn_env *env, const struct rcd_job *job,
                 const struct rcd_webhook_reply *webhook, struct rcd_cancel *cancel,
                 struct rcd_err *err)
{
	struct rcd_turn t = {
		.env = env,
		.job = *job,
		.webhook = webhook,
		.cancel = cancel,
		.time.deadline = rcd_deadline_in(env->conf->deadline_ms),
		.outcome.why = json_object(),
		.trace.steps = json_array(),
	};
	struct rcd_turn_parts parts = {.gather.n = 0};
	int ret = 0;

	init_parts(&t, &parts);
	if (t.outcome.why == NULL || t.trace.steps == NULL)
		ret = rcd_fail_nomem(err);
	(void)rcd_cancel_under(cancel);
	for (size_t i = 0; ret == 0 && !t.gather->over && i < sizeof(way) / sizeof(way[0]); i++)
		if (way[i].wanted(&t))
			ret = run_step(&t, &way[i], err);
	(void)rcd_cancel_under(NULL);
	if (ret == 0)
		rcd_turn_tell_ended(&t);
	if (ret != 0 && begins_anew(&t))
		ret = give_back(&t, err);
	free_parts(&t);
	return ret;
}
