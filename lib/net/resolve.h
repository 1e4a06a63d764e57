#ifndef RCD_RESOLVE_H
#define RCD_RESOLVE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Resolves host (a name or a numeric address) to at most max addresses in order of preference, port
 * 0. Blocks up to deadline. getaddrinfo has no timeout, so it runs on a detached thread that is
 * abandoned when the deadline passes or the caller is cancelled. RCD_DOWN: no such name;
 * RCD_TIMEOUT; RCD_CANCELLED. */
int rcd_resolve(const char *host, int64_t deadline, struct sockaddr_storage *out, size_t max,
                size_t *n, struct rcd_err *err);

#endif
