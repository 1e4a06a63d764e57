#ifndef RCD_MASTER_H
#define RCD_MASTER_H

#include "daemon/conf.h"

/* Opens the socket, migrates the store, forks the roles and looks after them until it is told
 * to stop; takes conf over. file and overrides are read again on SIGHUP. Single-threaded, and
 * never reads a byte of a peer. Returns the exit status. */
int rcd_master(struct rcd_conf *conf, const char *file, const char *const *overrides);

#endif
