#ifndef RCD_CHARSET_H
#define RCD_CHARSET_H

#include "base/buf.h"
#include "base/err.h"

/* Converts text of unknown encoding to UTF-8 with "\n" line ends and appends it to out. Detects
 * UTF-8 and UTF-16 with or without a byte order mark; anything else is read as Windows-1252, which
 * includes Latin-1. RCD_PROTO: control bytes, so not text; RCD_LIMIT: over the maximum of out;
 * RCD_NOMEM. */
int rcd_charset_utf8(struct rcd_sv bytes, struct rcd_buf *out, struct rcd_err *err);

#endif
