#ifndef RCD_MEDIA_ROOM_H
#define RCD_MEDIA_ROOM_H

#include "answer/caption.h"
#include "audio/decode.h"
#include "base/gate.h"
#include "base/json.h"
#include "base/words.h"
#include "knowledge/extract.h"
#include "net/breaker.h"
#include "provider/blob.h"
#include "provider/openai.h"
#include "provider/twilio.h"
#include "store/inbox.h"

/* From the messages and attachments of a customer to words, and to what a model is shown: an
 * attachment is fetched, told apart by its bytes, and then decoded and transcribed, shown, read or
 * merely kept. What it is about, and who answers, is not known here. */

/* How many attachments a process works on at once: memory and processor time have a bound that does
 * not depend on how many customers send at the same time. Ogg/Opus has a gate of its own, so that
 * phones' notes do not queue behind files of other kinds. */
struct rcd_media_gates {
	struct rcd_gate large; /* attachments over RCD_MAX_SMALL_MEDIA, from the fetch to the words */
	struct rcd_gate opus;  /* decoded in this process */
	struct rcd_gate decoders;   /* runs of recado-decode */
	struct rcd_gate extractors; /* runs of recado-extract for customers */
	_Atomic int64_t live_bytes; /* of samples that sessions hear now: RCD_MAX_LIVE_BYTES */
};
void rcd_media_gates_init(struct rcd_media_gates *g);
void rcd_media_gates_free(struct rcd_media_gates *g);

struct rcd_vision_conf {
	int images;         /* of one turn at most; 0: none are shown */
	int max_bytes;      /* of one of them */
	int document_chars; /* of the text of a turn's documents together; 0: they are not read */
};

/* What a customer is told in the place of an answer when nothing could be understood. */
enum rcd_notice {
	RCD_NOTICE_NONE,
	RCD_NOTICE_MEDIA_GONE, /* the attachment could not be fetched */
	RCD_NOTICE_NO_SPEECH,  /* a voice note in which nobody speaks */
	RCD_NOTICE_NOT_AUDIO,  /* declared as audio, but it is not (encrypted, broken) */
	RCD_NOTICE_NOT_HEARD,  /* no transcription could be had */
	RCD_NOTICE_IMAGE,
	RCD_NOTICE_VIDEO,
	RCD_NOTICE_DOCUMENT,
	RCD_NOTICE_LOCATION,
	RCD_NOTICE_STICKER,
	RCD_NOTICE_CONTACT,
	RCD_NOTICE_EMPTY, /* a message with nothing in it */
	RCD_N_NOTICES
};

/* Percent of a turn's time in which attachments are to become words; the rest is for the answer. */
#define RCD_HEAR_SHARE 55

/* What came of the messages. */
struct rcd_received {
	struct rcd_buf customer_text; /* what the model is told and the history shows: what the customer
	                                 wrote and said, one line a message, and in brackets what came
	                                 beside it */
	struct rcd_buf own_words;     /* of it, the customer's own words alone: for rules */
	size_t own_words_end[RCD_MAX_TURN_MESSAGES]; /* where each message's words end in there */
	struct rcd_buf transcript;                   /* the spoken part alone */
	struct rcd_buf unsent_text; /* of customer_text: what no session has been given */
	bool has_voice_note;
	bool has_words;         /* customer_text holds words, not only marks such as "[imagem]" */
	bool has_shown;         /* there is something beside words that a model answers */
	json_t *pictures;       /* "data:…" each, for the model; NULL: none */
	size_t picture_bytes;   /* of those, as they came */
	size_t n_picture_marks; /* how often customer_text has the mark of a picture, and */
	size_t picture_mark[RCD_MAX_PICTURES]; /* which of them is whose */
	struct rcd_buf document_text;          /* of documents, quoted line by line */
	size_t document_chars;                 /* in there */
	size_t n_documents;
	enum rcd_notice notice;         /* NONE where a model answers */
	enum rcd_notice unshown_notice; /* where has_shown is all, and no model could be shown it */
};
void rcd_received_init(struct rcd_received *h);
void rcd_received_free(struct rcd_received *h);
/* The customer's own words as far as rules read them: the last RCD_MAX_SAID bytes. */
struct rcd_sv rcd_received_own_words(const struct rcd_received *h);

/* What the turn decides or does while its messages are heard. All are called from the caller's
 * thread. */
struct rcd_media_turn {
	/* A line for the operator, and a figure for the trace. */
	void (*log)(void *arg, const char *text);
	void (*figure)(void *arg, const char *key, int64_t value);
	/* Is a voice note not worth hearing, since it is not answered whatever it says? */
	int (*spares_note)(void *arg, bool *yes, struct rcd_err *err);
	/* Will a realtime session hear the next note (at RCD_REALTIME_HZ)? And the hearing itself. */
	bool (*hears_live)(void *arg);
	int (*hear_live)(void *arg, const struct rcd_pcm *pcm, struct rcd_buf *text,
	                 struct rcd_err *err);
	/* Around the wait for a note's words: the customer may be told that it takes longer. */
	void (*begin_wait)(void *arg);
	void (*end_wait)(void *arg);
};

/* What one turn hears its messages with. */
struct rcd_media {
	struct rcd_db *db;
	struct rcd_http *http;
	const struct rcd_twilio_conf *twilio;
	const struct rcd_openai_conf *openai;
	const struct rcd_extract_conf *extract; /* of documents; NULL: none are read */
	const struct rcd_decoder *decoder;      /* of notes that are not Ogg/Opus; NULL: none */
	struct rcd_media_gates *gates;          /* NULL: no limit */
	const struct rcd_blob_store *blobs;     /* attachments are kept here */
	struct rcd_breaker *transcribe;

	const struct rcd_vision_conf *vision;
	enum rcd_lang lang;
	int deadline_ms, note_ms_per_s, hear_ms; /* see struct rcd_turn_conf */

	int64_t tenant, contact_id;
	bool silent;       /* the messages are not answered */
	bool models_spent; /* the channel's model calls of the day are */
	bool sees;         /* a model that is shown pictures may answer */

	int64_t *deadline; /* of the turn, rcd_mono_ms(); both move by what takes long here */
	int64_t *hear_by;  /* a part of it: the rest is for the answer */
	int64_t *requests; /* to models: counted up */

	const struct rcd_media_turn *turn;
	void *arg; /* of its functions */
};

/* Hears n messages in order. -1: RCD_NOMEM, RCD_CANCELLED, or the store failed; an attachment that
 * cannot be understood is answered by a notice and fails nothing. */
int rcd_media_hear(const struct rcd_media *m, const struct rcd_inbox_row *row,
                   const struct rcd_twilio_msg *msg, size_t n, struct rcd_received *h,
                   struct rcd_err *err);

/* What a model is asked along with pictures, as struct rcd_openai_ask has it; NULL when memory is
 * short. */
json_t *rcd_pictures_ask(const struct rcd_received *h, enum rcd_lang lang);
/* The customer's text with what the model saw in the place of each picture's mark, appended to
 * out. */
int rcd_pictures_describe(const struct rcd_received *h, const struct rcd_captions *captions,
                          enum rcd_lang lang, struct rcd_buf *out, struct rcd_err *err);
/* What the model is told of document_text. */
const char *rcd_documents_rule(enum rcd_lang lang);

#endif
