#ifndef RCD_STORE_DB_SQLITE_H
#define RCD_STORE_DB_SQLITE_H

#include "store/driver.h"

/* What only SQLite has, for its committer. */

/* Gives the connection the function passage_rank() of the full-text search (db_sqlite_rank.c). What
 * SQLite says of it: 0 is done. */
struct sqlite3;
int rcd_sqlite_rank(struct sqlite3 *h);

/* One writer's part of a shared transaction: mark, then keep or undo. */
int rcd_sqlite_mark(struct rcd_conn *conn, struct rcd_err *err);
int rcd_sqlite_keep(struct rcd_conn *conn, struct rcd_err *err);
int rcd_sqlite_undo(struct rcd_conn *conn, struct rcd_err *err);

/* The engine has given up the transaction by itself: everything in it is gone. */
bool rcd_sqlite_lost(const struct rcd_conn *conn);

/* Pages of log that the last commit left, and moving them into the database file, as far as
 * no reader needs an older one; nobody is waited for. True when all were moved: the next writer
 * begins the log anew unless a reader is still on it. The caller keeps every writer of every
 * process out meanwhile. */
int rcd_sqlite_log_pages(const struct rcd_conn *conn);
bool rcd_sqlite_checkpoint(struct rcd_conn *conn);

/* Writes the whole file anew, so that it holds rows and nothing else. RCD_LIMIT: it is too large.
 * The caller keeps every writer out, as for a checkpoint. */
int rcd_sqlite_rewrite(struct rcd_conn *conn, struct rcd_err *err);
/* A checkpoint, and the log is empty then and its file of no length; waits a little for readers
 * that are on it. False: they did not leave. For a connection of its own: it waits less for
 * everything from then on. */
bool rcd_sqlite_truncate(struct rcd_conn *conn);

#endif
