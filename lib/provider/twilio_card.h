#ifndef RCD_TWILIO_CARD_H
#define RCD_TWILIO_CARD_H

#include "base/buf.h"

/* A contact card (vCard 2.1 to 4.0) that a customer sends: appends "Ana Souza, +55 11 98765-4321"
 * for each card in it, at most four, with at most three numbers each. False, and nothing appended,
 * when it names nobody. */
bool rcd_card_read(struct rcd_sv vcard, struct rcd_buf *out);

#endif
