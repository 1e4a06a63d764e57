#ifndef RCD_VOICE_BODY_H
#define RCD_VOICE_BODY_H

#include "audio/decode.h"
#include "base/buf.h"

/* Body of a speech response, judged by its bytes rather than its content type: 16-bit little-endian
 * PCM is streamed on. Audio in another format (MP3 played as PCM would be noise) is collected,
 * decoded and passed on whole. Anything else is refused. Inside lib/provider only. */
struct rcd_voice_body {
	const char *doing;                 /* for errors: "elevenlabs: speech" */
	const struct rcd_decoder *decoder; /* NULL: only PCM and Ogg/Opus are taken */
	int hz;                            /* of the PCM that was asked for */
	rcd_pcm_fn *fn;
	void *arg;

	/* its own */
	enum { RCD_BODY_UNKNOWN, RCD_BODY_PCM, RCD_BODY_OTHER } what;
	struct rcd_buf held; /* until it is known; of another format, all of it */
	uint8_t half;        /* the first byte of a sample whose second has not come */
	bool has_half, any;
};

/* Does the label allow sound at all? A proxy's page and a JSON error with status 200 say what they
 * are. */
bool rcd_voice_type_ok(const char *type);

/* The beginning of what should be PCM of speech: NULL, or what it is instead ("mp3", "noise" …). */
const char *rcd_voice_not_pcm(struct rcd_sv head);

/* With the first fields set and the rest zero. */
void rcd_voice_body_init(struct rcd_voice_body *b);
int rcd_voice_body_add(struct rcd_voice_body *b, const uint8_t *p, size_t n, struct rcd_err *err);
/* All has come. RCD_PROTO: nothing did, or half a sample at its end, or no sound. */
int rcd_voice_body_end(struct rcd_voice_body *b, struct rcd_err *err);
void rcd_voice_body_free(struct rcd_voice_body *b);

#endif
