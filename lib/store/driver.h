#ifndef RCD_STORE_DRIVER_H
#define RCD_STORE_DRIVER_H

#include "store/db.h"

/* What the rest of the store asks of an engine. db_sqlite.c is the engine of today; nothing
 * outside it (and fts_sqlite.c and migrations/, which are SQL text) knows SQLite.
 * A connection belongs to one thread at a time and never crosses fork(). */

enum rcd_conn_use {
	RCD_CONN_READ,
	RCD_CONN_WRITE,
	RCD_CONN_CREATE /* as WRITE; makes the file when it is not there */
};

int rcd_conn_open(struct rcd_conn **out, const char *path, enum rcd_conn_use use,
                  struct rcd_err *err);
struct rcd_conn *rcd_conn_close(struct rcd_conn *conn); /* NULL-safe, returns NULL */

/* A snapshot on a reading connection; on a writing one the right to write, waited for up to
 * 10 s (RCD_BUSY). */
int rcd_conn_begin(struct rcd_conn *conn, struct rcd_err *err);
int rcd_conn_commit(struct rcd_conn *conn, struct rcd_err *err);
void rcd_conn_rollback(struct rcd_conn *conn);

/* One writer's part of a shared transaction: mark, then keep or undo. */
int rcd_conn_mark(struct rcd_conn *conn, struct rcd_err *err);
int rcd_conn_keep(struct rcd_conn *conn, struct rcd_err *err);
int rcd_conn_undo(struct rcd_conn *conn, struct rcd_err *err);

/* The engine has given up the transaction by itself: everything in it is gone. */
bool rcd_conn_lost(const struct rcd_conn *conn);
/* A failure after which the connection should not be used again. */
bool rcd_conn_broken(const struct rcd_conn *conn);

/* Pages of log that the last commit left, and moving them into the database file. wait:
 * waits a little for readers, so that the log can begin anew. The caller keeps every writer
 * of every process out meanwhile. */
int rcd_conn_log_pages(const struct rcd_conn *conn);
void rcd_conn_checkpoint(struct rcd_conn *conn, bool wait);

/* Schema: its number, and a text of several statements inside a transaction. */
int rcd_conn_version(struct rcd_conn *conn, int *version, struct rcd_err *err);
int rcd_conn_script(struct rcd_conn *conn, const char *sql, int version, struct rcd_err *err);

/* Which of a day's sums this connection adds to, so that writers of an engine that runs them
 * at the same time do not wait for each other; 0 where there is one writer. */
int64_t rcd_conn_shard(const struct rcd_conn *conn);

/* Statements, for sql.c. */
struct rcd_arg {
	char type; /* i d v b as in db.h */
	union {
		int64_t i;
		double d;
		struct rcd_sv v;
	};
};
#define RCD_MAX_ARGS 24

/* Prepares (once per connection and sql), binds; *stmt is given back by rcd_stmt_end. */
int rcd_stmt_start(struct rcd_conn *conn, const char *sql, const struct rcd_arg *arg, int n,
                   void **stmt, struct rcd_err *err);
void rcd_stmt_end(void *stmt);
int64_t rcd_conn_changes(struct rcd_conn *conn);

#endif
