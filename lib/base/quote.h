#ifndef RCD_QUOTE_H
#define RCD_QUOTE_H

#include "base/buf.h"

/* Appends what somebody else wrote as one short line that cannot be taken for our own marks: white
 * space of every kind is one space, invisible characters go, full-width forms of ASCII become
 * ASCII, brackets and double quotes of every kind become parentheses and single ones. At most max
 * characters, "…" behind what was cut. True when anything of it can be seen. */
bool rcd_quote(struct rcd_buf *out, struct rcd_sv text, size_t max);

/* Appends a name that somebody gave themselves, for where it stands among our own words: letters,
 * marks and digits of any script, one space for white space of every kind, and . - ' , . All else
 * goes, whatever it looks like: a name has no lines, no brackets and no marks. At most max
 * characters. True when there is any letter or digit in it. */
bool rcd_quote_name(struct rcd_buf *out, struct rcd_sv text, size_t max);

/* Appends a customer's own text as it is read and kept: malformed bytes become U+FFFD, control
 * characters but tab and line feed go, and a line that begins like one of our marks, "[word",
 * begins with "(" instead. */
void rcd_clean_text(struct rcd_buf *out, struct rcd_sv text);

#endif
