#ifndef RCD_SAID_H
#define RCD_SAID_H

#include "store/media.h"
#include "turn/turn.h"

/* What was spoken is used again: the same words in the same voice, as long as the note is kept in
 * which they were. */

/* The note that was read last: sentences of one answer often come from one other. */
struct rcd_said_note {
	char name[64];
	struct rcd_buf bytes; /* rcd_buf_init() with RCD_MAX_MEDIA */
};

/* The key of spoken (what rcd_spoken() made) as this voice says it. RCD_NOMEM. */
int rcd_said_key(const struct rcd_turn_env *env, const struct rcd_voice_ops *voice,
                 struct rcd_sv spoken, char key[RCD_MEDIA_SAID], struct rcd_err *err);
/* Where key was spoken, and that note in *note. RCD_NOENT when it was not, or the note is gone.
 * Blocks for the media, up to the deadline. */
int rcd_said_find(const struct rcd_turn_env *env, int64_t tenant, const char *key, int64_t deadline,
                  struct rcd_said_note *note, struct rcd_media_found *at, struct rcd_err *err);

#endif
