/* The way of a message, top to bottom. */

#include "base/clock.h"
#include "turn/hold_on.h"
#include "turn/steps.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool always(const struct rcd_turn *t)
{
	(void)t;
	return true;
}

/* Has no predecessor stored the answer? */
static bool unanswered(const struct rcd_turn *t)
{
	return !t->answered;
}

static bool has_heard_ahead(const struct rcd_turn *t)
{
	return rcd_turn_is_ahead(t) && t->ahead != RCD_AHEAD_THINK;
}

struct step {
	const char *name;
	int (*run)(struct rcd_turn *t, struct rcd_err *err);
	bool (*wanted)(const struct rcd_turn *t);
};

static const struct step way[] = {
	{"gather", rcd_turn_gather, always},
	{"ceiling", rcd_turn_ceiling, unanswered},
	{"hear", rcd_turn_hear, unanswered},
	{RCD_STEP_WINDOW, rcd_turn_await_window, has_heard_ahead},
	{"heed", rcd_turn_heed, unanswered},
	{"brake", rcd_turn_brake, unanswered},
	{"recall", rcd_turn_recall, unanswered},
	{"think", rcd_turn_think, unanswered},
	{"speak", rcd_turn_speak, unanswered},
	{RCD_STEP_WINDOW, rcd_turn_await_window, rcd_turn_is_ahead},
	{"send", rcd_turn_send, always},
	{"remember", rcd_turn_remember, always},
};

/* Times the step and keeps the figure for the trace, failed or not. */
static int run_step(struct rcd_turn *t, const struct step *step, struct rcd_err *err)
{
	int64_t began = rcd_mono_us();
	json_t *row = json_pack("{s:s}", "name", step->name);
	int ret;

	if (row == NULL || json_array_append_new(t->steps, row) != 0)
		return rcd_fail_nomem(err);
	ret = step->run(t, err);
	(void)json_object_set_new(row, "ms", json_real((double)(rcd_mono_us() - began) / 1000.0));
	return ret;
}

static void done(struct rcd_turn *t)
{
	for (size_t i = 0; t->form != NULL && i < t->n_in; i++)
		rcd_form_free(&t->form[i]);
	free(t->form);
	free(t->msg);
	rcd_inbox_rows_free(t->in, t->n_in);
	free(t->recent);
	rcd_speaker_drop(t->speaker);
	rcd_hold_on_drop(t);
	rcd_typing_end(t->env->typist, &t->typing);
	rcd_buf_free(&t->said);
	rcd_buf_free(&t->transcript);
	rcd_buf_free(&t->beside);
	rcd_buf_free(&t->own);
	rcd_buf_free(&t->documents);
	json_decref(t->pictures);
	rcd_captions_done(&t->captions);
	(void)rcd_realtime_give(t->live);
	rcd_turn_model_done(t);
	rcd_buf_free(&t->answer);
	rcd_buf_free(&t->reply);
	json_decref(t->prompt);
	json_decref(t->why);
	json_decref(t->steps);
	json_decref(t->passages);
	json_decref(t->calls);
}

/* Stopped for a newer message, and not for anything else. */
static bool begins_anew(struct rcd_turn *t)
{
	return t->more || (!t->answered && t->cancel != NULL && rcd_cancel_is_set(t->cancel));
}

/* The voice of an answer that nobody will hear. Whether it was stored all the same (a commit whose
 * end was not seen) is asked before. */
static void remove_note(struct rcd_turn *t)
{
	bool answered = true;

	if (t->spoken && rcd_history_answered(t->env->db, &t->job, &answered, NULL) == 0 && !answered)
		rcd_note_remove(t->env, &t->note);
}

static int give_back(struct rcd_turn *t, struct rcd_err *err)
{
	remove_note(t);
	return rcd_job_yield(t->env->db, &t->job, &t->asked, err);
}

int rcd_turn_run(const struct rcd_turn_env *env, const struct rcd_job *job,
                 struct rcd_twiml_seat *seat, struct rcd_cancel *cancel, struct rcd_err *err)
{
	struct rcd_turn t = {
		.env = env,
		.job = *job,
		.seat = seat,
		.cancel = cancel,
		.deadline = rcd_deadline_in(env->conf->deadline_ms),
		.notice = -1,
		.unless_shown = -1,
		.why = json_object(),
		.steps = json_array(),
	};
	int ret = 0;

	rcd_buf_init(&t.said, RCD_MAX_HEARD);
	rcd_buf_init(&t.transcript, RCD_MAX_HEARD);
	rcd_buf_init(&t.beside, RCD_MAX_HEARD);
	rcd_buf_init(&t.own, RCD_MAX_HEARD);
	rcd_buf_init(&t.documents, RCD_MAX_PROMPT);
	rcd_captions_init(&t.captions);
	rcd_buf_init(&t.answer, RCD_MAX_TEXT);
	rcd_buf_init(&t.reply, RCD_MAX_TEXT);
	if (t.why == NULL || t.steps == NULL)
		ret = rcd_fail_nomem(err);
	(void)rcd_cancel_under(cancel);
	for (size_t i = 0; ret == 0 && !t.over && i < sizeof(way) / sizeof(way[0]); i++)
		if (way[i].wanted(&t))
			ret = run_step(&t, &way[i], err);
	(void)rcd_cancel_under(NULL);
	if (ret == 0)
		rcd_turn_tell_ended(&t);
	if (ret != 0 && begins_anew(&t))
		ret = give_back(&t, err);
	done(&t);
	return ret;
}

void rcd_turn_note(const struct rcd_turn *t, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (t->env->note == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t->env->note(t->env->note_arg, t->job.turn_id, text);
}

void rcd_turn_figure(struct rcd_turn *t, const char *key, int64_t value)
{
	json_t *row = json_array_get(t->steps, json_array_size(t->steps) - 1);

	/* the trace is a convenience: one figure less is no reason to fail a turn */
	(void)json_object_set_new(row, key, json_integer(value));
}

const char *rcd_turn_zone(const struct rcd_turn *t)
{
	if (t->zone != NULL)
		return t->zone;
	return t->env->conf->zone != NULL ? t->env->conf->zone : "UTC";
}

const char *rcd_turn_text(const struct rcd_turn *t, enum rcd_text which)
{
	return t->env->conf->text[which];
}

void rcd_turn_usage(struct rcd_turn *t, const struct rcd_chat_usage *u)
{
	rcd_turn_figure(t, "first_ms", u->first_ms);
	rcd_turn_figure(t, "input_tokens", u->input_tokens);
	rcd_turn_figure(t, "cached_tokens", u->cached_tokens);
	rcd_turn_figure(t, "output_tokens", u->output_tokens);
}
