#ifndef RCD_RESOLVE_H
#define RCD_RESOLVE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* The addresses of host (a name, or an address as text) in the order in which to try them, at
 * most max, port 0. The system's resolver knows no deadline, so a name is looked up on a
 * thread of its own, which is left to itself when the deadline passes first. Blocks until
 * then. RCD_DOWN: no such name; RCD_TIMEOUT. */
int rcd_resolve(const char *host, int64_t deadline, struct sockaddr_storage *out, size_t max,
                size_t *n, struct rcd_err *err);

#endif
