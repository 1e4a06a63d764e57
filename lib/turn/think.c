/* The ladder: each rung answers, or says why not and hands down to the next. */

#include "base/clock.h"
#include "turn/steps.h"

#include <stdio.h>

#define RESERVE_MS 500 /* of the turn's time, for what comes after the model */
#define LEAST_STALL_MS 1000

static rcd_rung_fn *const rungs[RCD_N_RUNGS] = {
	[RCD_RUNG_REALTIME] = rcd_rung_realtime,   [RCD_RUNG_CHAT] = rcd_rung_chat,
	[RCD_RUNG_ASSISTANT] = rcd_rung_assistant, [RCD_RUNG_KNOWLEDGE] = rcd_rung_knowledge,
	[RCD_RUNG_APOLOGY] = rcd_rung_apology,
};

static bool is_model(enum rcd_rung_id id)
{
	return id < RCD_RUNG_KNOWLEDGE;
}

/* A session is given words alone. */
static bool is_for_session(const struct rcd_turn *t)
{
	return t->env->sessions != NULL && t->hear->pictures == NULL && t->hear->document_text.n == 0;
}

static bool is_here(const struct rcd_turn *t, enum rcd_rung_id id)
{
	return is_model(id) && t->rules->ceiling < RCD_CEILING_MODELS &&
	       (id != RCD_RUNG_REALTIME || is_for_session(t));
}

/* The route's own order, and what stands below every ladder. */
static void plan_ladder(const struct rcd_turn *t, struct rcd_ladder *out)
{
	const struct rcd_ladder *own = t->hear->has_voice_note ? &t->gather->route->audio
	                                                       : &t->gather->route->text;

	out->n = 0;
	for (size_t i = 0; i < own->n; i++)
		if (is_here(t, own->rung[i]))
			out->rung[out->n++] = own->rung[i];
	out->rung[out->n++] = RCD_RUNG_KNOWLEDGE;
	out->rung[out->n++] = RCD_RUNG_APOLOGY;
}

/* A model may be silent for its share of the time that is left: those behind it need theirs. */
static int compute_stall_ms(const struct rcd_turn *t, const struct rcd_ladder *l, size_t i)
{
	int64_t left = rcd_deadline_left(t->time.deadline, INT32_MAX) - RESERVE_MS, share = 1;

	for (size_t k = i + 1; k < l->n; k++)
		share += is_model(l->rung[k]);
	left /= share;
	return left < LEAST_STALL_MS ? LEAST_STALL_MS : (int)left;
}

static int hand_down(struct rcd_turn *t, const char *rung, struct rcd_err *why)
{
	char text[256];

	if (why->code == RCD_NOMEM || (t->cancel != NULL && rcd_cancel_is_set(t->cancel)))
		return -1;
	if (why->code == RCD_CANCELLED) /* we are stopping */
		return -1;
	(void)snprintf(text, sizeof(text), "%s: %s", rcd_code_name(why->code), why->msg);
	(void)json_object_set_new(t->outcome.why, rung, rcd_json_str(rcd_sv(text)));
	rcd_turn_log(t, "rung_failed rung=%s err=\"%s\"", rung, why->msg);
	rcd_turn_discard_answer(t);
	return 0;
}

/* Nothing to think about: it is answered as what it is. */
static int say_notice(struct rcd_turn *t, enum rcd_notice which, struct rcd_err *err)
{
	static const enum rcd_text text[RCD_N_NOTICES] = {
		[RCD_NOTICE_MEDIA_GONE] = RCD_TEXT_MEDIA_GONE, [RCD_NOTICE_NO_SPEECH] = RCD_TEXT_NO_SPEECH,
		[RCD_NOTICE_NOT_AUDIO] = RCD_TEXT_NOT_AUDIO,   [RCD_NOTICE_NOT_HEARD] = RCD_TEXT_NOT_HEARD,
		[RCD_NOTICE_IMAGE] = RCD_TEXT_IMAGE,           [RCD_NOTICE_VIDEO] = RCD_TEXT_VIDEO,
		[RCD_NOTICE_DOCUMENT] = RCD_TEXT_DOCUMENT,     [RCD_NOTICE_LOCATION] = RCD_TEXT_LOCATION,
		[RCD_NOTICE_STICKER] = RCD_TEXT_STICKER,       [RCD_NOTICE_CONTACT] = RCD_TEXT_CONTACT,
		[RCD_NOTICE_EMPTY] = RCD_TEXT_EMPTY,
	};

	t->outcome.rung = "notice";
	return rcd_turn_put_answer(t, rcd_sv(rcd_turn_text(t, text[which])), err);
}

static int ask_rungs(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_ladder l;

	plan_ladder(t, &l);
	for (size_t i = 0; i < l.n; i++) {
		const char *name = rcd_rung_name[l.rung[i]];

		if (!is_model(l.rung[i]) && t->hear->unshown_notice != RCD_NOTICE_NONE)
			return say_notice(t, t->hear->unshown_notice, err);
		if (rungs[l.rung[i]](t, compute_stall_ms(t, &l, i), err) == 0) {
			t->outcome.rung = name;
			return 0;
		}
		if (hand_down(t, name, err) != 0)
			return -1;
	}
	return -1;
}

static const char *name_silence(const struct rcd_turn *t)
{
	if (t->gather->elsewhere)
		return "elsewhere";
	if (t->rules->ceiling == RCD_CEILING_MESSAGES)
		return RCD_RUNG_CEILING;
	if (t->rules->braked)
		return RCD_RUNG_BRAKE;
	return t->rules->suppressed.on[RCD_SCOPE_ALL] ? RCD_RUNG_SUPPRESSED : "person";
}

static int make_answer(struct rcd_turn *t, struct rcd_err *err)
{
	if (t->rules->reply.n > 0)
		return rcd_turn_add_answer(t, rcd_buf_view(&t->rules->reply), err);
	return t->hear->notice == RCD_NOTICE_NONE ? ask_rungs(t, err)
	                                          : say_notice(t, t->hear->notice, err);
}

/* The history has what the model saw in pictures, in the place of their marks. */
static int describe_pictures(struct rcd_turn *t, struct rcd_err *err)
{
	if (t->think->captions.text.bad)
		return rcd_fail_nomem(err);
	if (t->think->captions.n == 0)
		return 0;
	return rcd_pictures_describe(t->hear, &t->think->captions, t->env->conf->lang,
	                             &t->parts->think.seen_text, err);
}

int rcd_turn_think(struct rcd_turn *t, struct rcd_err *err)
{
	if (t->outcome.silent) {
		t->outcome.rung = name_silence(t);
		return 0;
	}
	if (make_answer(t, err) != 0 || describe_pictures(t, err) != 0)
		return -1;
	return rcd_turn_fit_sms(t, err);
}
