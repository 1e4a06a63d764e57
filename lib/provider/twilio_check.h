#ifndef RCD_TWILIO_CHECK_H
#define RCD_TWILIO_CHECK_H

#include "base/err.h"
#include "net/form.h"

/* Twilio signs names and values concatenated without separators, so a signature is valid for every
 * form that yields the same bytes: "MessageSid=SM…" could absorb the "NumMedia" and "0" that follow
 * and become another message with the same signature. A signed form must therefore also have the
 * shape that Twilio sends. */

/* RCD_PROTO for a duplicate field, an invalid name, an id, address or number of another form
 * than Twilio's, and for signed bytes that name more than one MessageSid wherever they are (a
 * customer may write a whole form into Body). RCD_NOMEM. */
int rcd_twilio_check(const struct rcd_form *form, struct rcd_err *err);

#endif
