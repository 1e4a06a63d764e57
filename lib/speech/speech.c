#include "speech/speech.h"

#include "answer/sentence.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/thread.h"
#include "base/wait.h"
#include "net/breaker.h"
#include "speech/reuse.h"
#include "speech/spoken.h"
#include "speech/voice_note.h"
#include "store/spend.h"

#include <pthread.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK (2u << 20)
#else
#define STACK (512u << 10)
#endif

struct rcd_speech {
	struct rcd_speech_env env;
	int64_t tenant;
	const struct rcd_voice_ops *voice;
	int64_t deadline;
	struct rcd_cancel stop; /* the thread works under it */
	pthread_t thread;
	bool begun;

	/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct rcd_buf words;
	size_t taken;        /* bytes of words that were, or are being, spoken */
	int64_t sentence_us; /* when the first sentence was whole; 0: not yet */
	bool all;            /* the words are all there are, and were known at once */
	bool ended, dropped, done;
	bool stopped; /* whoever waits, by the sign of their turn */
	bool given;   /* the note: its file is no longer ours */
	bool told;    /* when done: of the reason for which there is no note */
	int ret;      /* when done */
	struct rcd_err err;

	/* the thread's; without one, because the sound comes ready, the caller's */
	struct rcd_voice_note_writer made; /* its note is the caller's once done */
	bool asked;                        /* the voice, whose breaker waits to hear how it went */
};

/* --- the thread -------------------------------------------------------------------------- */

/* Waits for a whole sentence, or for the rest when there are no more words, and copies it. Where
 * it ends hangs on the words alone and not on how they come, so that it is found again.
 * *last: nothing comes after it. *whole: nothing came before it either. */
static int next_words(struct rcd_speech *s, struct rcd_buf *out, bool *last, bool *whole)
{
	struct rcd_sv rest;
	size_t n;

	(void)pthread_mutex_lock(&s->lock);
	for (;;) {
		rest = rcd_sv_skip(rcd_buf_view(&s->words), s->taken);
		n = s->all ? rest.n : rcd_sentence(rest, s->taken == 0);
		if (n > 0 || s->ended || s->dropped)
			break;
		(void)pthread_cond_wait(&s->changed, &s->lock);
	}
	if (n == 0 && s->ended)
		n = rest.n;
	*last = s->dropped || (s->ended && n == rest.n);
	*whole = s->taken == 0 && *last;
	rcd_buf_add(out, rest.p, n);
	s->taken += n;
	(void)pthread_mutex_unlock(&s->lock);
	return out->bad ? -1 : 0;
}

/* What a paid voice is asked for is paid for, whatever becomes of it. */
static int pay(struct rcd_speech *s, struct rcd_sv text, struct rcd_err *err)
{
	const struct rcd_spend spend = {s->tenant, rcd_now_ms(), (int64_t)rcd_utf8_count(text),
	                                s->env.conf->daily_characters};
	bool first = true;

	if (!s->voice->paid || spend.most == 0 || rcd_spend(s->env.db, &spend, &first, err) == 0)
		return 0;
	s->told = !first;
	return -1;
}

/* By the voice, when it is well. */
static int ask(struct rcd_speech *s, struct rcd_sv text, struct rcd_err *err)
{
	if (!s->asked && rcd_breaker_enter(s->env.breaker, s->voice->name, err) != 0)
		return -1;
	s->asked = true;
	if (s->made.encoder == NULL) /* nothing was there to begin with */
		s->made.note.wait_us = rcd_mono_us() - s->sentence_us;
	if (rcd_voice_note_begin(&s->made, err) != 0 || pay(s, text, err) != 0)
		return -1;
	return s->voice->speak(s->env.http, s->env.voice, text, s->deadline, rcd_voice_note_write,
	                       &s->made, err);
}

/* A piece of the note. */
static int say(struct rcd_speech *s, struct rcd_sv text, struct rcd_err *err)
{
	char key[RCD_SPEECH_KEY];
	bool keep = true;
	int ret;

	if (text.n == 0)
		return 0;
	if (rcd_reuse_key(&s->env, s->voice, text, key, err) != 0)
		return -1;
	ret = rcd_voice_note_reuse(&s->made, key, &keep, err);
	if (ret != 0 && err->code == RCD_NOENT)
		ret = ask(s, text, err);
	return ret == 0 ? rcd_voice_note_end_piece(&s->made, keep ? key : NULL, err) : -1;
}

/* The next sentence, as it is said. */
static int say_next(struct rcd_speech *s, bool *last, struct rcd_err *err)
{
	struct rcd_buf words, text;
	bool whole;
	int ret;

	rcd_buf_init(&words, RCD_MAX_TEXT);
	rcd_buf_init(&text, RCD_MAX_SPOKEN);
	ret = next_words(s, &words, last, &whole);
	if (ret == 0)
		rcd_spoken(rcd_buf_view(&words), s->env.voice->language, whole, &text);
	ret = ret == 0 && !text.bad ? say(s, rcd_buf_view(&text), err) : rcd_fail_nomem(err);
	rcd_buf_free(&words);
	rcd_buf_free(&text);
	return ret;
}

