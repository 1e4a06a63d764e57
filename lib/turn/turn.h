#ifndef RCD_TURN_H
#define RCD_TURN_H

#include "base/cancel.h"
#include "base/gate.h"
#include "base/words.h"
#include "knowledge/knowledge.h"
#include "knowledge/persona.h"
#include "media/media.h"
#include "memory/memory.h"
#include "net/breaker.h"
#include "policy/brake.h"
#include "policy/ceiling.h"
#include "policy/window.h"
#include "provider/blob.h"
#include "provider/openai.h"
#include "provider/openai_realtime.h"
#include "provider/twilio.h"
#include "provider/typing.h"
#include "provider/voice.h"
#include "speech/speech.h"
#include "store/job.h"
#include "tools/tools.h"

/* The way of a message: gather, hear, recall, think, speak, send, remember. One file per
 * step; turn.c calls them in this order. A turn may begin while its window is still open: then it
 * waits for the end of it before it sends (ahead.c). */

enum rcd_voice_when {
	RCD_VOICE_ALWAYS, /* every answer is spoken too */
	RCD_VOICE_SHORT,  /* up to short_chars characters */
	RCD_VOICE_MIRROR, /* a voice note is answered by voice alone, a text by text alone */
	RCD_VOICE_NEVER,
	RCD_N_VOICE_WHEN
};

/* What the customer is told when something is as it is. One per language. */
enum rcd_text {
	RCD_TEXT_MEDIA_GONE, /* the attachment could not be fetched */
	RCD_TEXT_NO_SPEECH,  /* a note in which nobody speaks */
	RCD_TEXT_NOT_AUDIO,  /* said to be audio, but is not (encrypted, broken) */
	RCD_TEXT_NOT_HEARD,  /* no transcription to be had now */
	RCD_TEXT_HOLD_ON,    /* a note takes longer to hear: the answer follows; "": say nothing */
	RCD_TEXT_IMAGE,
	RCD_TEXT_VIDEO,
	RCD_TEXT_DOCUMENT,
	RCD_TEXT_LOCATION,
	RCD_TEXT_STICKER,
	RCD_TEXT_CONTACT,
	RCD_TEXT_EMPTY,      /* a message with nothing in it */
	RCD_TEXT_NO_ANSWER,  /* the knowledge rung found nothing: a person will answer */
	RCD_TEXT_APOLOGY,    /* nothing else could answer */
	RCD_TEXT_KNOWN,      /* above what is known of who asks for it */
	RCD_TEXT_FORGET,     /* asks whether everything is to be forgotten; the answer is yes or not */
	RCD_TEXT_FORGOTTEN,  /* after the yes */
	RCD_TEXT_BY_SMS,     /* behind these by SMS: they are about SMS alone */
	RCD_TEXT_STOPPED,    /* no more messages, as was asked; how to get them again */
	RCD_TEXT_STARTED,    /* messages again */
	RCD_TEXT_NO_OFFERS,  /* no more advertising, answers go on */
	RCD_TEXT_OFFERS,     /* advertising again */
	RCD_TEXT_VOICE_DOWN, /* put under the text when there is no voice; "" : say nothing */
	RCD_N_TEXTS
};

/* The rungs of the ladder. */
enum rcd_rung_id {
	RCD_RUNG_REALTIME,
	RCD_RUNG_CHAT,
	RCD_RUNG_ASSISTANT,
	RCD_RUNG_KNOWLEDGE,
	RCD_RUNG_APOLOGY,
	RCD_N_RUNGS
};
extern const char *const rcd_rung_name[RCD_N_RUNGS];

/* What is tried, best first; knowledge and apology stand at the end of every ladder. */
struct rcd_ladder {
	size_t n;
	enum rcd_rung_id rung[RCD_N_RUNGS];
};

/* A webhook, and its own ladders for a turn of text and for one with a voice note in it. */
struct rcd_route {
	char *path;      /* "/webhook/whatsapp" */
	bool twiml;      /* reply = "twiml": answer in the webhook itself when in time */
	bool deprecated; /* works, and is logged */
	struct rcd_ladder text, audio;
};

/* How far a turn runs while its window is still open. Its answer leaves when the window closes. */
enum rcd_ahead {
	RCD_AHEAD_OFF,   /* it begins when the window closes */
	RCD_AHEAD_HEAR,  /* attachments are fetched and transcribed */
	RCD_AHEAD_THINK, /* models are asked and the answer is spoken */
	RCD_N_AHEADS
};

struct rcd_turn_conf {
	const char *public_url;  /* without a slash at the end */
	const char *media_url;   /* spoken answers are linked below it; NULL or "": below public_url */
	const char *persona_dir; /* see knowledge/persona.h */
	enum rcd_lang lang;      /* of the words that stand around a persona */
	const char *zone;        /* "America/Sao_Paulo"; NULL: UTC */
	const char *business_hours; /* as customers are told; NULL or "": not said */
	const char *text[RCD_N_TEXTS];
	enum rcd_voice_when voice_when;
	bool voice_on_request; /* whoever asks for a voice note gets one, whatever voice_when says */
	int short_chars;       /* 600 */
	struct rcd_speech_conf speech; /* of a spoken answer */
	int history_turns;             /* how many of the last turns the model sees at most, */
	int history_tokens;            /* and how long they are together, about */
	bool memory;                   /* what they leave behind is summed up */
	int deadline_ms;               /* from the last message to the first answer that leaves */
	int note_ms_per_s;             /* and as much more for each second of a voice note, */
	int hear_ms;       /* whose words are waited for as long as this: the answer follows */
	bool hold_on;      /* its sender is told so, once, when the time to hear is over */
	int late_voice_ms; /* how much longer an answer's voice may take than its text */
	const struct rcd_route *route;
	size_t n_routes;
	struct rcd_window window; /* of quiet, before an answer leaves */
	enum rcd_ahead ahead;     /* and what is done until then */
	int late_ms;              /* a message found later than this is listed, not answered */
	int reconcile_ms; /* how long a callback may still tell of a message nobody saw arrive */
	struct rcd_ceiling_conf ceiling; /* of a channel's day */
	struct rcd_brake_conf brake;     /* when a contact's messages are not answered any more */
	int cancels;                     /* how often a newer message may begin one turn anew */
	struct rcd_vision_conf vision; /* what of customers' pictures and documents a model is shown */
	bool sms_plain;                /* an answer by SMS has plain characters, and */
	int sms_segments;              /* so many segments at most */
	bool typing;                   /* tell WhatsApp that we write, when it takes longer */
};

