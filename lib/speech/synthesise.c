/* The thread that turns the words of an answer into a voice note. */

#include "answer/sentence.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/thread.h"
#include "net/breaker.h"
#include "speech/reuse.h"
#include "speech/speech_int.h"
#include "speech/spoken.h"
#include "store/spend.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK (2u << 20)
#else
#define STACK (512u << 10)
#endif

/* Waits for a complete sentence, or for the rest when there are no more words, and copies it. Its
 * end depends on the words alone and not on when they arrive, so that it can be reused. *last:
 * nothing comes after it. *whole: nothing came before it either. */
static int take_sentence(struct rcd_speech *s, struct rcd_buf *out, bool *last, bool *whole)
{
	struct rcd_sv rest;
	size_t n;

	(void)pthread_mutex_lock(&s->lock);
	for (;;) {
		rest = rcd_sv_skip(rcd_buf_view(&s->words), s->spoken_n);
		n = s->all ? rest.n : rcd_sentence(rest, s->spoken_n == 0);
		if (n > 0 || s->ended || s->dropped)
			break;
		(void)pthread_cond_wait(&s->changed, &s->lock);
	}
	if (n == 0 && s->ended)
		n = rest.n;
	*last = s->dropped || (s->ended && n == rest.n);
	*whole = s->spoken_n == 0 && *last;
	rcd_buf_add(out, rest.p, n);
	s->spoken_n += n;
	(void)pthread_mutex_unlock(&s->lock);
	return out->bad ? -1 : 0;
}

/* The provider charges for what it is asked, so it is counted before the request. */
static int charge_characters(struct rcd_speech *s, struct rcd_sv text, struct rcd_err *err)
{
	const struct rcd_spend spend = {s->tenant, rcd_now_ms(), (int64_t)rcd_utf8_count(text),
	                                s->env.conf->daily_characters};
	bool first = true;

	if (!s->voice->paid || spend.most == 0 || rcd_spend(s->env.db, &spend, &first, err) == 0)
		return 0;
	s->reported = !first;
	return -1;
}

/* From the voice, unless its breaker is open. */
static int request_speech(struct rcd_speech *s, struct rcd_sv text, struct rcd_err *err)
{
	if (!s->requested && rcd_breaker_enter(s->env.breaker, s->voice->name, err) != 0)
		return -1;
	s->requested = true;
	if (s->writer.encoder == NULL) /* the note does not begin with a reused sentence */
		s->writer.note.wait_us = rcd_mono_us() - s->sentence_us;
	if (rcd_voice_note_begin(&s->writer, err) != 0 || charge_characters(s, text, err) != 0)
		return -1;
	return s->voice->speak(s->env.http, s->env.voice, text, s->deadline, rcd_voice_note_write,
	                       &s->writer, err);
}

/* One piece of the voice note: reused, or from the voice. */
static int add_text(struct rcd_speech *s, struct rcd_sv text, struct rcd_err *err)
{
	char key[RCD_SPEECH_KEY];
	bool keep = true;
	int ret;

	if (text.n == 0)
		return 0;
	if (rcd_reuse_key(&s->env, s->voice, text, key, err) != 0)
		return -1;
	ret = rcd_voice_note_reuse(&s->writer, key, &keep, err);
	if (ret != 0 && err->code == RCD_NOENT)
		ret = request_speech(s, text, err);
	if (ret != 0)
		return -1;
	return rcd_voice_note_end_piece(&s->writer, keep ? key : NULL, err);
}

/* The next sentence, in words that a voice reads correctly. */
static int add_next_sentence(struct rcd_speech *s, bool *last, struct rcd_err *err)
{
	struct rcd_buf words, text;
	bool whole;
	int ret;

	rcd_buf_init(&words, RCD_MAX_TEXT);
	rcd_buf_init(&text, RCD_MAX_SPOKEN);
	ret = take_sentence(s, &words, last, &whole);
	if (ret == 0)
		rcd_spoken(rcd_buf_view(&words), s->env.voice->language, whole, &text);
	ret = ret == 0 && !text.bad ? add_text(s, rcd_buf_view(&text), err) : rcd_fail_nomem(err);
	rcd_buf_free(&words);
	rcd_buf_free(&text);
	return ret;
}

static int synthesise_all(struct rcd_speech *s, struct rcd_err *err)
{
	bool last = false;

	while (!last)
		if (add_next_sentence(s, &last, err) != 0)
			return -1;
	if (rcd_cancel_is_set(&s->stop)) /* the words may be half an answer */
		return rcd_fail(err, RCD_CANCELLED, 0,
		                "the speech was dropped before its words were complete");
	s->writer.note.reused = !s->requested;
	return rcd_voice_note_finish(&s->writer, err);
}

void rcd_speech_settle(struct rcd_speech *s, int ret, const struct rcd_err *err)
{
	if (s->requested)
		rcd_breaker_settle(s->env.breaker, ret, err);
	rcd_voice_note_drop(&s->writer);
	(void)pthread_mutex_lock(&s->lock);
	s->ret = ret;
	s->err = *err;
	s->done = true;
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
}

static void *run_thread(void *arg)
{
	struct rcd_speech *s = arg;
	struct rcd_err err = {0};
	int ret;

	(void)rcd_cancel_under(&s->stop);
	ret = synthesise_all(s, &err);
	rcd_speech_settle(s, ret, &err);
	return NULL;
}

int rcd_speech_start(struct rcd_speech *s, struct rcd_err *err)
{
	int e;

	if (s->started)
		return 0;
	e = rcd_thread_start(&s->thread, STACK, run_thread, s);
	s->started = e == 0;
	return s->started ? 0
	                  : rcd_fail(err, RCD_NOMEM, e,
	                             "the thread that speaks the answer could not be started");
}
