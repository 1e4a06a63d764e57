#ifndef RCD_PROGRAM_H
#define RCD_PROGRAM_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/types.h>

/* A child program that reads stdin and writes stdout. stdin is a sealed memfd (no pipe to feed, no
 * SIGPIPE, nothing in argv) or an open file, stdout a pipe, stderr /dev/null. It gets PATH and LANG
 * as its environment and no other descriptor. */
struct rcd_program {
	pid_t pid; /* 0: none */
	int out;   /* -1: none */
};

/* argv[0] is searched in PATH. RCD_NOENT: not found. */
int rcd_program_start(struct rcd_program *p, const char *const *argv, struct rcd_sv input,
                      struct rcd_err *err);
/* The same with an open file as stdin; in stays the caller's. */
int rcd_program_start_fd(struct rcd_program *p, const char *const *argv, int in,
                         struct rcd_err *err);
/* Blocks for output; *n = 0 at its end. RCD_TIMEOUT after the deadline, RCD_CANCELLED when the
 * calling thread's token is set (base/cancel.h). */
int rcd_program_read(struct rcd_program *p, void *to, size_t cap, int64_t deadline, size_t *n,
                     struct rcd_err *err);
/* Waits up to a second for its exit, then kills it; reaps it in any case. 0: it exited by itself
 * with status 0. Safe on a zeroed, failed or ended p. */
int rcd_program_end(struct rcd_program *p, bool kill_it);

/* Starts it, appends its whole output to out and ends it. RCD_LIMIT: more output than out may hold.
 * The exit status is ignored: the output itself must show that it is complete. */
int rcd_program_run(const char *const *argv, int in, int64_t deadline, struct rcd_buf *out,
                    struct rcd_err *err);
/* A sealed memfd that holds bytes, positioned at 0; the caller closes it. -1 on failure. */
int rcd_program_input(struct rcd_sv bytes, struct rcd_err *err);

#endif
