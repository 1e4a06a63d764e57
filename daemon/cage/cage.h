#ifndef RCD_DAEMON_CAGE_H
#define RCD_DAEMON_CAGE_H

#include "base/err.h"

#include <stdbool.h>

/* Irrevocable sandbox of a program that parses hostile bytes: limits, seccomp, Landlock. */

/* Memory limit: a quarter of the machine's memory, at most 1 GB, so that a few helpers at once
 * cannot exhaust it. At least 512 MB, since the limit counts address space, of which libraries take
 * much. */
long rcd_cage_memory(void);

/* Limits for this process and those it starts: processor time, memory, no files written. */
int rcd_cage_limits(int cpu_s, struct rcd_err *err);

/* For a program that has all it needs: it may read and write what is open, wait for its child,
 * and end. No path, no new process, no socket. RCD_DENIED: the kernel gives no such cage (seccomp
 * and Landlock); nothing is shut then. */
int rcd_cage_self(struct rcd_err *err);

/* Another program and what it needs. */
struct rcd_cage_program {
	const char *path;    /* at a fixed address: the seccomp filter compares the pointer */
	const char *package; /* the package that contains it, for error texts */
	const char *data;    /* a folder that it reads; NULL: none */
	bool threads;        /* it needs to start threads */
};

/* Confines a process that is about to execute that program: it may execute only that, and read what
 * a program needs to start. */
int rcd_cage_program(const struct rcd_cage_program *p, struct rcd_err *err);

#endif
