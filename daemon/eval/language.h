#ifndef RCD_EVAL_TONGUE_H
#define RCD_EVAL_TONGUE_H

#include "base/err.h"
#include "base/sv.h"

enum rcd_language { RCD_LANGUAGE_UNTOLD, RCD_LANGUAGE_PT, RCD_LANGUAGE_EN, RCD_LANGUAGE_OTHER };

/* The language of an answer by its small words: Portuguese, English, or another as far as it
 * is Spanish; untold for too few of them or a mixture. */
int rcd_language_of(struct rcd_sv text, enum rcd_language *out, struct rcd_err *err);
const char *rcd_language_name(enum rcd_language t); /* "pt"; "untold" */

#endif
