#ifndef RCD_SMS_H
#define RCD_SMS_H

#include "base/buf.h"

/* SMS segments: how many a provider bills for a text, and how to keep them few.
 *
 * A text whose characters are all in the alphabet of GSM 03.38 has 160 in one segment, 153 in each
 * of several; those of its extension table count twice. Any other character makes the whole text
 * UCS-2: 70, or 67 UTF-16 units. A character of two units is not split. */

struct rcd_sms_size {
	size_t segments;
	bool ucs2;
};
struct rcd_sms_size rcd_sms_size(struct rcd_sv text);

/* Length of the longest prefix of text that fits into segments. */
size_t rcd_sms_fit(struct rcd_sv text, size_t segments);

/* Appends text with typographic quotes, dashes and bullets replaced by plain characters and emoji
 * removed. accents: letters that GSM 03.38 lacks lose their accents too ("não" becomes "nao",
 * "café" stays). */
void rcd_sms_plain(struct rcd_sv text, bool accents, struct rcd_buf *out);

struct rcd_sms_how {
	bool plain;      /* as rcd_sms_plain; the accents go only where that saves segments */
	size_t segments; /* at most; 0: unlimited */
};
/* Appends the text to send, cut after the last whole sentence that fits, else the last word.
 * Returns the bytes cut. out is bad when out of memory. */
size_t rcd_sms_text(struct rcd_sv text, const struct rcd_sms_how *how, struct rcd_buf *out);

#endif
