#ifndef RCD_VOICE_H
#define RCD_VOICE_H

#include "audio/decode.h"
#include "base/secret.h"
#include "net/http.h"

/* Text-to-speech drivers, chosen by the configuration. */

struct rcd_voice_conf {
	const char *base_url; /* ElevenLabs' origin */
	struct rcd_secret key;
	const char *voice_id, *model;
	double stability, similarity, style, speed;
	bool speaker_boost;
	const char *language;        /* "pt": sent to the models that take it */
	const char *offline_voice;   /* espeak-ng's, "pt-br" */
	const char *offline_program; /* "espeak-ng", found in PATH */
	const struct rcd_decoder
		*decoder; /* of what is not the PCM that was asked for; NULL: refused */
};

struct rcd_voice_ops {
	const char *name; /* "elevenlabs", "offline" */
	int hz;           /* of what it gives */
	bool paid;        /* by the character */
	/* Speaks text (UTF-8) into fn as it arrives; blocks until all has come. A stream that is
	 * cut short is a failure. RCD_DENIED, RCD_DOWN, RCD_TIMEOUT, RCD_PROTO as elsewhere. */
	int (*speak)(struct rcd_http *http, const struct rcd_voice_conf *conf, struct rcd_sv text,
	             int64_t deadline, rcd_pcm_fn *fn, void *arg, struct rcd_err *err);
};

extern const struct rcd_voice_ops rcd_voice_elevenlabs; /* POST …/stream, PCM */
extern const struct rcd_voice_ops rcd_voice_offline;    /* espeak-ng as a separate process */

/* All settings that affect the sound, as one line for a cache key. */
void rcd_voice_line(const struct rcd_voice_ops *ops, const struct rcd_voice_conf *conf,
                    struct rcd_buf *out);
/* ElevenLabs when there is a key and a voice, else offline. */
const struct rcd_voice_ops *rcd_voice_pick(const struct rcd_voice_conf *conf);

#endif
