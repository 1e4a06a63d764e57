#ifndef RCD_DAEMON_CAGE_H
#define RCD_DAEMON_CAGE_H

#include "base/err.h"

#include <stdbool.h>

/* What a program that reads hostile bytes may still do. Nothing of it can be taken back. */

/* A quarter of the machine's memory, at most 1 GB: a few of them at once must not take all of it.
 * At least 512 MB, since address space is what can be limited, and libraries take much of that. */
long rcd_cage_memory(void);

/* Limits for this process and those it starts: processor time, memory, no files written. */
int rcd_cage_limits(int cpu_s, struct rcd_err *err);

/* For a program that has all it needs: it may read and write what is open, wait for its child,
 * and end. No path, no new process, no socket. RCD_DENIED: the kernel gives no such cage (seccomp
 * and Landlock); nothing is shut then. */
int rcd_cage_self(struct rcd_err *err);

/* Another program, and what it needs. */
struct rcd_cage_program {
	const char *path;    /* a string that stays where it is */
	const char *package; /* that it comes with, for who has to install it */
	const char *data;    /* a folder that it reads; NULL: none */
	bool threads;        /* it does not work without threads of its own */
};

/* For a process that is to become that program: it may execute it and nothing after it, and read
 * what a program needs to start. */
int rcd_cage_program(const struct rcd_cage_program *p, struct rcd_err *err);

#endif
