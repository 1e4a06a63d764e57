#ifndef RCD_DAEMON_CAGE_CHILD_H
#define RCD_DAEMON_CAGE_CHILD_H

#include "base/buf.h"
#include "daemon/cage/cage.h"

#include <sys/types.h>

/* A system program run by a caged helper, in a sandbox of its own: it shares the helper's stdin,
 * its stdout is a pipe, and it is killed with the helper. Start it before the helper confines
 * itself. */
struct rcd_cage_child {
	const struct rcd_cage_program *program;
	pid_t pid;
	int out;
};

/* may_be_free: also where the kernel has no sandbox. */
int rcd_cage_child_start(struct rcd_cage_child *c, const struct rcd_cage_program *p,
                         const char *const *argv, bool may_be_free, struct rcd_err *err);
/* Appends its whole output; RCD_LIMIT: more than out may hold. */
int rcd_cage_child_read(struct rcd_cage_child *c, struct rcd_buf *out, struct rcd_err *err);
/* Waits for its exit. 0: *status is its exit status. RCD_LIMIT: out of processor time. RCD_PROTO:
 * it crashed on its input. RCD_NOENT: not installed. RCD_DENIED: no sandbox for it. */
int rcd_cage_child_end(struct rcd_cage_child *c, int *status, struct rcd_err *err);

#endif
