#ifndef RCD_LEASES_H
#define RCD_LEASES_H

#include "base/err.h"

#include <stdint.h>

/* Leases of the dead, as far as the master sees to them: who replaces a dead process frees what
 * that one held. */

/* Before the first fork: nobody else is alive on host, so every lease of it is a dead process's.
 * *freed: how many there were. Opens the store and closes it again. */
int rcd_leases_take_over(const char *url, int64_t host, int64_t *freed, struct rcd_err *err);

/* For an owner that died and is replaced by nobody, since it was to end: frees its leases and rings
 * bell_tx. Does not block: the master opens no store while it has children, so a child of its own
 * does it, to be reaped like any that nobody knows. What goes wrong is logged. */
void rcd_leases_release(const char *url, int64_t owner, int bell_tx);

#endif
