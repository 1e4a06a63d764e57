#ifndef RCD_SPEECH_INT_H
#define RCD_SPEECH_INT_H

#include "base/cancel.h"
#include "speech/voice_note.h"

#include <pthread.h>

/* The speech of an answer, inside: its caller writes words (speech.c), its thread takes them
 * sentence by sentence and writes the voice note (synthesise.c). */

struct rcd_speech {
	struct rcd_speech_env env;
	int64_t tenant;
	const struct rcd_voice_ops *voice;
	int64_t deadline;
	struct rcd_cancel stop; /* cancels the thread's requests */
	pthread_t thread;
	bool started; /* the thread was */

	/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct rcd_buf words;
	size_t spoken_n;     /* bytes of words that were, or are being, spoken */
	int64_t sentence_us; /* when the first sentence was complete; 0: not yet */
	bool all;            /* the words are all there are, and were known at once */
	bool ended, dropped, done;
	bool stopped;  /* rcd_speech_wait, by its caller's cancel */
	bool given;    /* the voice note: its file is no longer ours */
	bool reported; /* when done: the reason for which there is none was, earlier today */
	int ret;       /* when done */
	struct rcd_err err;

	/* the thread's; without one, when the model speaks itself, the caller's */
	struct rcd_voice_note_writer writer; /* its note is the caller's once done */
	bool requested; /* of the voice: its breaker was entered and is to be settled */
};

/* Starts the thread unless it was started before. RCD_NOMEM. */
int rcd_speech_start(struct rcd_speech *s, struct rcd_err *err);
/* Ends the speech: there is a voice note (ret 0), or err says why not. */
void rcd_speech_settle(struct rcd_speech *s, int ret, const struct rcd_err *err);

#endif
