#ifndef RCD_VISIBLE_H
#define RCD_VISIBLE_H

#include "base/sv.h"

/* Visibility of characters. */

/* Is cp drawn as nothing: controls, zero-width characters, bidi controls, variation selectors,
 * tags, soft hyphen, Hangul fillers, Braille blank? White space is not included. */
bool rcd_is_invisible(uint32_t cp);

bool rcd_is_space(uint32_t cp); /* Unicode's white space */

/* Is text empty or only white space and invisible characters? */
bool rcd_is_blank(struct rcd_sv text);

#endif
