#ifndef RCD_SOCKET_H
#define RCD_SOCKET_H

#include "base/err.h"

/* The FastCGI listener, non-blocking: taken from systemd's protocol (LISTEN_PID, LISTEN_FDS,
 * fd 3) when it was passed on, else made at path (a stale file is replaced, a living one is
 * RCD_BUSY). *inherited says which. */
int rcd_socket_open(const char *path, int *fd, int *inherited, struct rcd_err *err);

#endif
