#ifndef RCD_TURN_H
#define RCD_TURN_H

#include "net/breaker.h"
#include "provider/openai.h"
#include "provider/twilio.h"
#include "provider/voice.h"
#include "store/job.h"

/* The way of a message: gather, hear, recall, think, speak, send, remember. One file per
 * step; turn.c calls them in this order. */

enum rcd_voice_when {
	RCD_VOICE_ALWAYS, /* every answer is spoken too */
	RCD_VOICE_SHORT,  /* up to short_chars characters */
	RCD_VOICE_MIRROR, /* a voice note is answered by voice alone, a text by text alone */
	RCD_VOICE_NEVER,
	RCD_N_VOICE_WHEN
};
extern const char *const rcd_voice_when_name[RCD_N_VOICE_WHEN];

/* What the customer is told when something is as it is. One per language. */
enum rcd_text {
	RCD_TEXT_MEDIA_GONE, /* the attachment could not be fetched */
	RCD_TEXT_NO_SPEECH,  /* a note in which nobody speaks */
	RCD_TEXT_NOT_AUDIO,  /* said to be audio, but is not (encrypted, broken) */
	RCD_TEXT_NOT_HEARD,  /* no transcription to be had now */
	RCD_TEXT_IMAGE,
	RCD_TEXT_VIDEO,
	RCD_TEXT_DOCUMENT,
	RCD_TEXT_LOCATION,
	RCD_TEXT_STICKER,
	RCD_TEXT_CONTACT,
	RCD_TEXT_EMPTY,      /* a message with nothing in it */
	RCD_TEXT_NO_ANSWER,  /* the knowledge rung found nothing: a person will answer */
	RCD_TEXT_APOLOGY,    /* nothing else could answer */
	RCD_TEXT_VOICE_DOWN, /* put under the text when there is no voice; "" : say nothing */
	RCD_N_TEXTS
};
extern const char *const rcd_text_name[RCD_N_TEXTS]; /* "media_gone" … as in the configuration */

struct rcd_turn_conf {
	const char *public_url;    /* without a slash at the end */
	const char *state_dir;     /* inbound attachments are kept below it */
	const char *audio_dir;     /* the folder nginx serves as /static/audio/ */
	const char *persona_dir;   /* *.md in the order of their names */
	const char *text[RCD_N_TEXTS];
	enum rcd_voice_when voice_when;
	int short_chars;           /* 600 */
	int bitrate, complexity;   /* of the spoken answer */
	int keep_days;             /* a spoken answer's file */
	int history_turns;         /* how many of the last turns the model sees */
	int deadline_ms;           /* for the whole turn, waiting for providers included */
};

#endif
