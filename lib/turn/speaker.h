#ifndef RCD_SPEAKER_H
#define RCD_SPEAKER_H

#include "turn/voicenote.h"

/* Speaks an answer while it is still being written: takes words, and turns whole sentences
 * into one voice note on a thread of its own. A sentence that the same voice spoke in a note that
 * is still kept is taken from there and costs nothing. The file appears whole or not at all. */

struct rcd_speaker;

/* Nothing is asked of anybody before the first sentence is complete. deadline: for the note. */
int rcd_speaker_open(struct rcd_speaker **out, const struct rcd_turn_env *env, int64_t tenant,
                     int64_t deadline, struct rcd_err *err);
/* More words; never blocks. */
int rcd_speaker_words(struct rcd_speaker *s, struct rcd_sv words, struct rcd_err *err);
/* Takes the last n bytes of the words back, those of them that nothing is spoken of yet. A cut that
 * leaves whole sentences (rcd_sentence_last) comes in time for all of them. */
void rcd_speaker_cut(struct rcd_speaker *s, size_t n);
/* All the words there are, instead of words and end: they are spoken at one go. */
int rcd_speaker_all(struct rcd_speaker *s, struct rcd_sv text, struct rcd_err *err);
/* Speech of a provider that answers by voice itself, instead of words: mono, all at one hz.
 * Blocks for the encoder alone. */
int rcd_speaker_sound(struct rcd_speaker *s, const int16_t *pcm, size_t n, int hz,
                      struct rcd_err *err);
/* There is no more. */
void rcd_speaker_end(struct rcd_speaker *s);
/* After end: waits for the note until until (rcd_mono_ms()). 0: it is there. RCD_TIMEOUT: it
 * is still being made, ask again or drop. RCD_CANCELLED: that, or the caller's sign was set. Any
 * other: there will be none. */
int rcd_speaker_wait(struct rcd_speaker *s, int64_t until, struct rcd_note *note,
                     struct rcd_err *err);
/* After wait failed: was the operator told of the reason already, today? */
bool rcd_speaker_told(const struct rcd_speaker *s);
/* Gives up what is not finished and frees. NULL-safe, returns NULL. A note that wait has given
 * stays, one that nobody has asked for is removed. */
struct rcd_speaker *rcd_speaker_drop(struct rcd_speaker *s);

#endif
