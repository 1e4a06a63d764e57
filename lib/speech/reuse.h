#ifndef RCD_REUSE_H
#define RCD_REUSE_H

#include "base/buf.h"
#include "provider/voice.h"
#include "speech/speech.h"

/* The reuse of spoken sentences: the same words in the same voice are copied, as long as the voice
 * note in which they were spoken is kept. */

/* The voice note that was read last: sentences of one answer often come from one other. */
struct rcd_reuse_source {
	char name[64];
	struct rcd_buf bytes; /* rcd_buf_init() with RCD_MAX_MEDIA */
};

/* The key of spoken (what rcd_spoken() made) as this voice says it. RCD_NOMEM. */
int rcd_reuse_key(const struct rcd_speech_env *env, const struct rcd_voice_ops *voice,
                  struct rcd_sv spoken, char key[RCD_SPEECH_KEY], struct rcd_err *err);
/* Where key was spoken, and that voice note in *source. RCD_NOENT when it was not, or the file is
 * gone. Blocks for the media, up to the deadline. */
int rcd_reuse_find(const struct rcd_speech_env *env, int64_t tenant, const char *key,
                   int64_t deadline, struct rcd_reuse_source *source, struct rcd_media_found *at,
                   struct rcd_err *err);

#endif
