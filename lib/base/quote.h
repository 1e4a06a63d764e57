#ifndef RCD_QUOTE_H
#define RCD_QUOTE_H

#include "base/buf.h"

/* Appends foreign text as one line that cannot be mistaken for our own marks: white space collapses
 * to one space, invisible characters are removed, full-width ASCII becomes ASCII, brackets and
 * double quotes of every script become parentheses and single quotes. At most max characters, with
 * "…" where it was cut. True when any visible character was appended. */
bool rcd_quote(struct rcd_buf *out, struct rcd_sv text, size_t max);

/* Appends a self-chosen name for use inside our own sentences: letters, combining marks and digits
 * of any script, single spaces, and . - ' , ; every other character is removed. At most max
 * characters. True when it has a letter or digit. */
bool rcd_quote_name(struct rcd_buf *out, struct rcd_sv text, size_t max);

/* Appends a customer's text in the form that is stored and shown to models: malformed bytes become
 * U+FFFD, control characters other than tab and line feed are removed, and a line that begins like
 * one of our marks, "[word", begins with "(" instead. */
void rcd_clean_text(struct rcd_buf *out, struct rcd_sv text);

#endif
