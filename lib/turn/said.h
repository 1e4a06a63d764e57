#ifndef RCD_SAID_H
#define RCD_SAID_H

#include "turn/speaker.h"

/* Spoken answers that are used again: the same words in the same voice, as long as the file of
 * the first is kept. */

/* The key of text (what was written, before it is put into words) as this voice says it.
 * RCD_NOMEM. */
int rcd_said_key(const struct rcd_turn_env *env, const struct rcd_voice_ops *voice, struct rcd_sv text,
                 char key[RCD_MEDIA_SAID], struct rcd_err *err);
/* A copy, under a name of its own, of a note with note->said as its key: the rest of *note.
 * RCD_NOENT when there is none. Blocks for the media, up to the deadline. */
int rcd_said_again(const struct rcd_turn_env *env, int64_t tenant, int64_t deadline, struct rcd_note *note,
                   struct rcd_err *err);
/* A name for a note's file, and its key. */
void rcd_note_name(struct rcd_note *note, char key[RCD_BLOB_KEY]);

#endif
