#ifndef RCD_TWILIO_H
#define RCD_TWILIO_H

#include "base/address.h"
#include "base/limits.h"
#include "base/secret.h"
#include "net/form.h"
#include "net/http.h"
#include "store/outbox.h"

/* Client of Twilio Messaging: webhooks, sending, media. */

struct rcd_twilio_conf {
	const char *base_url; /* origin; default https://api.twilio.com */
	bool base_url_set;    /* then it stands for every Twilio host, and is the only media origin */
	const char *account_sid;
	struct rcd_secret token;
	const char *number;          /* "+14155238886", normalised */
	const char *const *cdn;      /* host suffixes a media redirect may lead to, NULL-terminated */
	const char *status_callback; /* URL without the key, NULL: none is asked for */
};

/* "+5511…", "whatsapp:+5511…", "5511…" → "+5511…" in out. RCD_INVAL otherwise. */
int rcd_twilio_number(struct rcd_sv v, char out[RCD_MAX_ADDRESS + 1], struct rcd_err *err);

/* A message out of its form; every view points into the form. */
struct rcd_twilio_msg {
	struct rcd_sv sid;      /* MessageSid */
	struct rcd_sv from, to; /* as they came: "whatsapp:+55…", "+55…", "whatsapp:BR.…" */
	struct rcd_sv body, profile_name;
	char phone[RCD_MAX_ADDRESS + 1]; /* "+55…", "" when withheld */
	char bsuid[RCD_MAX_ADDRESS + 1]; /* "BR.…", "" when not told */
	char other[RCD_MAX_ADDRESS + 1]; /* From, when neither is known: "messenger:1234", "28811" */
	enum rcd_address_kind from_kind;
	bool whatsapp;
	int n_media;
	struct {
		struct rcd_sv url, type;
	} media[RCD_MAX_MEDIA_COUNT];
	/* the fields of rcd_twilio_fields that are read, absent where they were not sent */
	struct rcd_sv latitude, longitude, label, address;
	struct rcd_sv button, button_payload, list_title, list_id, list_description;
	struct rcd_sv interactive, flow; /* JSON */
	struct rcd_sv quoted_sid, quoted_sender;
	struct rcd_sv forwarded, often_forwarded; /* "true", "false" */
	struct rcd_sv referral_headline, referral_body, referral_type, referral_id, referral_click;
	struct rcd_sv message_type; /* "text", "audio", "sticker", "contacts" … */
	struct rcd_sv opt_out; /* OptOutType: "STOP", "START", "HELP"; Twilio has answered it itself */
};

/* RCD_PROTO when MessageSid, From or To is missing, doubled or overlong. */
int rcd_twilio_parse(const struct rcd_form *form, struct rcd_twilio_msg *out, struct rcd_err *err);
/* The address a contact's turns are keyed by: "whatsapp:" + bsuid when told, else From. */
int rcd_twilio_sender(const struct rcd_form *form, char out[RCD_MAX_ADDRESS + 1],
                      struct rcd_err *err);

/* Is it our own message, delivered to us (a loop between two of our numbers, a test)? own: our
 * number,
 * "" when not configured. */
bool rcd_twilio_is_own(const struct rcd_twilio_msg *m, const char *own);
/* Has it an attachment that is declared as audio, most likely a voice note? */
bool rcd_twilio_has_audio(const struct rcd_twilio_msg *m);

struct rcd_twilio_send {
	const char *from, *to;
	const char *body;      /* NULL for an audio message */
	const char *media_url; /* NULL for a text */
	const char *key;       /* our own, 32 hex: travels in StatusCallback when there is one */
	int64_t begin_by; /* after this rcd_mono_ms() it does not leave any more (AGAIN); 0: ever */
};

enum rcd_sent { RCD_SENT_ACCEPTED, RCD_SENT_REJECTED, RCD_SENT_AGAIN, RCD_SENT_UNKNOWN };

/* POST …/Messages.json. *what is the outcome: ACCEPTED (sid filled), REJECTED (a
 * 4xx; err has the vendor code), AGAIN (not sent, or 429: safe to repeat after
 * err->retry_after), UNKNOWN (it may have been accepted: look before sending again).
 * Returns 0 for ACCEPTED, else -1 with err filled. */
int rcd_twilio_send(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                    const struct rcd_twilio_send *msg, int64_t deadline, enum rcd_sent *what,
                    char sid[64], struct rcd_err *err);

/* Action for an error code of a response or a status callback. */
enum rcd_policy_do {
	RCD_POLICY_RETRY,     /* soon */
	RCD_POLICY_LATER,     /* not before wait_s */
	RCD_POLICY_DEAD,      /* never: a repetition fails the same way */
	RCD_POLICY_OPTED_OUT, /* nor anything else to this customer */
	RCD_POLICY_FIX        /* the operator has to mend something first */
};
struct rcd_policy {
	int code;
	enum rcd_policy_do act;
	int wait_s;
	const char *why; /* English, for the operator */
};
const struct rcd_policy *rcd_twilio_policy(int code); /* never NULL */

