#ifndef RCD_BOARD_H
#define RCD_BOARD_H

#include "daemon/runtime.h"
#include "provider/realtime_stats.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The scoreboard: one shared anonymous page made before the first fork. Every field has one
 * writer (the master or the slot's own process) and is an atomic, so nobody ever locks and a
 * killed process leaves nothing to repair. Only account, turns_ended and messages are changed by
 * all, by one atomic operation each. */

#define RCD_MAX_ROLE_PROCESSES 64 /* of one generation, as the configuration allows */
#define RCD_MAX_SLOTS (2 * 2 * RCD_MAX_ROLE_PROCESSES) /* both roles of two generations */

enum rcd_role { RCD_ROLE_WEB, RCD_ROLE_WORK, RCD_N_ROLES };
extern const char *const rcd_role_name[RCD_N_ROLES];

/* What has a breaker in each process. */
enum rcd_watched {
	RCD_WATCHED_REALTIME,
	RCD_WATCHED_CHAT,
	RCD_WATCHED_ASSISTANT,
	RCD_WATCHED_TRANSCRIBE,
	RCD_WATCHED_SPEECH,
	RCD_WATCHED_SEND,
	RCD_N_WATCHED
};
extern const char *const rcd_watched_name[RCD_N_WATCHED];

struct rcd_slot {
	/* written by the master */
	_Alignas(64) _Atomic int pid; /* 0: free */
	_Atomic int role, generation;
	_Atomic bool ready;
	/* written by the process in it */
	_Atomic int64_t beat_ms; /* rcd_mono_ms() of its last sign of life */
	_Atomic int64_t served;  /* requests or jobs since it started */
	_Atomic int busy;        /* of them running now */
	_Atomic unsigned open;   /* a bit for each breaker that lets nothing through */
	struct rcd_realtime_stats realtime;
};

struct rcd_board {
	_Atomic int64_t started_ms; /* wall clock */
	_Atomic int generation;     /* the one that serves */
	_Atomic int want[RCD_N_ROLES];
	_Atomic int restarts; /* children replaced after they died */
	_Atomic uint32_t
		turns_ended; /* rises with each, in any process: what waits for one sleeps on it */
	_Atomic uint32_t
		messages; /* rises with each message that may be newer than a TwiML route's turn */
	rcd_account_word account[RCD_N_PROVIDERS]; /* of the generation that serves: net/account.h */
	struct rcd_slot slot[RCD_MAX_SLOTS];
};

struct rcd_board *rcd_board_new(void); /* NULL when there is no memory */

/* A turn has ended in this process: wakes every rcd_board_await_turn(). */
void rcd_board_turn_ended(struct rcd_board *b);
/* Blocks until a turn has ended since turns_ended was `seen`, for at most ms. */
void rcd_board_await_turn(struct rcd_board *b, uint32_t seen, int64_t ms);

/* The same for messages that were stored; ms -1: without end. */
void rcd_board_message(struct rcd_board *b);
void rcd_board_await_message(struct rcd_board *b, uint32_t seen, int64_t ms);

struct rcd_board_count {
	int ready, busy;
	int64_t served;
};
/* Of the generation that serves. A process whose last sign of life is over 15 s old counts as
 * not ready. */
struct rcd_board_count rcd_board_count(struct rcd_board *b, enum rcd_role role);
/* In how many processes this breaker is open, as they said when they last gave a sign of life. */
int rcd_board_open(struct rcd_board *b, enum rcd_watched what);
/* The realtime sessions of all processes since the start. */
void rcd_board_realtime(struct rcd_board *b, struct rcd_realtime_sum *sum);

#endif
