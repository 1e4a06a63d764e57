#ifndef RCD_DAEMON_CAGE_HELPER_H
#define RCD_DAEMON_CAGE_HELPER_H

#include "base/buf.h"
#include "base/err.h"

/* Shared parts of the helper programs: one file on stdin, records (base/record.h) on stdout. */

/* Sets the limits of rcd_cage_limits; when the processor time is used up, the program writes an
 * error record and exits. */
int rcd_helper_limit(int cpu_s, struct rcd_err *err);
/* Reads the whole input; RCD_LIMIT: larger than doc may hold. The file offset does not move, since
 * a child shares it. */
int rcd_helper_input(struct rcd_buf *doc, struct rcd_err *err);
/* Return the program's exit status: 1 when the output is closed. */
int rcd_helper_write(struct rcd_sv v);
int rcd_helper_fail(const struct rcd_err *err);

#endif
