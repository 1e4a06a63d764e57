#ifndef RCD_SMS_H
#define RCD_SMS_H

#include "base/buf.h"

/* The text of an SMS: how many segments a provider bills it as, and how it gets by with few.
 *
 * A text whose characters are all in the alphabet of GSM 03.38 has 160 in one segment, 153 in each
 * of several; those of its extension table count twice. Any other character makes the whole text
 * UCS-2: 70, or 67 UTF-16 units. A character of two units is not split. */

struct rcd_sms_size {
	size_t segments;
	bool ucs2;
};
struct rcd_sms_size rcd_sms_size(struct rcd_sv text);

/* How many bytes of text, from its beginning, fit into so many segments. */
size_t rcd_sms_fit(struct rcd_sv text, size_t segments);

/* Appends text with the characters that are for the eye alone as plain ones: typographic quotes,
 * dashes, bullets; pictures go. accents: letters that GSM 03.38 does not have lose theirs too
 * ("não" becomes "nao", "café" stays). */
void rcd_sms_plain(struct rcd_sv text, bool accents, struct rcd_buf *out);

struct rcd_sms_how {
	bool plain;      /* as rcd_sms_plain; the accents go only where that saves segments */
	size_t segments; /* at most; 0: unlimited */
};
/* What is sent of text, appended to out: cut behind its last whole sentence, or else word, that
 * fits. Gives the bytes that were cut. out is bad when memory is short. */
size_t rcd_sms_text(struct rcd_sv text, const struct rcd_sms_how *how, struct rcd_buf *out);

#endif
