#ifndef RCD_DB_H
#define RCD_DB_H

#include "base/err.h"
#include "base/sv.h"
#include "store/bind.h"

/* The SQL layer: the only part that knows which engine is behind it. This driver is SQLite
 * (WAL, synchronous=FULL). A store is opened after fork, once per process, and is then used
 * by any number of threads.
 *
 * Writing is group commit: rcd_db_write hands a function to the process's committer thread,
 * which runs everything that waits in one BEGIN IMMEDIATE … COMMIT (no linger timer) and
 * answers when the commit is on disk. One function's failure undoes that function alone.
 * Committers, checkpoints and writing commands of all processes take one robust,
 * process-shared, fair lock (FILE-lock beside the database), so SQLite's sleeping busy
 * handler is never in play, a dead holder blocks nobody, and the WAL is checkpointed
 * (PASSIVE, automatic checkpoints off) only while no process can write: SQLite before
 * 3.51.3 can corrupt a file when a WAL reset races a writer. */

struct rcd_db;
struct rcd_conn; /* one connection, borrowed by the function that is given it */

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

/* fn does SQL on conn and nothing that waits for anything else. It returns 0 to be
 * committed, -1 (err filled) to be undone. It may run on another thread, and on a server's
 * database more than once (a deadlock, a connection lost before the commit): it sets at its
 * beginning what it counts or fills. */
typedef int rcd_db_fn(struct rcd_conn *conn, void *arg, struct rcd_err *err);

/* Blocks until fn's work is durable. RCD_BUSY when the store is held by a stranger for
 * longer than 10 s; RCD_IO when the disk is full or broken: nothing was written then. */
int rcd_db_write(struct rcd_db *db, rcd_db_fn *fn, void *arg, struct rcd_err *err);
/* Runs fn on a read connection in one snapshot, on the caller's thread. */
int rcd_db_read(struct rcd_db *db, rcd_db_fn *fn, void *arg, struct rcd_err *err);

/* Counters since open, for /stats and the bench. */
struct rcd_db_stats {
	int64_t commits, writes, checkpoints, largest_batch;
};
void rcd_db_stats(struct rcd_db *db, struct rcd_db_stats *out);

/* --- statements ---------------------------------------------------------------------
 * sql is a string constant (the prepared statement is kept by its address for the life of
 * the connection) with $1 … $n, its arguments are listed with RCD_BIND (bind.h).
 *
 *     struct rcd_q q;
 *     if (rcd_q(&q, conn, SQL, RCD_BIND(rcd_i64(id), rcd_str(name)), err) != 0) return -1;
 *     while ((row = rcd_q_step(&q, err)) == 1) … rcd_q_i64(&q, 0) …
 *     rcd_q_end(&q);
 */
struct rcd_q {
	struct rcd_conn *conn;
	void *stmt; /* the driver's */
};

int rcd_q(struct rcd_q *q, struct rcd_conn *conn, const char *sql, struct rcd_bind bind,
          struct rcd_err *err);
int rcd_q_step(struct rcd_q *q, struct rcd_err *err); /* 1 a row, 0 the end, -1 failed */
int64_t rcd_q_i64(struct rcd_q *q, int col);
double rcd_q_double(struct rcd_q *q, int col);
bool rcd_q_null(struct rcd_q *q, int col);
struct rcd_sv rcd_q_sv(struct rcd_q *q, int col); /* valid until the next step */
void rcd_q_end(struct rcd_q *q);                  /* always, also after -1 */

/* A statement without rows; *changes (may be NULL) is how many it touched. */
int rcd_exec(struct rcd_conn *conn, int64_t *changes, const char *sql, struct rcd_bind bind,
             struct rcd_err *err);
/* The first column of the first row; RCD_NOENT when there is none. */
int rcd_get_i64(struct rcd_conn *conn, int64_t *out, const char *sql, struct rcd_bind bind,
                struct rcd_err *err);

#endif
