#ifndef RCD_BASE_FOLD_H
#define RCD_BASE_FOLD_H

#include "base/buf.h"
#include "base/err.h"

/* Appends text in its search form: case folded, accents stripped (Unicode, by utf8proc). Malformed
 * bytes are dropped. */
int rcd_fold(struct rcd_sv text, struct rcd_buf *out, struct rcd_err *err);

/* A letter, a mark on one, or a decimal digit, of any script. */
bool rcd_is_word_char(uint32_t cp);

#endif
