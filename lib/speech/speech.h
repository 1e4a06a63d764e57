#ifndef RCD_SPEECH_H
#define RCD_SPEECH_H

#include "base/sv.h"
#include "store/media.h"

/* From text to sound: the speech of one answer, synthesised on a thread of its own while the answer
 * is still being written, into one voice note. Whole sentences go to the voice as they are
 * complete. A sentence that the same voice spoke in a voice note that is still kept is copied from
 * there and costs nothing. The file appears whole or not at all. */

struct rcd_blob_store;
struct rcd_breaker;
struct rcd_http;
struct rcd_voice_conf;

struct rcd_speech_conf {
	int bitrate, complexity; /* of the Opus encoder */
	int keep_days;           /* how long a voice note's file is kept */
	int daily_characters;    /* that a paid voice may speak in a day (UTC); 0: unlimited */
};

/* What the speech of an answer works with; copied when one is opened, what it points to is not. */
struct rcd_speech_env {
	const struct rcd_speech_conf *conf;
	const struct rcd_voice_conf *voice;
	struct rcd_db *db;
	struct rcd_http *http;
	const struct rcd_blob_store *blobs;
	struct rcd_breaker *breaker; /* of the voice */
};

#define RCD_VOICE_NOTE_PIECES 32 /* that are used again; an answer may have more */

/* A voice note that was made. */
struct rcd_voice_note {
	char file[48]; /* name in the audio folder */
	int64_t bytes, ms;
	int64_t tail_us;  /* from the last sample of speech to the finished file */
	int64_t first_us; /* rcd_mono_us() of the first sample; 0: none was made */
	int64_t wait_us;  /* from the end of the first sentence to the first request for speech */
	struct rcd_speech_piece piece[RCD_VOICE_NOTE_PIECES]; /* its sentences, to be used again */
	size_t n_pieces;
	bool reused; /* all of it was spoken before: nothing was asked of the voice */
};

/* Removes the file of a voice note that is not sent. What cannot be removed now is found by upkeep.
 */
void rcd_voice_note_remove(const struct rcd_blob_store *blobs, const struct rcd_voice_note *note);

struct rcd_speech;

/* Nothing is asked of anybody before the first sentence is complete. deadline: for the file. */
int rcd_speech_open(struct rcd_speech **out, const struct rcd_speech_env *env, int64_t tenant,
                    int64_t deadline, struct rcd_err *err);
/* More words; never blocks. */
int rcd_speech_write(struct rcd_speech *s, struct rcd_sv words, struct rcd_err *err);
/* Takes the last n bytes of the words back, as far as they are not being spoken yet. A cut that
 * leaves whole sentences (rcd_sentence_last) comes in time for all of them. */
void rcd_speech_cut(struct rcd_speech *s, size_t n);
/* All the words there are, instead of write and end: they are spoken in one request. */
int rcd_speech_write_all(struct rcd_speech *s, struct rcd_sv text, struct rcd_err *err);
/* Speech of a model that answers by voice itself, instead of words: mono, all at one hz. Blocks for
 * the encoder alone. */
int rcd_speech_write_pcm(struct rcd_speech *s, const int16_t *pcm, size_t n, int hz,
                         struct rcd_err *err);
/* There is no more. */
void rcd_speech_end(struct rcd_speech *s);
/* After end: waits for the voice note until until (rcd_mono_ms()). 0: it is there. RCD_TIMEOUT: it
 * is still being made, ask again or drop. RCD_CANCELLED: dropped, or the caller's rcd_cancel_mine()
 * was set. Any other: there will be none. */
int rcd_speech_wait(struct rcd_speech *s, int64_t until, struct rcd_voice_note *note,
                    struct rcd_err *err);
/* After wait failed: was the operator told of the same reason before, today? */
bool rcd_speech_is_reported(const struct rcd_speech *s);
/* Cancels what is not finished and frees. NULL-safe, returns NULL. A voice note that wait has given
 * stays, another is removed. */
struct rcd_speech *rcd_speech_drop(struct rcd_speech *s);

#endif