static int speak_all(struct rcd_speech *s, struct rcd_err *err)
{
	bool last = false;

	while (!last)
		if (say_next(s, &last, err) != 0)
			return -1;
	if (rcd_cancel_is_set(&s->stop)) /* half an answer */
		return rcd_fail(err, RCD_CANCELLED, 0, "nobody waits for it any more");
	s->made.note.reused = !s->asked;
	return rcd_voice_note_finish(&s->made, err);
}

static void settle(struct rcd_speech *s, int ret, const struct rcd_err *err)
{
	if (s->asked)
		rcd_breaker_settle(s->env.breaker, ret, err);
	rcd_voice_note_drop(&s->made);
	(void)pthread_mutex_lock(&s->lock);
	s->ret = ret;
	s->err = *err;
	s->done = true;
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
}

static void *run(void *arg)
{
	struct rcd_speech *s = arg;
	struct rcd_err err = {0};
	int ret;

	(void)rcd_cancel_under(&s->stop);
	ret = speak_all(s, &err);
	settle(s, ret, &err);
	return NULL;
}

/* --- the caller's side ------------------------------------------------------------------- */

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
	rcd_voice_note_init(&s->made, &s->env, tenant, s->voice->hz, deadline);
	rcd_buf_init(&s->words, RCD_MAX_TEXT);
	rcd_cancel_init(&s->stop);
	(void)pthread_mutex_init(&s->lock, NULL);
	rcd_cond_init(&s->changed);
	*out = s;
	return 0;
}

static int begin(struct rcd_speech *s, struct rcd_err *err)
{
	int e;

	if (s->begun)
		return 0;
	e = rcd_thread_start(&s->thread, STACK, run, s);
	s->begun = e == 0;
	return s->begun ? 0 : rcd_fail(err, RCD_NOMEM, e, "no thread to speak in");
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
	return whole ? begin(s, err) : 0;
}

void rcd_speech_cut(struct rcd_speech *s, size_t n)
{
	size_t left;

	(void)pthread_mutex_lock(&s->lock);
	left = s->words.n - s->taken;
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
	return bad ? rcd_fail_nomem(err) : begin(s, err);
}

int rcd_speech_write_pcm(struct rcd_speech *s, const int16_t *pcm, size_t n, int hz,
                         struct rcd_err *err)
{
	s->made.hz = hz;
	return rcd_voice_note_write(&s->made, pcm, n, err);
}

void rcd_speech_end(struct rcd_speech *s)
{
	struct rcd_err err = {0};
	int ret;

	if (!s->begun && s->made.encoder != NULL) { /* the sound came ready */
		ret = rcd_voice_note_finish(&s->made, &err);
		settle(s, ret, &err);
		return;
	}
	(void)pthread_mutex_lock(&s->lock);
	s->ended = true;
	if (s->sentence_us == 0)
		s->sentence_us = rcd_mono_us();
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
	if (begin(s, &err) != 0)
		settle(s, -1, &err);
}

static void wake_waiter(void *arg)
{
	struct rcd_speech *s = arg;

	(void)pthread_mutex_lock(&s->lock);
	s->stopped = true;
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
}

/* Under the lock: the note, or why there is none. */
static int take_note(struct rcd_speech *s, struct rcd_voice_note *note, struct rcd_err *err)
{
	if (!s->done)
		return s->stopped ? rcd_fail(err, RCD_CANCELLED, 0, "nobody waits for the voice any more")
		                  : rcd_fail(err, RCD_TIMEOUT, 0, "the voice is still being made");
	if (s->ret == 0) {
		s->given = true;
		*note = s->made.note;
	} else if (err != NULL) {
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
	ret = take_note(s, note, err);
	(void)pthread_mutex_unlock(&s->lock);
	rcd_cancel_wait_end(&w);
	return ret;
}

bool rcd_speech_is_reported(const struct rcd_speech *s)
{
	return s->told; /* set before done, which wait has seen under the lock */
}

struct rcd_speech *rcd_speech_drop(struct rcd_speech *s)
{
	if (s == NULL)
		return NULL;
	if (s->begun) {
		rcd_cancel_set(&s->stop);
		(void)pthread_mutex_lock(&s->lock);
		s->dropped = true;
		(void)pthread_cond_broadcast(&s->changed);
		(void)pthread_mutex_unlock(&s->lock);
		(void)pthread_join(s->thread, NULL);
	} else if (!s->done) {
		settle(s, -1, &(struct rcd_err){.code = RCD_CANCELLED});
	}
	if (s->done && s->ret == 0 && !s->given)
		rcd_voice_note_remove(s->env.blobs, &s->made.note);
	rcd_cancel_free(&s->stop);
	rcd_buf_free(&s->words);
	(void)pthread_cond_destroy(&s->changed);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
	return NULL;
}
