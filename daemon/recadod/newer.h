#ifndef RCD_NEWER_H
#define RCD_NEWER_H

#include "daemon/recadod/board.h"
#include "turn/turn.h"

#include <pthread.h>
#include <sys/queue.h>

/* Stops the turns beside webhooks (twiml.c) whose customer has written again. A thread of the web
 * process sleeps until a webhook of any process has stored such a message (rcd_board_message), and
 * asks the store which of our jobs it belongs to. What another machine stores is found a second
 * later, and only while a turn runs here. */

struct rcd_newer_turn {
	LIST_ENTRY(rcd_newer_turn) link;
	const struct rcd_job *job;
	struct rcd_cancel *cancel;
};

struct rcd_newer {
	struct rcd_board *board;
	struct rcd_db *db;
	int64_t owner; /* of the jobs */
	int cancels;   /* turn.cancels */
	pthread_t id;
	pthread_mutex_t lock;
	LIST_HEAD(rcd_newer_turns, rcd_newer_turn) turns;
	_Atomic bool stopping;
};

/* n has board, db, owner and cancels. 0 or an error number. */
int rcd_newer_start(struct rcd_newer *n);
void rcd_newer_stop(struct rcd_newer *n); /* no turn is watched any more */

/* Between the two the turn's cancel is set at most once; t is the caller's. */
void rcd_newer_add(struct rcd_newer *n, struct rcd_newer_turn *t);
void rcd_newer_remove(struct rcd_newer *n, struct rcd_newer_turn *t);

#endif
