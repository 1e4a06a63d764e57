#ifndef RCD_TWILIO_CONTEXT_H
#define RCD_TWILIO_CONTEXT_H

#include "base/words.h"
#include "provider/twilio.h"

/* What Twilio tells beside a message's words, as lines in brackets for the model and the history:
 * the message it quotes, the ad it follows, a place, a chosen line, a form. */

#define RCD_MAX_CONTEXT 16384 /* bytes of one message's lines: many times what the caps come to */

/* The message that this one quotes. */
struct rcd_twilio_quoted {
	bool ours;          /* the business wrote it */
	struct rcd_sv text; /* absent: not known */
};
bool rcd_twilio_has_quoted(const struct rcd_twilio_msg *m);

/* Appends the lines of one message. quoted: NULL where it quotes none. *asks: they are something to
 * answer also without words. RCD_NOMEM. */
int rcd_twilio_context(const struct rcd_twilio_msg *m, enum rcd_lang lang,
                       const struct rcd_twilio_quoted *quoted, struct rcd_buf *out, bool *asks,
                       struct rcd_err *err);
/* The line of a contact card; false when it names nobody. */
bool rcd_twilio_contact_card(enum rcd_lang lang, struct rcd_sv vcard, struct rcd_buf *out);

#endif
