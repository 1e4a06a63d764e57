#ifndef RCD_QUOTE_H
#define RCD_QUOTE_H

#include "base/buf.h"

/* Appends what somebody else wrote as one short line that cannot be taken for our own marks: white
 * space of every kind is one space, invisible characters go, brackets and double quotes become
 * parentheses and single ones. At most max characters, "…" behind what was cut. True when anything of
 * it can be seen. */
bool rcd_quote(struct rcd_buf *out, struct rcd_sv text, size_t max);

/* Appends a customer's own text as it is read and kept: malformed bytes become U+FFFD, control
 * characters but tab and line feed go, and a line that begins like one of our marks, "[word", begins
 * with "(" instead. */
void rcd_clean_text(struct rcd_buf *out, struct rcd_sv text);

#endif
