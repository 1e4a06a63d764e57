#ifndef RCD_WISHES_H
#define RCD_WISHES_H

#include "provider/twilio.h"
#include "store/inbox.h"

/* What a whole message asks of messages: by the provider's own word (OptOutType), else by its
 * words, which are msg's text or what was heard. *asks: out has scope, on, source and reason; the
 * rest is the caller's. -1: no memory. */
int rcd_wish_of_message(const struct rcd_twilio_msg *msg, struct rcd_sv words,
                        struct rcd_suppress *out, bool *asks, struct rcd_err *err);

/* Does a message that has just come in ask for fewer messages? Then out goes into the store with
 * it. What ends a suppression waits for the turn, and so does what cannot be read now. */
bool rcd_wish_holds(const struct rcd_twilio_msg *msg, struct rcd_inbox_wish *out);

#endif
