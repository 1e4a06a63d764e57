/* The answer as a voice note, made while the answer is still being thought of. A failed voice
 * never loses the text, and a slow one never holds it up. */

#include "base/clock.h"
#include "turn/steps.h"

#define OWN_HZ 24000

static size_t count_chars(const struct rcd_turn *t)
{
	return rcd_utf8_count(rcd_buf_view(&t->think->answer));
}

/* So far: an answer that is still being written may grow too long for it. */
static bool is_wanted(const struct rcd_turn *t)
{
	const struct rcd_turn_conf *conf = t->env->conf;

	if (rcd_turn_is_sms(t)) /* it carries text alone */
		return false;
	if (t->rules->suppressed.on[RCD_SCOPE_AUDIO])
		return false; /* the contact wants no voice notes */
	if (t->rules->ceiling >= RCD_CEILING_NEAR)
		return false;
	if (t->rules->wants_audio && conf->voice_on_request)
		return true; /* whatever its length */
	switch (conf->voice_when) {
	case RCD_VOICE_ALWAYS:
		return true;
	case RCD_VOICE_SHORT:
		return count_chars(t) <= (size_t)conf->short_chars;
	case RCD_VOICE_MIRROR:
		return t->hear->has_voice_note;
	default:
		return false;
	}
}

struct rcd_speech_env rcd_turn_speech_env(const struct rcd_turn_env *env)
{
	return (struct rcd_speech_env){
		.conf = &env->conf->speech,
		.voice = env->voice,
		.db = env->db,
		.http = env->http,
		.blobs = env->blobs,
		.breaker = env->speech,
	};
}

static int open_speech(struct rcd_turn *t, struct rcd_err *err)
{
	const struct rcd_speech_env env = rcd_turn_speech_env(t->env);

	if (t->speak->speech != NULL)
		return 0;
	return rcd_speech_open(&t->parts->speak.speech, &env, t->job.tenant,
	                       t->time.deadline + t->env->conf->late_voice_ms, err);
}

void rcd_turn_drop_voice(struct rcd_turn *t)
{
	t->parts->speak.speech = rcd_speech_drop(t->speak->speech);
	t->parts->speak.spoken = false;
}

void rcd_turn_use_own_voice(struct rcd_turn *t, bool own)
{
	t->parts->speak.own_voice = own;
}

int rcd_turn_speak_all(struct rcd_turn *t, struct rcd_sv text, struct rcd_err *err)
{
	if (!is_wanted(t))
		return 0;
	return open_speech(t, err) == 0 ? rcd_speech_write_all(t->speak->speech, text, err) : -1;
}

int rcd_turn_speak_words(struct rcd_turn *t, struct rcd_sv words, struct rcd_err *err)
{
	if (!is_wanted(t)) {
		t->parts->speak.speech = rcd_speech_drop(t->speak->speech);
		return 0;
	}
	if (t->speak->own_voice)
		return 0;
	return open_speech(t, err) == 0 ? rcd_speech_write(t->speak->speech, words, err) : -1;
}

int rcd_turn_speak_pcm(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err)
{
	struct rcd_turn *t = arg;

	if (!is_wanted(t))
		return 0;
	return open_speech(t, err) == 0 ? rcd_speech_write_pcm(t->speak->speech, pcm, n, OWN_HZ, err)
	                                : -1;
}

/* --- the step ---------------------------------------------------------------------------- */

/* What is promised of a session: how soon the customer could hear its answer begin. */
static void count_first_audio(struct rcd_turn *t, int64_t ms)
{
	struct rcd_realtime_stats *stats = rcd_realtime_settings(t->env->sessions)->stats;

	rcd_turn_figure(t, "first_audio_ms", ms);
	if (stats != NULL)
		rcd_realtime_sound(stats, ms);
}

static void mark_spoken(struct rcd_turn *t)
{
	t->parts->speak.spoken = true;
	rcd_turn_figure(t, "voice_ms", t->speak->voice_note.ms);
	rcd_turn_figure(t, "voice_tail_us", t->speak->voice_note.tail_us);
	rcd_turn_figure(t, "voice_wait_us", t->speak->voice_note.wait_us);
	if (t->live.asked_us != 0 && t->speak->voice_note.first_us != 0 &&
	    rcd_sv_is(rcd_sv(t->outcome.rung), rcd_rung_name[RCD_RUNG_REALTIME]))
		count_first_audio(t, (t->speak->voice_note.first_us - t->live.asked_us) / 1000);
	if (t->speak->voice_note.reused)
		rcd_turn_figure(t, "voice_again", 1);
}

int rcd_turn_await_voice(struct rcd_turn *t, int64_t until, struct rcd_err *err)
{
	if (t->speak->speech == NULL)
		return 0;
	if (rcd_speech_wait(t->speak->speech, until, &t->parts->speak.voice_note, err) == 0)
		mark_spoken(t);
	else if (err->code == RCD_NOMEM ||
	         (rcd_cancel_mine() != NULL && rcd_cancel_is_set(rcd_cancel_mine())))
		return -1;
	else if (err->code == RCD_TIMEOUT && until < t->time.deadline + t->env->conf->late_voice_ms)
		return 0; /* the text goes ahead */
	else {
		if (!rcd_speech_is_reported(t->speak->speech))
			rcd_turn_log(t, "no voice: %s", err->msg);
		(void)json_object_set_new(t->outcome.why, "voice", rcd_json_str(rcd_sv(err->msg)));
	}
	t->parts->speak.speech = rcd_speech_drop(t->speak->speech);
	return 0;
}

int rcd_turn_speak(struct rcd_turn *t, struct rcd_err *err)
{
	if (t->outcome.silent || !is_wanted(t)) {
		t->parts->speak.speech = rcd_speech_drop(t->speak->speech);
		return 0;
	}
	if (open_speech(t, err) != 0)
		return -1;
	rcd_speech_end(t->speak->speech);
	return rcd_turn_await_voice(t, t->time.deadline, err);
}
