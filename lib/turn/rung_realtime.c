/* A Realtime session: it hears the note itself, so that the answer is to how it was said, and
 * gives the transcript back for everything else. */

#include "base/clock.h"
#include "turn/steps.h"

#define HEAR_SHARE 60 /* percent of the time for hearing; the rest is transcription's, if need be */

/* Neither a crowd of our own nor a stop sign says anything about the provider. */
static bool is_well(int ret, const struct rcd_err *err)
{
	return ret == 0 || err->code == RCD_CANCELLED || err->code == RCD_NOMEM || err->code == RCD_BUSY;
}

static const char *model_of(const struct rcd_turn *t)
{
	return rcd_realtime_settings(t->env->sessions)->model;
}

static int take(struct rcd_turn *t, int64_t deadline, struct rcd_err *err)
{
	return t->live != NULL ? 0 : rcd_realtime_take(t->env->sessions, deadline, &t->live, err);
}

/* --- hear -------------------------------------------------------------------------------- */

bool rcd_turn_hears_live(const struct rcd_turn *t)
{
	const struct rcd_ladder *l = &t->route->audio;

	return t->env->sessions != NULL && !t->silent && t->live_err.code == RCD_OK && l->n > 0 &&
	       l->rung[0] == RCD_RUNG_REALTIME;
}

static int hear(struct rcd_turn *t, const struct rcd_pcm *pcm, struct rcd_buf *text, struct rcd_err *err)
{
	int64_t by = rcd_deadline_in(rcd_deadline_left(t->hear_by, INT32_MAX) * HEAR_SHARE / 100);
	int ret;

	if (rcd_breaker_enter(t->env->realtime, model_of(t), err) != 0)
		return -1;
	ret = take(t, by, err);
	if (ret == 0)
		ret = rcd_live_hear(t->live, pcm->s, pcm->n, by, text, err);
	rcd_breaker_done(t->env->realtime, is_well(ret, err));
	return ret;
}

int rcd_turn_hear_live(struct rcd_turn *t, const struct rcd_pcm *pcm, struct rcd_buf *text,
                       struct rcd_err *err)
{
	if (hear(t, pcm, text, err) == 0)
		return 0;
	t->live = rcd_realtime_give(t->live);
	t->live_err = *err;
	return -1;
}

/* --- the rung ---------------------------------------------------------------------------- */

static int answer(struct rcd_turn *t, int stall_ms, struct rcd_live_usage *usage, struct rcd_err *err)
{
	bool heard = t->live != NULL, speaks = rcd_realtime_settings(t->env->sessions)->own_audio;
	const struct rcd_live_sink sink = {rcd_turn_say, speaks ? rcd_turn_sound : NULL, t};
	const struct rcd_live_ask ask = {.prompt = t->prompt,
	                                 .typed = heard ? rcd_buf_view(&t->beside) : rcd_sv(NULL),
	                                 .deadline = t->deadline,
	                                 .stall_ms = stall_ms};

	if (take(t, rcd_deadline_in(stall_ms), err) != 0)
		return -1;
	t->own_voice = speaks;
	return rcd_live_answer(t->live, &ask, &sink, usage, err);
}

int rcd_rung_realtime(struct rcd_turn *t, int stall_ms, struct rcd_err *err)
{
	struct rcd_live_usage usage = {0};
	int ret;

	if (t->live_err.code != RCD_OK) {
		*err = t->live_err;
		return -1;
	}
	if (rcd_breaker_enter(t->env->realtime, model_of(t), err) != 0)
		return -1;
	ret = answer(t, stall_ms, &usage, err);
	rcd_breaker_done(t->env->realtime, is_well(ret, err));
	t->live = rcd_realtime_give(t->live);
	if (ret != 0)
		return -1;
	rcd_turn_figure(t, "first_ms", usage.first_ms);
	rcd_turn_figure(t, "input_tokens", usage.input_tokens);
	rcd_turn_figure(t, "cached_tokens", usage.cached_tokens);
	rcd_turn_figure(t, "output_tokens", usage.output_tokens);
	rcd_turn_figure(t, "audio_tokens", usage.heard_tokens + usage.spoken_tokens);
	return 0;
}
