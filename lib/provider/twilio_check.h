#ifndef RCD_TWILIO_CHECK_H
#define RCD_TWILIO_CHECK_H

#include "base/err.h"
#include "net/form.h"

/* Twilio signs names and values one behind the other, with nothing in between. So a signature holds
 * for every form that gives the same bytes: "MessageSid=SM…" may take in the "NumMedia" and "0"
 * behind it and is then another message with the same signature. A form that is signed must also
 * have the shape that Twilio gives it. */

/* RCD_PROTO for a doubled field, a name that is no name, an id, address or number of another form
 * than Twilio's, and for signed bytes that name more than one MessageSid wherever they are (a
 * customer may write a whole form into Body). RCD_NOMEM. */
int rcd_twilio_check(const struct rcd_form *form, struct rcd_err *err);

#endif
