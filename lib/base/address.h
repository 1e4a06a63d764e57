#ifndef RCD_ADDRESS_H
#define RCD_ADDRESS_H

#include "base/sv.h"

/* What a customer is called on a channel: a number, or an id that hides it. */

#define RCD_PHONE_TEXT 17 /* '+', at most 15 digits, NUL */

/* A number as people and other programs write it, "whatsapp:+55 (11) 98765-4321", as
 * "+5511987654321". A channel or "00" in front and marks between the digits go; the country
 * code must be there. 0, or -1 for what is no number of 3 to 15 digits. */
int rcd_phone_clean(struct rcd_sv v, char out[RCD_PHONE_TEXT]);

/* "BR.1A2B…", business-scoped: two letters of a country, a dot, letters and digits ("US.ENT.…"
 * has a dot more), 140 bytes at most. */
bool rcd_bsuid_ok(struct rcd_sv v);

/* Without "whatsapp:", "sms:" or "tel:" in front. */
struct rcd_sv rcd_address_bare(struct rcd_sv v);
/* "whatsapp", or "sms" for a number with nothing in front. */
struct rcd_sv rcd_address_channel(struct rcd_sv v);

#endif
