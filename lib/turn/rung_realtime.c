/* A Realtime session: it hears the note itself, so that the answer is to how it was said, and
 * gives the transcript back for everything else. */

#include "base/clock.h"
#include "store/spend.h"
#include "turn/steps.h"

#define HEAR_SHARE                                                                                 \
	60 /* percent of the time for hearing; the rest is transcription's, if need be                 \
	    */

static const char *get_model(const struct rcd_turn *t)
{
	return rcd_realtime_settings(t->env->sessions)->model;
}

static int take_session(struct rcd_turn *t, int64_t deadline, struct rcd_err *err)
{
	return t->live.session != NULL
	           ? 0
	           : rcd_realtime_take(t->env->sessions, deadline, &t->live.session, err);
}

/* --- hear -------------------------------------------------------------------------------- */

bool rcd_turn_hears_live(const struct rcd_turn *t)
{
	const struct rcd_ladder *l = &t->gather->route->audio;

	return t->env->sessions != NULL && !t->outcome.silent &&
	       t->rules->ceiling < RCD_CEILING_MODELS && t->live.err.code == RCD_OK && l->n > 0 &&
	       l->rung[0] == RCD_RUNG_REALTIME;
}

static int hear_note(struct rcd_turn *t, const struct rcd_pcm *pcm, struct rcd_buf *text,
                     struct rcd_err *err)
{
	int64_t by = rcd_deadline_in(rcd_deadline_left(t->time.hear_by, INT32_MAX) * HEAR_SHARE / 100);
	int ret;

	if (rcd_breaker_enter(t->env->realtime, get_model(t), err) != 0)
		return -1;
	ret = take_session(t, by, err);
	t->spent.requests += ret == 0;
	if (ret == 0)
		ret = rcd_live_hear(t->live.session, pcm->s, pcm->n, by, text, err);
	rcd_breaker_settle(t->env->realtime, ret, err);
	return ret;
}

int rcd_turn_hear_live(struct rcd_turn *t, const struct rcd_pcm *pcm, struct rcd_buf *text,
                       struct rcd_err *err)
{
	if (t->live.asked_us == 0)
		t->live.asked_us = rcd_mono_us();
	if (hear_note(t, pcm, text, err) == 0)
		return 0;
	t->live.asked_us = 0;
	t->live.session = rcd_realtime_give(t->live.session);
	t->live.err = *err;
	return -1;
}

/* --- the rung ---------------------------------------------------------------------------- */

/* What every round of one answer goes by. */
struct rung {
	bool heard, speaks;
	int64_t audio_tokens;
};

static int ask_round(struct rcd_turn *t, struct rcd_openai_ask *ask, void *arg,
                     struct rcd_chat_usage *usage, struct rcd_err *err)
{
	struct rung *r = arg;
	const struct rcd_live_sink sink = {rcd_turn_model_words, r->speaks ? rcd_turn_speak_pcm : NULL,
	                                   t};
	const struct rcd_live_ask a = {.prompt = ask->messages,
	                               .tools = ask->tools,
	                               .calls = ask->calls,
	                               .typed = r->heard ? rcd_buf_view(&t->hear->unsent_text)
	                                                 : rcd_sv(NULL),
	                               .deadline = ask->deadline,
	                               .stall_ms = ask->stall_ms,
	                               .mute = !r->speaks};
	struct rcd_live_usage u = {0};

	if (rcd_live_answer(t->live.session, &a, &sink, &u, err) != 0)
		return -1;
	usage->first_ms = u.first_ms > 0 ? u.first_ms : 0;
	usage->input_tokens = u.input_tokens;
	usage->cached_tokens = u.cached_tokens;
	usage->output_tokens = u.output_tokens;
	r->audio_tokens += u.heard_tokens + u.spoken_tokens;
	return 0;
}

/* The session's own voice is paid for as well, by the same day's characters. How many it will speak
 * nobody knows before: one must be left, and what it has spoken counts, over the end if need be. */
static bool may_speak(struct rcd_turn *t)
{
	const struct rcd_spend one = {t->job.tenant, rcd_now_ms(), 1,
	                              t->env->conf->speech.daily_characters};
	struct rcd_err err;
	bool first;

	return one.most == 0 || rcd_spend(t->env->db, &one, &first, &err) == 0;
}

static void count_spoken(struct rcd_turn *t)
{
	const struct rcd_spend all = {t->job.tenant, rcd_now_ms(),
	                              (int64_t)rcd_utf8_count(rcd_buf_view(&t->think->answer)),
	                              INT64_MAX};
	struct rcd_err err;
	bool first;

	if (t->env->conf->speech.daily_characters > 0 && rcd_spend(t->env->db, &all, &first, &err) != 0)
		rcd_turn_log(t, "spoken_characters_not_counted err=\"%s\"", err.msg);
}

/* The session is kept over all rounds: what was heard lies in it. */
static int ask_session(struct rcd_turn *t, int stall_ms, struct rung *r,
                       struct rcd_chat_usage *usage, struct rcd_err *err)
{
	r->heard = t->live.session != NULL;
	r->speaks = !rcd_turn_is_sms(t) && rcd_realtime_settings(t->env->sessions)->own_audio &&
	            may_speak(t);
	if (take_session(t, rcd_deadline_in(stall_ms), err) != 0)
		return -1;
	rcd_turn_use_own_voice(t, r->speaks);
	return rcd_turn_converse(t, stall_ms, ask_round, r, usage, err);
}

int rcd_rung_realtime(struct rcd_turn *t, int stall_ms, struct rcd_err *err)
{
	struct rcd_chat_usage usage = {0};
	struct rung rung = {0};
	int ret;

	if (t->live.err.code != RCD_OK) {
		*err = t->live.err;
		return -1;
	}
	if (rcd_breaker_enter(t->env->realtime, get_model(t), err) != 0)
		return -1;
	if (t->live.asked_us == 0)
		t->live.asked_us = rcd_mono_us();
	ret = ask_session(t, stall_ms, &rung, &usage, err);
	rcd_breaker_settle(t->env->realtime, ret, err);
	t->live.session = rcd_realtime_give(t->live.session);
	if (ret != 0) {
		t->live.asked_us = 0;
		return -1;
	}
	if (rung.speaks)
		count_spoken(t);
	rcd_turn_usage(t, &usage);
	rcd_turn_figure(t, "audio_tokens", rung.audio_tokens);
	return 0;
}
