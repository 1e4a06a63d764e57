#ifndef RCD_STORE_PG_SESSION_H
#define RCD_STORE_PG_SESSION_H

#include "store/pq.h"

/* A connection of the PostgreSQL engine: commands on their way to the server, in order, what
 * came of them, and the server's clock. db_pg.c makes transactions and statements of it. */

#define RCD_SESSION_QUEUE 64

struct rcd_session;

struct rcd_pg_stmt {
	struct rcd_session *session;
	char name[24];
	bool named; /* the server knows it by name, or will when the queue has been sent */
	bool in_use;
	bool fetched; /* res is valid */
	void *res;
	int row;
};

struct rcd_session {
	struct rcd_conn base;
	struct rcd_pq *pq;
	struct rcd_pg_stmt stmt[RCD_STATEMENTS];
	struct {
		struct rcd_pg_stmt *wanted; /* who waits for this command's result, or NULL */
		struct rcd_pg_stmt *naming; /* whose name it makes known */
	} queue[RCD_SESSION_QUEUE];
	int head, n_queued;

	bool direct;    /* no transaction pooler in between: settings and names outlive a transaction */
	bool begin_due; /* a transaction was asked for, BEGIN is not queued yet */
	bool writes;    /* and this is what was asked for */
	bool in_txn;    /* BEGIN is queued or done */
	bool committing; /* COMMIT is queued */
	bool delivered;  /* the transaction's function has seen rows */

	bool broken, again; /* see struct rcd_engine */
	bool failed;        /* something in this transaction: err is the first of it */
	struct rcd_err err;
	int64_t clock_ms, at_ms; /* the server's clock, when our monotonic one said at_ms */
};

/* Queue a text or a statement by its name (made from the text and the types). wanted: where
 * the result is to go. */
int rcd_session_queue(struct rcd_session *s, const char *sql, const struct rcd_arg *arg, int n,
                      struct rcd_pg_stmt *wanted, struct rcd_err *err);
int rcd_session_queue_named(struct rcd_session *s, struct rcd_pg_stmt *st, const char *sql,
                            const struct rcd_arg *arg, int n, struct rcd_err *err);
/* Ends a series of commands without waiting; the server answers in its own time. */
int rcd_session_mark(struct rcd_session *s, struct rcd_err *err);
/* Sends what is queued and takes all results. -1 when anything of this transaction failed. */
int rcd_session_collect(struct rcd_session *s, struct rcd_err *err);
/* Nobody waits for st any more. */
void rcd_session_forget(struct rcd_session *s, const struct rcd_pg_stmt *st);
/* What failed first in this transaction; -1. */
int rcd_session_fail(const struct rcd_session *s, struct rcd_err *err);

/* The settings of db_pg.c's head: for this transaction only, or for the connection. */
int rcd_session_settings(struct rcd_session *s, bool local, struct rcd_err *err);
/* Of an idle connection: see rcd_db_scrub. Writers of a table wait while it is written anew, for
 * some seconds at most. */
int rcd_pg_scrub(struct rcd_conn *conn, struct rcd_err *err);
/* Asks for the server's clock and the process that answers. */
int rcd_session_clock(struct rcd_session *s, int *backend, struct rcd_err *err);

#endif
