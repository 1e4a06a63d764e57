#ifndef RCD_EVAL_TONGUE_H
#define RCD_EVAL_TONGUE_H

#include "base/err.h"
#include "base/sv.h"

enum rcd_tongue { RCD_TONGUE_UNTOLD, RCD_TONGUE_PT, RCD_TONGUE_EN, RCD_TONGUE_OTHER };

/* The language of an answer by its small words: Portuguese, English, or another as far as it
 * is Spanish; untold for too few of them or a mixture. */
int rcd_tongue_of(struct rcd_sv text, enum rcd_tongue *out, struct rcd_err *err);
const char *rcd_tongue_name(enum rcd_tongue t); /* "pt"; "untold" */

#endif
