#ifndef RCD_PROGRAM_H
#define RCD_PROGRAM_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/types.h>

/* A program that reads a text or a file and writes bytes, as a child of ours. It gets a text as
 * a sealed file on its standard input (no pipe that somebody has to feed, no SIGPIPE, nothing
 * in argv), a pipe for its output, /dev/null for its complaints, an environment of two variables,
 * and no other descriptor. */
struct rcd_program {
	pid_t pid; /* 0: none */
	int out;   /* -1: none */
};

/* argv[0] is looked up in PATH. RCD_NOENT when it is not there. */
int rcd_program_start(struct rcd_program *p, const char *const *argv, struct rcd_sv input,
                      struct rcd_err *err);
/* The same with an open file instead of a text; in stays the caller's. */
int rcd_program_start_fd(struct rcd_program *p, const char *const *argv, int in,
                         struct rcd_err *err);
/* *n = 0 when it has closed its output. RCD_TIMEOUT after the deadline, RCD_CANCELLED when the stop
 * sign of the calling thread is set (base/cancel.h). */
int rcd_program_read(struct rcd_program *p, void *to, size_t cap, int64_t deadline, size_t *n,
                     struct rcd_err *err);
/* Waits a moment for its end, kills it when that does not come, and reaps it in any case.
 * 0: it ended by itself with status 0. Safe on a zeroed, failed or ended p. */
int rcd_program_end(struct rcd_program *p, bool kill_it);

/* From the start to the end of its output, which is appended to out: RCD_LIMIT when that is more
 * than fits. How it ended is not looked at: the output must say that it is whole. */
int rcd_program_run(const char *const *argv, int in, int64_t deadline, struct rcd_buf *out,
                    struct rcd_err *err);
/* Bytes as a sealed file without a name, open at its beginning: the caller's to close. -1. */
int rcd_program_input(struct rcd_sv bytes, struct rcd_err *err);

#endif
