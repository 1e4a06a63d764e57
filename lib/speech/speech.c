#include "speech/speech_int.h"

#include "answer/sentence.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/wait.h"

#include <stdlib.h>

int rcd_speech_open(struct rcd_speech **out, const struct rcd_speech_env *env, int64_t tenant,
                    int64_t deadline, struct rcd_err *err)
{
	struct rcd_speech *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return rcd_fail_nomem(err);
	s->env = *env;
	s->tenant = tenant;
	s->voice = rcd_voice_pick(env->voice);
	s->deadline = deadline;
	rcd_voice_note_init(&s->writer, &s->env, tenant, s->voice->hz, deadline);
	rcd_buf_init(&s->words, RCD_MAX_TEXT);
	rcd_cancel_init(&s->stop);
	(void)pthread_mutex_init(&s->lock, NULL);
	rcd_cond_init(&s->changed);
	*out = s;
	return 0;
}

int rcd_speech_write(struct rcd_speech *s, struct rcd_sv words, struct rcd_err *err)
{
	bool bad, whole;

	(void)pthread_mutex_lock(&s->lock);
	rcd_buf_sv(&s->words, words);
	bad = s->words.bad;
	whole = s->sentence_us != 0 || rcd_sentence(rcd_buf_view(&s->words), true) > 0;
	if (whole && s->sentence_us == 0)
		s->sentence_us = rcd_mono_us();
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
	if (bad)
		return rcd_fail_nomem(err);
	return whole ? rcd_speech_start(s, err) : 0;
}

void rcd_speech_cut(struct rcd_speech *s, size_t n)
{
	size_t left;

	(void)pthread_mutex_lock(&s->lock);
	left = s->words.n - s->spoken_n;
	s->words.n -= n < left ? n : left;
	(void)pthread_mutex_unlock(&s->lock);
}

int rcd_speech_write_all(struct rcd_speech *s, struct rcd_sv text, struct rcd_err *err)
{
	bool bad;

	(void)pthread_mutex_lock(&s->lock);
	rcd_buf_sv(&s->words, text);
	bad = s->words.bad;
	s->all = s->ended = true;
	s->sentence_us = rcd_mono_us();
	(void)pthread_mutex_unlock(&s->lock);
	return bad ? rcd_fail_nomem(err) : rcd_speech_start(s, err);
}

int rcd_speech_write_pcm(struct rcd_speech *s, const int16_t *pcm, size_t n, int hz,
                         struct rcd_err *err)
{
	s->writer.hz = hz;
	return rcd_voice_note_write(&s->writer, pcm, n, err);
}

void rcd_speech_end(struct rcd_speech *s)
{
	struct rcd_err err = {0};
	int ret;

	if (!s->started && s->writer.encoder != NULL) { /* the model spoke itself: there is no thread */
		ret = rcd_voice_note_finish(&s->writer, &err);
		rcd_speech_settle(s, ret, &err);
		return;
	}
	(void)pthread_mutex_lock(&s->lock);
	s->ended = true;
	if (s->sentence_us == 0)
		s->sentence_us = rcd_mono_us();
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
	if (rcd_speech_start(s, &err) != 0)
		rcd_speech_settle(s, -1, &err);
}

static void wake_waiter(void *arg)
{
	struct rcd_speech *s = arg;

	(void)pthread_mutex_lock(&s->lock);
	s->stopped = true;
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
}

/* Under the lock: the voice note, or why there is none. */
static int take_result(struct rcd_speech *s, struct rcd_voice_note *note, struct rcd_err *err)
{
	if (!s->done)
		return s->stopped ? rcd_fail(err, RCD_CANCELLED, 0,
		                             "the turn was cancelled before its voice was ready")
		                  : rcd_fail(err, RCD_TIMEOUT, 0, "the voice is still being made");
	if (s->ret == 0) {
		s->given = true;
		*note = s->writer.note;
	} else {
		*err = s->err;
	}
	return s->ret;
}

int rcd_speech_wait(struct rcd_speech *s, int64_t until, struct rcd_voice_note *note,
                    struct rcd_err *err)
{
	struct rcd_cancel_wait w;
	bool stopped = !rcd_cancel_wait_begin(&w, wake_waiter, s);
	int ret;

	(void)pthread_mutex_lock(&s->lock);
	s->stopped = s->stopped || stopped;
	while (!s->done && !s->stopped)
		if (!rcd_cond_wait(&s->changed, &s->lock, until))
			break;
	ret = take_result(s, note, err);
	(void)pthread_mutex_unlock(&s->lock);
	rcd_cancel_wait_end(&w);
	return ret;
}

bool rcd_speech_is_reported(const struct rcd_speech *s)
{
	return s->reported; /* set before done, which wait has seen under the lock */
}

struct rcd_speech *rcd_speech_drop(struct rcd_speech *s)
{
	if (s == NULL)
		return NULL;
	if (s->started) {
		rcd_cancel_set(&s->stop);
		(void)pthread_mutex_lock(&s->lock);
		s->dropped = true;
		(void)pthread_cond_broadcast(&s->changed);
		(void)pthread_mutex_unlock(&s->lock);
		(void)pthread_join(s->thread, NULL);
	} else if (!s->done) {
		rcd_speech_settle(s, -1, &(struct rcd_err){.code = RCD_CANCELLED});
	}
	if (s->done && s->ret == 0 && !s->given)
		rcd_voice_note_remove(s->env.blobs, &s->writer.note);
	rcd_cancel_free(&s->stop);
	rcd_buf_free(&s->words);
	(void)pthread_cond_destroy(&s->changed);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
	return NULL;
}