/* A turn as it was, for whoever watches: lives until the call returns. */
struct rcd_turn_account {
	int64_t contact_id, persona_id; /* the version that was asked for it; 0: none was */
	struct rcd_sv answer; /* as the customer reads it; absent when a person is to answer */
	const char *rung;
	const json_t *steps, *why; /* the trace, and why the rungs above did not answer */
	const json_t *passages;    /* [{source, heading, page, score, similarity, text}]: in the prompt,
	                              or the answer itself */
	const json_t *calls;       /* [{name, arguments, result, ms}] of the tools, in order */
	const char *note;          /* the spoken answer's file in the audio folder; NULL: not spoken */
	bool handed_over;          /* a person answers from now on, or already did */
};

/* Whoever sits here and talks with the bot, instead of a customer far away: what is said is told as
 * it comes, and that is all its delivery. Nothing of a watched turn leaves through a provider of
 * messages. Called from the turn's own thread; each may be NULL. */
struct rcd_turn_watch {
	void *arg;
	void (*said)(void *arg, struct rcd_sv words);
	void (*unsaid)(void *arg); /* all that was said so far is taken back */
	void (*ended)(void *arg, const struct rcd_turn_account *account); /* with an answer */
};

/* What a process has for its turns; shared by all of them, safe from any thread. */
struct rcd_turn_env {
	const struct rcd_turn_conf *conf;
	const struct rcd_twilio_conf *twilio;
	const struct rcd_openai_conf *openai;
	const struct rcd_voice_conf *voice;
	struct rcd_db *db;
	struct rcd_http *http;
	struct rcd_realtime *sessions;           /* for the rung realtime; NULL: not in this process */
	struct rcd_typing_sender *typing_sender; /* NULL: nobody is told that we write */
	const struct rcd_semantic *semantic;     /* NULL: knowledge is searched by words alone */
	const struct rcd_tools *tools;           /* that a model may call; NULL: none */
	const struct rcd_extract_conf *extract;  /* of documents; NULL: none are read */
	const struct rcd_decoder *decoder;       /* of voice notes that are not Ogg/Opus; NULL: none */
	struct rcd_media_gates *gates;           /* NULL: no limit */
	const struct rcd_blob_store *blobs;      /* spoken answers and attachments */
	struct rcd_breaker *chat, *assistant, *realtime, *transcribe, *speech, *send;
	/* Something the operator should read; may be NULL. */
	void (*note)(void *arg, int64_t turn_id, const char *text);
	void *note_arg;
	const struct rcd_turn_watch *watch; /* NULL: answers go out to customers */
};

/* What of it the memory works with, and what of the settings a persona is told. */
struct rcd_memory_env rcd_turn_memory_env(const struct rcd_turn_env *env);
struct rcd_persona_conf rcd_turn_persona_conf(const struct rcd_turn_conf *conf);

/* A webhook whose response carries the answer, when that is there in time. */
struct rcd_webhook_reply {
	int64_t deadline; /* rcd_mono_ms() until which the webhook waits */
	/* 0: the answer was written to the provider, and twiml moved from. -1: nobody waits any more,
	 * or the writing failed. Called once at most. */
	int (*offer)(void *arg, struct rcd_buf *twiml);
	void *arg;
};

/* Runs the turn of a claimed job from wherever a predecessor left it to its end, and
 * finishes the job. Blocks for as long as the providers take. webhook: NULL, or one that waits for
 * the answer; when it waits no longer, the answer goes out through REST.
 * cancel: NULL, or the stop sign of a turn that a newer message of its sender begins anew;
 * it is looked at until the answer is stored, and the job then given back.
 * 0: the job is finished, or given back to answer all of it together. -1: it is still ours;
 * RCD_CANCELLED: or somebody else's now (or we are stopping); any other: try again later
 * (err->retry_after when a provider said how long). */
int rcd_turn_run(const struct rcd_turn_env *env, const struct rcd_job *job,
                 const struct rcd_webhook_reply *webhook, struct rcd_cancel *cancel,
                 struct rcd_err *err);

/* What the speech of an answer needs of env. */
struct rcd_speech_env rcd_turn_speech_env(const struct rcd_turn_env *env);

/* What the model would be told if the contact of job (tenant, key and contact_id count; 0: a
 * stranger) said this now: an array of {role, content}, the caller's. Asks nobody. */
int rcd_turn_prompt(const struct rcd_turn_env *env, const struct rcd_job *job, struct rcd_sv said,
                    json_t **out, struct rcd_err *err);

#endif
