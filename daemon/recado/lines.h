#ifndef RCD_LINES_H
#define RCD_LINES_H

#include "base/err.h"
#include "base/sv.h"

#include <stdio.h>

/* Prints what changed from a to b, line by line: "-" went, "+" came, " " stayed; nothing when
 * they are the same. RCD_LIMIT for more than some thousand lines. */
int rcd_lines_diff(struct rcd_sv a, struct rcd_sv b, FILE *out, struct rcd_err *err);

#endif
