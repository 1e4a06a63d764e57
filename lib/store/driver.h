#ifndef RCD_STORE_DRIVER_H
#define RCD_STORE_DRIVER_H

#include "store/sql.h"

/* The interface of an engine. db_sqlite.c and db_pg.c are the two; nothing
 * outside them (and fts_*.c, claim.c and migrations/, which are SQL text) knows one from the
 * other. A connection belongs to one thread at a time and never crosses fork(). */

struct rcd_fts;

enum rcd_conn_use {
	RCD_CONN_READ,
	RCD_CONN_WRITE,
	RCD_CONN_CREATE /* WRITE for a migration; makes a file that is not there */
};

struct rcd_engine {
	/* Writers of all processes are serialised by a lock in a local file, see committer.h;
	 * else each writes on a connection of its own and the engine keeps them apart. */
	bool one_writer;
	const char *const *schema; /* schema.h */
	const struct rcd_fts *fts;

	/* where: the path, or the URL. RCD_NOENT when there is no store, RCD_IO when it cannot be
	 * reached now. */
	int (*open)(struct rcd_conn **out, const char *where, enum rcd_conn_use use,
	            struct rcd_err *err);
	void (*close)(struct rcd_conn *conn);
	bool (*alive)(struct rcd_conn *conn); /* of an idle one; does not block */

	/* writes: what follows may write, and sees what others have committed by then; else one
	 * snapshot for all of it. */
	int (*begin)(struct rcd_conn *conn, bool writes, struct rcd_err *err);
	int (*commit)(struct rcd_conn *conn, struct rcd_err *err);
	void (*rollback)(struct rcd_conn *conn);
	bool (*broken)(const struct rcd_conn *conn); /* not to be used again */
	/* The last transaction was undone by the engine, for sure, and not for what was in it:
	 * a deadlock, a connection lost. The same function may be run again. */
	bool (*again)(const struct rcd_conn *conn);

	/* Inside a write: the ids that the engine makes for table go on after last. NULL where they
	 * do so after those that are there. */
	int (*ids_after)(struct rcd_conn *conn, const char *table, int64_t last, struct rcd_err *err);

	int64_t (*shift)(struct rcd_conn *conn);       /* see rcd_conn_shift */
	int64_t (*shard)(const struct rcd_conn *conn); /* see rcd_conn_shard */

	/* See rcd_db_scrub: outside of a transaction; NULL with one writer, whose committer does it. */
	int (*scrub)(struct rcd_conn *conn, struct rcd_err *err);

	/* See rcd_conn_lock_key; NULL with one writer, which needs no lock. */
	int (*lock_key)(struct rcd_conn *conn, uint64_t key, struct rcd_err *err);

	/* Inside a transaction of a CREATE connection: keeps other starters out and makes the
	 * place for the tables. NULL where begin does. */
	int (*prepare)(struct rcd_conn *conn, struct rcd_err *err);
	int (*version)(struct rcd_conn *conn, int *version, struct rcd_err *err);
	int (*script)(struct rcd_conn *conn, const char *sql, int version, struct rcd_err *err);

	/* Statements. start prepares (once per connection and sql) and binds; the views may go
	 * when it returns only if the engine has copied them, so they stay until end. */
	int (*start)(struct rcd_conn *conn, const char *sql, const struct rcd_arg *arg, int n,
	             void **stmt, struct rcd_err *err);
	int (*step)(void *stmt, struct rcd_err *err);
	/* Runs it to its end where nobody wants to know what came of it: its failure may show
	 * only with a later statement or the commit. */
	int (*run)(void *stmt, struct rcd_err *err);
	void (*end)(void *stmt);
	int64_t (*changes)(void *stmt);
	int64_t (*i64)(void *stmt, int col);
	double (*dbl)(void *stmt, int col);
	bool (*null)(void *stmt, int col);
	struct rcd_sv (*sv)(void *stmt, int col);
};

extern const struct rcd_engine rcd_sqlite, rcd_pg;

/* An engine's connection begins with this. */
#define RCD_STATEMENTS 256 /* a power of two, well above how many there are */
struct rcd_conn {
	const struct rcd_engine *engine;
	const char *key[RCD_STATEMENTS]; /* addresses of the texts of its statements */
};

struct rcd_conn *rcd_conn_close(struct rcd_conn *conn); /* NULL-safe, returns NULL */

/* The place of sql among the connection's statements, new or known; -1 when all are taken. */
int rcd_conn_slot(struct rcd_conn *conn, const char *sql);

/* How far the store's clock is ahead of this machine's wall clock, in ms. Times that several
 * machines compare (when a job is due, when a lease ends) are kept by the store's: a server's
 * clock, or for a file the wall clock as it was first seen after the machine's start, so that
 * setting it changes nothing. 0 where the clocks differ by less than 100 ms. */
int64_t rcd_conn_shift(struct rcd_conn *conn);
int64_t rcd_conn_now(struct rcd_conn *conn); /* by the store's clock, ms UTC */

/* Inside a write: an advisory lock on key until the end of the transaction, for what has no row
 * that could be locked. */
int rcd_conn_lock_key(struct rcd_conn *conn, struct rcd_sv key, struct rcd_err *err);

/* Which of a day's sums this connection adds to, so that writers of an engine that runs them
 * at the same time do not wait for each other; 0 where there is one writer. */
int64_t rcd_conn_shard(const struct rcd_conn *conn);

#endif
