#ifndef RCD_VISIBLE_H
#define RCD_VISIBLE_H

#include "base/sv.h"

/* What of a text a reader sees. */

/* Draws nothing and takes no room, or is an empty glyph of another script: controls, zero-width
 * characters, bidi controls, variation selectors, tags, soft hyphen, Hangul fillers, Braille
 * blank. White space is not among them. */
bool rcd_is_invisible(uint32_t cp);

bool rcd_is_space(uint32_t cp); /* Unicode's white space */

/* Nothing of text can be seen: it is empty, white space, or invisible characters. */
bool rcd_is_blank(struct rcd_sv text);

#endif
