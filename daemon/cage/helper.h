#ifndef RCD_DAEMON_CAGE_HELPER_H
#define RCD_DAEMON_CAGE_HELPER_H

#include "base/buf.h"
#include "base/err.h"

/* What the helper programs have in common: one file on standard input, records (base/record.h) on
 * standard output. */

/* Limits as rcd_cage_limits sets them; when the processor time is over, an error record says so
 * and the program ends. */
int rcd_helper_limit(int cpu_s, struct rcd_err *err);
/* The whole input; RCD_LIMIT when it is larger than doc takes. Its offset stays where it is, since
 * a child shares it. */
int rcd_helper_input(struct rcd_buf *doc, struct rcd_err *err);
/* The program's exit status: 1 when nobody reads. */
int rcd_helper_write(struct rcd_sv v);
int rcd_helper_fail(const struct rcd_err *err);

#endif
