/* Everything the customer sent becomes words, or the notice that answers it: lib/media does it, and
 * is told here what the turn has decided. */

#include "base/clock.h"
#include "delivery/hold_on.h"
#include "provider/engine.h"
#include "turn/steps.h"

static bool is_blind(const struct rcd_turn *t, enum rcd_engine_call call)
{
	return (rcd_engine_known(t->env->openai->engine, call) & RCD_ENGINE_PICTURES) != 0;
}

static bool has_seeing_rung(const struct rcd_turn *t, const struct rcd_ladder *l)
{
	for (size_t i = 0; i < l->n; i++)
		if ((l->rung[i] == RCD_RUNG_CHAT && !is_blind(t, RCD_ENGINE_CHAT)) ||
		    (l->rung[i] == RCD_RUNG_ASSISTANT && !is_blind(t, RCD_ENGINE_RESPONSES)))
			return true;
	return false;
}

/* --- what lib/media asks of the turn ------------------------------------------------------- */

static void log_line(void *arg, const char *text)
{
	rcd_turn_log(arg, "%s", text);
}

static void add_figure(void *arg, const char *key, int64_t value)
{
	rcd_turn_figure(arg, key, value);
}

static int spares_note(void *arg, bool *yes, struct rcd_err *err)
{
	return rcd_turn_spares_note(arg, yes, err);
}

static bool hears_live(void *arg)
{
	return rcd_turn_hears_live(arg);
}

static int hear_live(void *arg, const struct rcd_pcm *pcm, struct rcd_buf *text,
                     struct rcd_err *err)
{
	return rcd_turn_hear_live(arg, pcm, text, err);
}

static bool wants_hold_on(const struct rcd_turn *t)
{
	return t->env->conf->hold_on && t->hold_on == NULL && t->env->watch == NULL &&
	       !t->outcome.silent && !t->rules->suppressed.on[RCD_SCOPE_ALL] &&
	       t->rules->ceiling < RCD_CEILING_MODELS && rcd_turn_text(t, RCD_TEXT_HOLD_ON)[0] != '\0';
}

/* The customer is told when the time to hear is over; nothing is sent while the window is open. */
static void begin_wait(void *arg)
{
	struct rcd_turn *t = arg;
	const struct rcd_twilio_msg *last = &t->gather->msg[t->gather->n - 1];
	const struct rcd_hold_on_in in = {.from = last->to,
	                                  .to = last->from,
	                                  .body = rcd_turn_text(t, RCD_TEXT_HOLD_ON),
	                                  .due = t->time.hear_by > t->time.window_end
	                                             ? t->time.hear_by
	                                             : t->time.window_end};

	if (wants_hold_on(t))
		t->hold_on = rcd_hold_on_begin(&t->send->outgoing, &in);
}

static void end_wait(void *arg)
{
	struct rcd_turn *t = arg;

	t->hold_on = rcd_hold_on_end(t->hold_on);
}

static const struct rcd_media_turn callbacks = {
	.log = log_line,
	.figure = add_figure,
	.spares_note = spares_note,
	.hears_live = hears_live,
	.hear_live = hear_live,
	.begin_wait = begin_wait,
	.end_wait = end_wait,
};

/* --- the step ------------------------------------------------------------------------------ */

/* Whether the turn has a voice note, and so which ladder it takes, is not known yet. */
static struct rcd_media describe_turn(struct rcd_turn *t)
{
	const struct rcd_turn_env *env = t->env;
	const struct rcd_route *route = t->gather->route;

	return (struct rcd_media){
		.db = env->db,
		.http = env->http,
		.twilio = env->twilio,
		.openai = env->openai,
		.extract = env->extract,
		.decoder = env->decoder,
		.gates = env->gates,
		.blobs = env->blobs,
		.transcribe = env->transcribe,
		.vision = &env->conf->vision,
		.lang = env->conf->lang,
		.deadline_ms = env->conf->deadline_ms,
		.note_ms_per_s = env->conf->note_ms_per_s,
		.hear_ms = env->conf->hear_ms,
		.tenant = t->job.tenant,
		.contact_id = t->job.contact_id,
		.silent = t->outcome.silent,
		.models_spent = t->rules->ceiling >= RCD_CEILING_MODELS,
		.sees = has_seeing_rung(t, &route->text) || has_seeing_rung(t, &route->audio),
		.deadline = &t->time.deadline,
		.hear_by = &t->time.hear_by,
		.requests = &t->spent.requests,
		.turn = &callbacks,
		.arg = t,
	};
}

int rcd_turn_hear(struct rcd_turn *t, struct rcd_err *err)
{
	const struct rcd_media media = describe_turn(t);
	const int64_t left = rcd_deadline_left(t->time.deadline, INT32_MAX);

	t->time.hear_by = rcd_deadline_in(left * RCD_HEAR_SHARE / 100);
	return rcd_media_hear(&media, t->gather->row, t->gather->msg, t->gather->n, &t->parts->hear,
	                      err);
}
