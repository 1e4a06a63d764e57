#ifndef RCD_CHILD_H
#define RCD_CHILD_H

#include "daemon/recadod/board.h"
#include "daemon/runtime.h"

#include <sys/signalfd.h>

/* What a forked process is given, and what every role does the same way. */

#define RCD_MAX_DEAD 4

struct rcd_child {
	const struct rcd_conf *conf;
	struct rcd_board *board;
	struct rcd_slot *slot;
	struct rcd_runtime *rt; /* once it is open: its breakers show on the board */
	enum rcd_role role;
	int index;            /* 0, 1 … within its role */
	int listen_fd;        /* FastCGI, non-blocking, shared by all */
	int bell_rx, bell_tx; /* datagrams: "there is work" */
	int news_fd;          /* eventfd: other machines may want to know, -1 where there are none */
	int ready_fd;         /* one byte says that we serve */
	int signal_fd;        /* SIGTERM; all signals are blocked */
	int64_t owner;        /* of the leases this process takes */
	bool after_death;     /* it takes the place of one that died: see most_jobs in work.c */
	int64_t dead[RCD_MAX_DEAD]; /* owners that died in this slot: their leases are freed first */
};

/* Both return the exit status of the process. */
int rcd_web_main(struct rcd_child *child);
int rcd_work_main(struct rcd_child *child);

void rcd_child_ready(struct rcd_child *child);
void rcd_child_beat(struct rcd_child *child);
/* Waits up to ms for SIGTERM (true) or for fd to become readable (fd -1: none). */
bool rcd_child_wait(struct rcd_child *child, int fd, int64_t ms, bool *readable);
void rcd_bell_ring(const struct rcd_child *child); /* there is new work */
void rcd_bell_drain(int bell_rx);

/* What its turns need, and its predecessors' leases freed. turns: it runs some. */
int rcd_child_runtime(struct rcd_runtime *rt, struct rcd_child *child, bool turns,
                      struct rcd_err *err);

/* Runs fn(arg) on a detached thread with a small stack; -1 when there is none to be had. */
int rcd_spawn(void *(*fn)(void *), void *arg);

#endif
