/* The answer as a voice note, made while the answer is still being thought of. A failed voice
 * never loses the text, and a slow one never holds it up. */

#include "base/clock.h"
#include "turn/steps.h"

#define OWN_HZ 24000

static size_t length(const struct rcd_turn *t)
{
	return rcd_utf8_count(rcd_buf_view(&t->think.answer));
}

/* So far: an answer that is still being written may grow too long for it. */
static bool wanted(const struct rcd_turn *t)
{
	const struct rcd_turn_conf *conf = t->env->conf;

	if (rcd_turn_is_sms(t)) /* it carries text alone */
		return false;
	if (t->rules.suppressed.on[RCD_SCOPE_AUDIO])
		return false; /* the contact wants no voice notes */
	if (t->rules.ceiling >= RCD_CEILING_NEAR)
		return false;
	if (t->rules.wants_audio && conf->voice_on_request)
		return true; /* whatever its length */
	switch (conf->voice_when) {
	case RCD_VOICE_ALWAYS:
		return true;
	case RCD_VOICE_SHORT:
		return length(t) <= (size_t)conf->short_chars;
	case RCD_VOICE_MIRROR:
		return t->hear.has_voice_note;
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

	if (t->speak.speech != NULL)
		return 0;
	return rcd_speech_open(&t->speak.speech, &env, t->job.tenant,
	                       t->time.deadline + t->env->conf->late_voice_ms, err);
}

int rcd_turn_write(struct rcd_turn *t, struct rcd_sv words, struct rcd_err *err)
{
	rcd_buf_sv(&t->think.answer, words);
	if (!t->think.answer.bad) {
		rcd_turn_tell_words(t, words);
		return 0;
	}
	return t->think.answer.over
	           ? rcd_fail(err, RCD_LIMIT, 0, "an answer of more than %d bytes", RCD_MAX_TEXT)
	           : rcd_fail_nomem(err);
}

int rcd_turn_say_all(struct rcd_turn *t, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_buf marked;
	int ret;

	rcd_buf_init(&marked, 2 * RCD_MAX_TEXT);
	rcd_marks_text(text, rcd_turn_marks(t), &marked);
	ret = marked.bad ? rcd_fail_nomem(err) : rcd_turn_write(t, rcd_buf_view(&marked), err);
	rcd_buf_free(&marked);
	if (ret != 0 || !wanted(t))
		return ret;
	return open_speech(t, err) == 0 ? rcd_speech_write_all(t->speak.speech, text, err) : -1;
}

int rcd_turn_say(struct rcd_turn *t, struct rcd_sv words, struct rcd_err *err)
{
	return rcd_turn_write(t, words, err) == 0 ? rcd_turn_voice(t, words, err) : -1;
}

int rcd_turn_voice(struct rcd_turn *t, struct rcd_sv words, struct rcd_err *err)
{
	if (!wanted(t)) {
		t->speak.speech = rcd_speech_drop(t->speak.speech);
		return 0;
	}
	if (t->speak.own_voice)
		return 0;
	return open_speech(t, err) == 0 ? rcd_speech_write(t->speak.speech, words, err) : -1;
}

int rcd_turn_sound(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err)
{
	struct rcd_turn *t = arg;

	if (!wanted(t))
		return 0;
	return open_speech(t, err) == 0 ? rcd_speech_write_pcm(t->speak.speech, pcm, n, OWN_HZ, err)
	                                : -1;
}

void rcd_turn_unsay(struct rcd_turn *t)
{
	rcd_turn_tell_unsaid(t);
	rcd_buf_reset(&t->think.answer);
	rcd_captions_done(&t->think.captions);
	rcd_captions_init(&t->think.captions);
	t->speak.speech = rcd_speech_drop(t->speak.speech);
	t->speak.own_voice = false;
	rcd_tool_effects_withdraw(&t->think.effects);
	t->outcome.waits = 0;
}

/* --- the step ---------------------------------------------------------------------------- */

/* What is promised of a session: how soon the customer could hear its answer begin. */
static void heard_after(struct rcd_turn *t, int64_t ms)
{
	struct rcd_realtime_stats *stats = rcd_realtime_settings(t->env->sessions)->stats;

	rcd_turn_figure(t, "first_audio_ms", ms);
	if (stats != NULL)
		rcd_realtime_sound(stats, ms);
}

static void spoken(struct rcd_turn *t)
{
	t->speak.spoken = true;
	rcd_turn_figure(t, "voice_ms", t->speak.voice_note.ms);
	rcd_turn_figure(t, "voice_tail_us", t->speak.voice_note.tail_us);
	rcd_turn_figure(t, "voice_wait_us", t->speak.voice_note.wait_us);
	if (t->live.asked_us != 0 && t->speak.voice_note.first_us != 0 &&
	    rcd_sv_is(rcd_sv(t->outcome.rung), rcd_rung_name[RCD_RUNG_REALTIME]))
		heard_after(t, (t->speak.voice_note.first_us - t->live.asked_us) / 1000);
	if (t->speak.voice_note.reused)
		rcd_turn_figure(t, "voice_again", 1);
}

int rcd_turn_hear_out(struct rcd_turn *t, int64_t until, struct rcd_err *err)
{
	if (t->speak.speech == NULL)
		return 0;
	if (rcd_speech_wait(t->speak.speech, until, &t->speak.voice_note, err) == 0)
		spoken(t);
	else if (err->code == RCD_NOMEM ||
	         (rcd_cancel_mine() != NULL && rcd_cancel_is_set(rcd_cancel_mine())))
		return -1;
	else if (err->code == RCD_TIMEOUT && until < t->time.deadline + t->env->conf->late_voice_ms)
		return 0; /* the text goes ahead */
	else {
		if (!rcd_speech_is_reported(t->speak.speech))
			rcd_turn_log(t, "no voice: %s", err->msg);
		(void)json_object_set_new(t->outcome.why, "voice", rcd_json_str(rcd_sv(err->msg)));
	}
	t->speak.speech = rcd_speech_drop(t->speak.speech);
	return 0;
}

int rcd_turn_speak(struct rcd_turn *t, struct rcd_err *err)
{
	if (t->outcome.silent || !wanted(t)) {
		t->speak.speech = rcd_speech_drop(t->speak.speech);
		return 0;
	}
	if (open_speech(t, err) != 0)
		return -1;
	rcd_speech_end(t->speak.speech);
	return rcd_turn_hear_out(t, t->time.deadline, err);
}
