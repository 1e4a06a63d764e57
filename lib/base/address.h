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

/* What an address in a provider's form is. */
enum rcd_address_kind {
	RCD_ADDRESS_PHONE, /* "+5511…", "whatsapp:+5511…", "rcs:+5511…": the number is known */
	RCD_ADDRESS_ID,    /* "whatsapp:BR.…", "messenger:1234": an id of its channel */
	RCD_ADDRESS_SHORT, /* "28811": a short code, 3 to 8 digits */
	RCD_ADDRESS_NAME   /* "ACME": an alphanumeric sender, to which nothing can be sent */
};
enum rcd_address_kind rcd_address_kind(struct rcd_sv v);

/* The channel in front with its colon, "rcs:"; absent when there is none (SMS). */
struct rcd_sv rcd_address_prefix(struct rcd_sv v);

/* Without "whatsapp:", "sms:" or "tel:" in front. */
struct rcd_sv rcd_address_bare(struct rcd_sv v);
/* "whatsapp", "rcs" …, or "sms" for an address with nothing in front. */
#define RCD_CHANNEL_NAME 17 /* bytes of the longest, NUL included */
struct rcd_sv rcd_address_channel(struct rcd_sv v);

#endif
