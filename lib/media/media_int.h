#ifndef RCD_MEDIA_INT_H
#define RCD_MEDIA_INT_H

#include "media/media.h"
#include "media/texts.h"
#include "provider/twilio_context.h"

/* One attachment of a message. */
struct rcd_attachment {
	int64_t inbox_id, received_ms; /* of the message */
	int part;                      /* its number there */
	struct rcd_sv url, declared;   /* the type that the provider gave */
};

/* --- what came of it (received.c) ------------------------------------------------------------ */

/* The first thing that cannot be understood decides what is asked; words, if there are any, are
 * answered instead. */
void rcd_received_notice(struct rcd_received *h, enum rcd_notice notice);
/* A line of the customer's own words, and nothing in it that looks like what we put beside them. */
void rcd_received_words(struct rcd_received *h, struct rcd_sv words);
/* The words of a voice note; blank: nobody spoke. live: the session that answers has heard it. */
void rcd_received_transcript(struct rcd_received *h, struct rcd_sv text, bool live);
/* A line that stands beside the words. */
void rcd_received_beside(struct rcd_received *h, struct rcd_sv text);
/* "[imagem]" in the place of an attachment. */
void rcd_received_mark(struct rcd_received *h, const char *text);

/* --- the turn's time and gates (gates.c) --------------------------------------------------- */

void rcd_media_log(const struct rcd_media *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void rcd_media_figure(const struct rcd_media *m, const char *key, int64_t value);
void rcd_media_extend(const struct rcd_media *m, int64_t ms);
/* What has not come by then is not given up: the words would be paid for and the customer asked to
 * write them. The turn goes on when they come. */
int64_t rcd_media_wait_until(const struct rcd_media *m);
/* Waits for room in gate (NULL: none is needed); RCD_BUSY when it takes too long. The turn is
 * extended by the time in the queue. */
int rcd_media_enter_gate(const struct rcd_media *m, struct rcd_gate *gate, struct rcd_err *err);
/* Will a model answer that may be shown attachments? */
bool rcd_media_has_model(const struct rcd_media *m);

/* --- one attachment ------------------------------------------------------------------------ */

int rcd_attachment_hear(const struct rcd_media *m, const struct rcd_attachment *a,
                        struct rcd_received *h, struct rcd_err *err);
/* Its bytes and type from where the provider keeps it; a picture that this turn kept before it
 * began anew is read from there. *gate: to be left when the bytes are gone; untouched: none. */
int rcd_attachment_fetch(const struct rcd_media *m, const struct rcd_attachment *a,
                         struct rcd_buf *bytes, char type[96], struct rcd_gate **gate,
                         struct rcd_err *err);
/* Keeps the bytes and a row for them. */
int rcd_attachment_keep(const struct rcd_media *m, const struct rcd_attachment *a,
                        enum rcd_kind kind, struct rcd_sv type, struct rcd_sv bytes,
                        struct rcd_err *err);
/* The bytes, where this turn kept them before it began anew. RCD_NOENT: it did not. */
int rcd_attachment_kept(const struct rcd_media *m, const struct rcd_attachment *a,
                        struct rcd_buf *bytes, struct rcd_err *err);

int rcd_voice_note_hear(const struct rcd_media *m, const struct rcd_attachment *a,
                        struct rcd_sv bytes, enum rcd_kind kind, struct rcd_received *h,
                        struct rcd_err *err);
/* *known: this turn had heard it before it began anew, and it is not paid for a second time. */
int rcd_voice_note_recall(const struct rcd_media *m, const struct rcd_attachment *a,
                          struct rcd_received *h, bool *known, struct rcd_err *err);
/* A note's words from the transcription service. */
int rcd_transcribe(const struct rcd_media *m, struct rcd_sv bytes, enum rcd_kind kind,
                   struct rcd_buf *text, struct rcd_err *err);

/* Adds a picture to those that the model is shown; false: no model sees it, or it is too large,
 * broken or one too many. -1: RCD_NOMEM. */
int rcd_picture_show(const struct rcd_media *m, struct rcd_sv bytes, struct rcd_received *h,
                     bool *shown, struct rcd_err *err);

/* Reads a document: its mark into customer_text, its text into document_text. told: that was done,
 * or what is wrong with it was said; else it is answered as the kind that it is. */
int rcd_document_hear(const struct rcd_media *m, const struct rcd_attachment *a,
                      struct rcd_sv bytes, struct rcd_sv type, struct rcd_received *h, bool *told,
                      struct rcd_err *err);
/* The same of one that this turn had read before it began anew. */
int rcd_document_recall(const struct rcd_media *m, const struct rcd_attachment *a,
                        struct rcd_received *h, bool *told, struct rcd_err *err);

/* --- beside the words (beside.c) ------------------------------------------------------------ */

/* Appends what the provider tells beside a message's words, a line in brackets each. *asks: it is
 * something to answer also without words. */
int rcd_beside_put(const struct rcd_media *m, const struct rcd_twilio_msg *msg, struct rcd_buf *out,
                   bool *asks, struct rcd_err *err);
/* The same of a contact card; false when it names nobody. */
bool rcd_beside_put_card(const struct rcd_media *m, struct rcd_sv vcard, struct rcd_buf *out);

#endif
