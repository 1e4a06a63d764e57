#ifndef RCD_DB_H
#define RCD_DB_H

#include "store/sql.h"

/* A store of one process: its transactions, whichever engine is behind it. It is opened after
 * fork, once per process, and is then used by any number of threads. In layers, each of which
 * knows only those below it:
 *
 *     db.h                               transactions: reads on the caller's thread, writes
 *     committer.h  pool.h  migrate.h     who writes, which connection, which schema
 *     driver.h     url.h                 one struct of functions per engine, and which is meant
 *     sql.h        bind.h                statements, rows, arguments
 *
 * Writing to SQLite (WAL, synchronous=FULL) is group commit: rcd_db_write hands a function to the
 * process's committer thread, which runs everything that waits in one BEGIN IMMEDIATE … COMMIT (no
 * linger timer) and answers when the commit is on disk. One function's failure undoes that function
 * alone. Committers, checkpoints and writing commands of all processes take one robust,
 * process-shared, fair lock (FILE-lock beside the database), so SQLite's sleeping busy
 * handler is never in play, a dead holder blocks nobody, and the WAL is checkpointed
 * (PASSIVE, automatic checkpoints off) only while no process can write: SQLite before
 * 3.51.3 can corrupt a file when a WAL reset races a writer. */

struct rcd_db;

struct rcd_db_conf {
	const char *url; /* "sqlite:///relative/or//absolute/path" as SQLAlchemy writes it: three
	                  * slashes relative, four absolute; a plain path is taken too */
	int readers;     /* read connections at most, opened as needed; default 4 */
};

/* Brings the schema up to date under an exclusive transaction; the master calls it before
 * it forks. RCD_INVAL when the schema is newer than this program. */
int rcd_db_migrate(const char *url, struct rcd_err *err);

/* Is it a server's, which may be away for a while, and not a file? */
bool rcd_db_on_server(const char *url);

int rcd_db_open(struct rcd_db **out, const struct rcd_db_conf *conf, struct rcd_err *err);
struct rcd_db *rcd_db_close(struct rcd_db *db); /* NULL-safe, returns NULL */

/* Path of the database file behind url (malloc'd); RCD_INVAL when it is not a file. */
char *rcd_db_path(const char *url, struct rcd_err *err);
/* What may be shown of url: the path, or postgresql://user@host:port/database (malloc'd). */
char *rcd_db_shown(const char *url, struct rcd_err *err);

/* Blocks until fn's work is durable. RCD_BUSY when the store is held by a stranger for
 * longer than 10 s; RCD_IO when the disk is full or broken: nothing was written then. */
int rcd_db_write(struct rcd_db *db, rcd_db_fn *fn, void *arg, struct rcd_err *err);
/* Reading, in one snapshot, on the caller's thread:
 *
 *     struct rcd_read read = {.db = db};
 *
 *     while (rcd_read_attempt(&read, err))
 *         read.ret = find_rows(read.conn, …, err);
 *     return read.ret;
 *
 * The loop runs once, and again only where the connection was lost before a row was seen: on
 * another one, with err cleared. Its body sets ret to 0 or -1 and does not leave the loop, which
 * gives the connection back. A read inside a read fails with RCD_INVAL. */
struct rcd_read {
	struct rcd_db *db;
	struct rcd_conn *conn;
	int ret; /* -1 as well when there was no connection to be had */
	/* its own */
	bool writes;
	int attempts;
	int64_t until;
};
bool rcd_read_attempt(struct rcd_read *r, struct rcd_err *err);
/* The same for a function that is also written with. */
int rcd_db_read(struct rcd_db *db, rcd_db_fn *fn, void *arg, struct rcd_err *err);

/* Counters since open, for /stats and the bench. */
struct rcd_db_stats {
	int64_t commits, writes, checkpoints, largest_batch;
};
void rcd_db_stats(struct rcd_db *db, struct rcd_db_stats *out);

#endif
