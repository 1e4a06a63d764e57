#ifndef RCD_DAEMON_CAGE_CHILD_H
#define RCD_DAEMON_CAGE_CHILD_H

#include "base/buf.h"
#include "daemon/cage/cage.h"

#include <sys/types.h>

/* A program of the system that does a caged helper's work, in a cage of its own: it shares the
 * helper's standard input, its output comes by a pipe, and it dies with the helper. To be started
 * before the helper's own cage shuts. */
struct rcd_cage_child {
	const struct rcd_cage_program *program;
	pid_t pid;
	int out;
};

/* may_be_free: also where the kernel has no cage for it. */
int rcd_cage_child_start(struct rcd_cage_child *c, const struct rcd_cage_program *p,
                         const char *const *argv, bool may_be_free, struct rcd_err *err);
/* All that it writes, appended; RCD_LIMIT when that is more than fits. */
int rcd_cage_child_read(struct rcd_cage_child *c, struct rcd_buf *out, struct rcd_err *err);
/* Waits for its end. 0: *status is what it ended with. RCD_LIMIT: it took too long. RCD_PROTO: it
 * died of its input. RCD_NOENT: it is not installed. RCD_DENIED: there is no cage for it. */
int rcd_cage_child_end(struct rcd_cage_child *c, int *status, struct rcd_err *err);

#endif
