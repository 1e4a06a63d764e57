#ifndef RCD_CHARSET_H
#define RCD_CHARSET_H

#include "base/buf.h"
#include "base/err.h"

/* Text of unknown encoding as UTF-8, with "\n" at the ends of lines: UTF-8 and UTF-16 with or
 * without a byte order mark, else Windows-1252 (which holds latin-1). Appended to out, whose
 * maximum counts. RCD_PROTO: control bytes say that this is no text; RCD_LIMIT, RCD_NOMEM. */
int rcd_charset_utf8(struct rcd_sv bytes, struct rcd_buf *out, struct rcd_err *err);

#endif
