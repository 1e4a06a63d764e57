#ifndef RCD_ADDRESS_H
#define RCD_ADDRESS_H

#include "base/sv.h"

/* Channel addresses of customers: a phone number, or an id that stands in for it. */

#define RCD_PHONE_TEXT 17 /* '+', at most 15 digits, NUL */

/* Normalises a phone number: "whatsapp:+55 (11) 98765-4321" becomes "+5511987654321". A channel
 * prefix, a leading "00" and separators are removed; the country code is required. 0, or -1 when
 * the result is not a number of 3 to 15 digits. */
int rcd_phone_clean(struct rcd_sv v, char out[RCD_PHONE_TEXT]);

/* Is v a business-scoped user id: two country letters, a dot, letters and digits ("BR.1A2B",
 * "US.ENT.12"), at most 140 bytes? */
bool rcd_bsuid_ok(struct rcd_sv v);

/* Kind of an address in a provider's form. */
enum rcd_address_kind {
	RCD_ADDRESS_PHONE, /* "+5511…", "whatsapp:+5511…", "rcs:+5511…": the number is known */
	RCD_ADDRESS_ID,    /* "whatsapp:BR.…", "messenger:1234": an id of its channel */
	RCD_ADDRESS_SHORT, /* "28811": a short code, 3 to 8 digits */
	RCD_ADDRESS_NAME   /* "ACME": an alphanumeric sender id, which cannot receive */
};
enum rcd_address_kind rcd_address_kind(struct rcd_sv v);

/* The channel prefix with its colon, "rcs:"; absent when there is none (SMS). */
struct rcd_sv rcd_address_prefix(struct rcd_sv v);

/* The address without a prefix "whatsapp:", "sms:" or "tel:". A view of v. */
struct rcd_sv rcd_address_bare(struct rcd_sv v);
/* Channel name: "whatsapp", "rcs" …, "sms" without a prefix. A view of v or static. */
#define RCD_CHANNEL_NAME 17 /* bytes of the longest, NUL included */
struct rcd_sv rcd_address_channel(struct rcd_sv v);

#endif