/* Tells whether a listed message is known to be another one of ours; when it fails, so does the
 * search, since a message of somebody else's must not settle ours. */
typedef int rcd_sid_fn(void *arg, const char *sid, struct rcd_sv body, bool *is_another,
                       struct rcd_err *err);

/* An outbound message to look for in the account's list. */
struct rcd_twilio_query {
	const char *from; /* NULL: from any address */
	const char *to;
	const char *body; /* its text; NULL: one attachment without text, or */
	bool anything;    /* whatever it says, with words rather than without */
	bool not_failed;  /* one that failed later does not count; else it was accepted all the same */
	int64_t since_ms; /* created at or after it */
	rcd_sid_fn *another; /* may be NULL */
	void *arg;
};
/* 0: its sid, and its text appended to body (may be NULL). RCD_NOENT: surely not there; any other
 * code: nobody knows. */
int rcd_twilio_search(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                      const struct rcd_twilio_query *query, int64_t deadline, char sid[64],
                      struct rcd_buf *body, struct rcd_err *err);
/* The same for one like msg (To, and Body or one attachment), failed later or not. */
int rcd_twilio_find(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                    const struct rcd_twilio_send *msg, int64_t since_ms, rcd_sid_fn *another,
                    void *arg, int64_t deadline, char sid[64], struct rcd_err *err);

/* A status callback of a message. */
struct rcd_twilio_status {
	char sid[64];
	char key[33]; /* our own, of the URL's query; "" when there is none */
	enum rcd_delivery delivery;
	int error; /* Twilio's number, 0 for none: see rcd_twilio_policy */
};
/* Does the form tell what became of a message of ours, though it came where messages come in? */
bool rcd_twilio_is_status(const struct rcd_form *form);
/* query: of the callback's URL, without "?", may be absent. RCD_PROTO when sid or status is
 * missing, doubled or unheard of; a key that is not one of ours is "". */
int rcd_twilio_status(struct rcd_sv query, const struct rcd_form *form,
                      struct rcd_twilio_status *out, struct rcd_err *err);

/* POST /v3/Indicators/Typing.json: shows the sender of this inbound WhatsApp message that
 * somebody writes, for about 25 s or until the answer; marks it as read. For WhatsApp
 * messages only: the channel has no such sign elsewhere, and the caller knows. */
int rcd_twilio_typing(struct rcd_http *http, const struct rcd_twilio_conf *conf, const char *sid,
                      int64_t deadline, struct rcd_err *err);

/* A message that the account has, in the form of its webhook (of the fields of a webhook:
 * MessageSid, AccountSid, From, To, Body, NumMedia, MediaUrlN, MediaContentTypeN, NumSegments;
 * the list does not tell names, buttons, places and business-scoped ids beside a number). */
struct rcd_twilio_swept {
	struct rcd_sv sid, form;
	int64_t received_ms;
};
struct rcd_twilio_sweep {
	int64_t since_ms; /* what was received at or after it */
	int64_t deadline;
	/* Is it here already? Then its media are not asked for. */
	int (*have)(void *arg, struct rcd_sv sid, bool *yes, struct rcd_err *err);
	/* Oldest first; -1 stops. The views live during the call. */
	int (*put)(void *arg, const struct rcd_twilio_swept *msg, struct rcd_err *err);
	void *arg;
};
#define RCD_MAX_SWEPT 5000 /* messages of one channel that one sweep puts */
/* Lists what our number received on both channels and puts what is not here. Blocks for
 * several requests. -1: not everything was looked at, what was put stays; RCD_LIMIT: there is
 * more than one sweep takes, the next one will find it. */
int rcd_twilio_sweep(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                     const struct rcd_twilio_sweep *how, struct rcd_err *err);

/* Fetches an attachment: credentials to the Twilio origin only, one redirect to a CDN
 * without them, size and time capped, 404 tried three times (media may lag its webhook).
 * type gets the answer's content type. RCD_DENIED for a URL of any other origin: it is not
 * asked at all. */
int rcd_twilio_fetch(struct rcd_http *http, const struct rcd_twilio_conf *conf, const char *url,
                     int64_t deadline, struct rcd_buf *out, char type[96], struct rcd_err *err);

/* A TwiML answer: one <Message> per part, text then audio. n = 0 gives "<Response/>". */
struct rcd_twiml_part {
	struct rcd_sv body, media_url; /* either may be absent */
	struct rcd_sv action;          /* where its status is told, may be absent */
};
/* The address at which Twilio tells the status of the message with this key of ours; empty when
 * no status is asked for. */
void rcd_twilio_status_url(const struct rcd_twilio_conf *conf, const char *key,
                           struct rcd_buf *out);
void rcd_twiml(const struct rcd_twiml_part *part, size_t n, struct rcd_buf *out);

/* Splits text into pieces of at most RCD_MAX_BODY_CHARS characters (UTF-16 units), at the end of a
 * sentence where there is one in the second half, else at white space, else between characters.
 * Gives the length in bytes of the first piece; white space after it is the caller's to skip. */
size_t rcd_twilio_split(struct rcd_sv text);

#endif
