/* The SQLite engine: the one file that knows sqlite3.h. Connections, their pragmas, prepared
 * statements, transactions, checkpoints, and what SQLite's result codes mean to us. */
#include "store/db_sqlite.h"

#include "base/clock.h"
#include "store/fts.h"
#include "store/schema.h"
#include "store/wlock.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAME_CLOCK_MS 100 /* the wall clock is corrected by less all the time */
#define TRUNCATE_MS 100
#define REWRITE_PAGES 65536 /* of 4 KiB: some seconds, less than a writer waits for the lock */
#define BUSY_MS 10000       /* a stranger (a sqlite3 shell) holds the file */

struct stmt {
	sqlite3_stmt *st;
	int at[RCD_MAX_ARGS]; /* SQLite's index of $1, $2 … ; 0: not in the text */
	struct file *conn;
	bool in_use;
};

struct file {
	struct rcd_conn base;
	sqlite3 *h;
	struct stmt stmt[RCD_STATEMENTS];
	enum rcd_conn_use use;
	int log_pages;
	int64_t epoch_ms; /* of the lock file; 0: there is none */
	bool in_txn;
	bool broken;
};

static struct file *file_of(struct rcd_conn *conn)
{
	return (struct file *)conn;
}

/* --- errors --------------------------------------------------------------------------- */

static enum rcd_code code_of(int rc)
{
	switch (rc) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return RCD_EXISTS;
	case SQLITE_IOERR_NOMEM:
		return RCD_NOMEM;
	default:
		break;
	}
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return RCD_NOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return RCD_BUSY;
	case SQLITE_TOOBIG:
		return RCD_LIMIT;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_ERROR:
	case SQLITE_MISUSE:
		return RCD_INVAL;
	case SQLITE_INTERRUPT:
		return RCD_CANCELLED;
	default: /* IOERR FULL CORRUPT NOTADB READONLY CANTOPEN PERM PROTOCOL … */
		return RCD_IO;
	}
}

/* SQLite's own message is used only where it can speak of nothing but our SQL text: that of
 * a failed step may quote a value. */
static int fail_with(struct file *conn, int rc, const char *what, struct rcd_err *err)
{
	enum rcd_code code = code_of(rc);
	bool own_text = code == RCD_INVAL && sqlite3_errcode(conn->h) == SQLITE_ERROR;

	if (code == RCD_IO)
		conn->broken = true;
	if (code == RCD_NOMEM)
		return rcd_fail_nomem(err);
	return rcd_fail(err, code, code == RCD_IO ? sqlite3_system_errno(conn->h) : 0,
	                "store: %s: %s (%d)", what,
	                own_text ? sqlite3_errmsg(conn->h) : sqlite3_errstr(rc), rc);
}

/* --- opening -------------------------------------------------------------------------- */

static int exec_text(struct file *conn, const char *sql, const char *what, struct rcd_err *err)
{
	int rc = sqlite3_exec(conn->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail_with(conn, rc, what, err);
}

static int on_commit(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct file *conn = arg;

	(void)h;
	(void)name;
	conn->log_pages = pages;
	return SQLITE_OK;
}

/* No connection ever checkpoints by itself, not even the last one that closes: see db.h. */
static int harden_file(struct file *conn, struct rcd_err *err)
{
	static const struct {
		int option, value;
	} set[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},     {SQLITE_DBCONFIG_DQS_DDL, 0},
		{SQLITE_DBCONFIG_ENABLE_FKEY, 1}, {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
	};
	int rc;

	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
		rc = sqlite3_db_config(conn->h, set[i].option, set[i].value, (int *)NULL);
		if (rc != SQLITE_OK)
			return fail_with(conn, rc, "set up", err);
	}
	(void)sqlite3_busy_timeout(conn->h, BUSY_MS);
	(void)sqlite3_wal_autocheckpoint(conn->h, 0);
	(void)sqlite3_wal_hook(conn->h, on_commit, conn);
	return 0;
}

/* Small caches: a thousand parked turns share few megabytes, and the hot pages of a store
 * sit in the page cache of the system anyway. */
static int set_pragmas(struct file *conn, struct rcd_err *err)
{
	if (conn->use == RCD_CONN_READ)
		return exec_text(conn,
		                 "PRAGMA query_only=1; PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY",
		                 "set up", err);
	return exec_text(conn,
	                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-2048;"
	                 " PRAGMA secure_delete=ON;"
	                 " PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY",
	                 "set up", err);
}

static void close_file(struct rcd_conn *c)
{
	struct file *conn = file_of(c);

	for (int i = 0; i < RCD_STATEMENTS; i++)
		(void)sqlite3_finalize(conn->stmt[i].st);
	(void)sqlite3_close(conn->h);
	free(conn);
}

/* Without the file, or the right to open it, the wall clock has to do. */
static int read_epoch(struct file *conn, const char *path, struct rcd_err *err)
{
	char *lock_path = rcd_wlock_path(path);
	struct rcd_wlock *lock = NULL;

	if (lock_path == NULL)
		return rcd_fail_nomem(err);
	if (access(lock_path, R_OK | W_OK) == 0 &&
	    rcd_wlock_open(&lock, lock_path, RCD_UNREAD_ERR) == 0)
		conn->epoch_ms = rcd_wlock_epoch_ms(lock);
	rcd_wlock_close(lock);
	free(lock_path);
	return 0;
}

static int add_rank(struct file *conn, struct rcd_err *err)
{
	int rc = rcd_sqlite_rank(conn->h);

	return rc == SQLITE_OK ? 0 : fail_with(conn, rc, "set up full text", err);
}

static int open_file(struct rcd_conn **out, const char *path, enum rcd_conn_use use,
                     struct rcd_err *err)
{
	struct file *conn = calloc(1, sizeof(*conn));
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int rc;

	if (conn == NULL)
		return rcd_fail_nomem(err);
	if (use != RCD_CONN_CREATE && access(path, F_OK) != 0) {
		free(conn);
		return rcd_fail(err, RCD_NOENT, 0, "there is no database file %s", path);
	}
	conn->base.engine = &rcd_sqlite;
	conn->use = use;
	rc = sqlite3_open_v2(path, &conn->h, flags | (use == RCD_CONN_CREATE ? SQLITE_OPEN_CREATE : 0),
	                     NULL);
	if (conn->h == NULL)
		rcd_fail_nomem(err);
	else if (rc != SQLITE_OK)
		fail_with(conn, rc, "open the database", err);
	else if (harden_file(conn, err) == 0 && set_pragmas(conn, err) == 0 &&
	         add_rank(conn, err) == 0 && read_epoch(conn, path, err) == 0) {
		*out = &conn->base;
		return 0;
	}
	close_file(&conn->base);
	return -1;
}

static bool is_alive(struct rcd_conn *c)
{
	(void)c;
	return true;
}

/* --- statements ----------------------------------------------------------------------- */

static int prepare_statement(struct file *conn, struct stmt *s, const char *sql,
                             struct rcd_err *err)
{
	char name[16];
	int rc = sqlite3_prepare_v3(conn->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->st, NULL);

	if (rc != SQLITE_OK)
		return fail_with(conn, rc, "prepare", err);
	for (int i = 0; i < RCD_MAX_ARGS; i++) {
		(void)snprintf(name, sizeof(name), "$%d", i + 1);
		s->at[i] = sqlite3_bind_parameter_index(s->st, name);
	}
	s->conn = conn;
	return 0;
}

static int bind_value(sqlite3_stmt *st, int at, const struct rcd_arg *a)
{
	/* the views live until end, which clears the bindings: nothing is copied */
	if (a->null)
		return sqlite3_bind_null(st, at);
	switch (a->type) {
	case 'i':
		return sqlite3_bind_int64(st, at, a->i);
	case 'd':
		return sqlite3_bind_double(st, at, a->d);
	case 'b':
		return a->v.p == NULL ? sqlite3_bind_null(st, at)
		                      : sqlite3_bind_blob64(st, at, a->v.p, a->v.n, SQLITE_STATIC);
	default:
		return a->v.p == NULL
		           ? sqlite3_bind_null(st, at)
		           : sqlite3_bind_text64(st, at, a->v.p, a->v.n, SQLITE_STATIC, SQLITE_UTF8);
	}
}

static void end_statement(void *stmt)
{
	struct stmt *s = stmt;

	(void)sqlite3_reset(s->st);
	(void)sqlite3_clear_bindings(s->st);
	s->in_use = false;
}

static int start_statement(struct rcd_conn *c, const char *sql, const struct rcd_arg *arg, int n,
                           void **stmt, struct rcd_err *err)
{
	int slot = rcd_conn_slot(c, sql);
	struct stmt *s = slot >= 0 ? &file_of(c)->stmt[slot] : NULL;

	if (s == NULL || s->in_use)
		return rcd_fail(err, RCD_INVAL, 0,
		                s == NULL ? "store: too many different statements"
		                          : "store: the statement is in use already");
	if (s->st == NULL && prepare_statement(file_of(c), s, sql, err) != 0)
		return -1;
	s->in_use = true;
	for (int i = 0; i < n; i++) {
		int rc = s->at[i] == 0 ? SQLITE_RANGE : bind_value(s->st, s->at[i], &arg[i]);

		if (rc != SQLITE_OK) {
			end_statement(s);
			return fail_with(s->conn, rc, "bind", err);
		}
	}
	*stmt = s;
	return 0;
}

static int step_statement(void *stmt, struct rcd_err *err)
{
	struct stmt *s = stmt;
	int rc = sqlite3_step(s->st);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : fail_with(s->conn, rc, "run a statement", err);
}

static int run_statement(void *stmt, struct rcd_err *err)
{
	int row;

	while ((row = step_statement(stmt, err)) == 1)
		continue;
	return row;
}

static int64_t read_i64(void *stmt, int col)
{
	return sqlite3_column_int64(((struct stmt *)stmt)->st, col);
}

static double read_double(void *stmt, int col)
{
	return sqlite3_column_double(((struct stmt *)stmt)->st, col);
}

static bool is_null(void *stmt, int col)
{
	return sqlite3_column_type(((struct stmt *)stmt)->st, col) == SQLITE_NULL;
}

/* An empty text or blob is present: only NULL is the absent view. */
static struct rcd_sv read_text(void *stmt, int col)
{
	sqlite3_stmt *st = ((struct stmt *)stmt)->st;
	struct rcd_sv v = {NULL, 0};

	if (sqlite3_column_type(st, col) == SQLITE_NULL)
		return v;
	v.p = sqlite3_column_blob(st, col);
	v.n = (size_t)sqlite3_column_bytes(st, col);
	return v.p != NULL ? v : RCD_SV("");
}

static int64_t read_changes(void *stmt)
{
	return sqlite3_changes64(((struct stmt *)stmt)->conn->h);
}

/* --- transactions --------------------------------------------------------------------- */

/* A snapshot on a reading connection; on a writing one the right to write, waited for up to
 * BUSY_MS. */
static int begin_transaction(struct rcd_conn *c, bool writes, struct rcd_err *err)
{
	struct file *conn = file_of(c);
	int ret = writes && conn->use != RCD_CONN_READ
	              ? rcd_exec(c, NULL, "BEGIN IMMEDIATE", RCD_BIND(), err)
	              : rcd_exec(c, NULL, "BEGIN", RCD_BIND(), err);

	conn->in_txn = ret == 0;
	return ret;
}

static int commit_transaction(struct rcd_conn *c, struct rcd_err *err)
{
	if (rcd_exec(c, NULL, "COMMIT", RCD_BIND(), err) != 0)
		return -1;
	file_of(c)->in_txn = false;
	return 0;
}

/* Without memory even this can fail: a connection left in its transaction is of no more use. */
static void roll_back(struct rcd_conn *c)
{
	struct file *conn = file_of(c);

	if (sqlite3_get_autocommit(conn->h) == 0)
		(void)rcd_exec(c, NULL, "ROLLBACK", RCD_BIND(), RCD_UNREAD_ERR);
	if (sqlite3_get_autocommit(conn->h) == 0)
		conn->broken = true;
	conn->in_txn = false;
}

static bool is_broken(const struct rcd_conn *c)
{
	return ((const struct file *)c)->broken;
}

/* With one writer nothing is undone for another's sake. */
static bool can_repeat(const struct rcd_conn *c)
{
	(void)c;
	return false;
}

int rcd_sqlite_mark(struct rcd_conn *c, struct rcd_err *err)
{
	return rcd_exec(c, NULL, "SAVEPOINT part", RCD_BIND(), err);
}

int rcd_sqlite_keep(struct rcd_conn *c, struct rcd_err *err)
{
	return rcd_exec(c, NULL, "RELEASE part", RCD_BIND(), err);
}

int rcd_sqlite_undo(struct rcd_conn *c, struct rcd_err *err)
{
	if (rcd_exec(c, NULL, "ROLLBACK TO part", RCD_BIND(), err) != 0)
		return -1;
	return rcd_sqlite_keep(c, err);
}

bool rcd_sqlite_lost(const struct rcd_conn *c)
{
	const struct file *conn = (const struct file *)c;

	return conn->in_txn && sqlite3_get_autocommit(conn->h) != 0;
}

int rcd_sqlite_log_pages(const struct rcd_conn *c)
{
	return ((const struct file *)c)->log_pages;
}

/* Its failure is not the writers' failure: what they wrote is in the log and stays there. */
bool rcd_sqlite_checkpoint(struct rcd_conn *c)
{
	struct file *conn = file_of(c);
	int in_log = 0, moved = 0;

	return sqlite3_wal_checkpoint_v2(conn->h, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved) ==
	           SQLITE_OK &&
	       moved == in_log;
}

/* secure_delete overwrites what a delete frees, but not what SQLite itself leaves in the gap of a
 * page when it moves rows between pages. */
int rcd_sqlite_rewrite(struct rcd_conn *c, struct rcd_err *err)
{
	int64_t pages;

	if (rcd_get_i64(c, &pages, "PRAGMA page_count", RCD_BIND(), err) != 0)
		return -1;
	if (pages > REWRITE_PAGES)
		return rcd_fail(
			err, RCD_LIMIT, 0,
			"the database is too large to be written anew beside its writers: words "
			"that were deleted may stand in gaps of its pages until sqlite3's VACUUM is run");
	return exec_text(file_of(c), "PRAGMA temp_store=FILE; VACUUM", "write anew", err);
}

bool rcd_sqlite_truncate(struct rcd_conn *c)
{
	(void)sqlite3_busy_timeout(file_of(c)->h, TRUNCATE_MS); /* every writer waits meanwhile */
	return sqlite3_wal_checkpoint_v2(file_of(c)->h, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) ==
	       SQLITE_OK;
}

/* --- one machine, one writer ------------------------------------------------------------ */

/* Jobs are kept by a clock that nobody can set: with the wall clock a step forward would end
 * every lease, and one back would make what is due now due in an hour. */
static int64_t get_shift(struct rcd_conn *c)
{
	const struct file *conn = file_of(c);
	int64_t d = conn->epoch_ms + rcd_mono_ms() - rcd_now_ms();

	return conn->epoch_ms == 0 || (d > -SAME_CLOCK_MS && d < SAME_CLOCK_MS) ? 0 : d;
}

static int64_t no_shard(const struct rcd_conn *c)
{
	(void)c;
	return 0;
}

/* --- schema --------------------------------------------------------------------------- */

static int read_version(struct rcd_conn *c, int *out, struct rcd_err *err)
{
	int64_t v;

	if (rcd_get_i64(c, &v, "PRAGMA user_version", RCD_BIND(), err) != 0)
		return -1;
	*out = (int)v;
	return 0;
}

static int run_script(struct rcd_conn *c, const char *sql, int to, struct rcd_err *err)
{
	char set[64];

	(void)snprintf(set, sizeof(set), "PRAGMA user_version=%d", to);
	if (exec_text(file_of(c), sql, "migrate", err) != 0)
		return -1;
	return exec_text(file_of(c), set, "migrate", err);
}

const struct rcd_engine rcd_sqlite = {
	.one_writer = true,
	.schema = rcd_schema_sqlite,
	.fts = &rcd_fts_sqlite,
	.open = open_file,
	.close = close_file,
	.alive = is_alive,
	.begin = begin_transaction,
	.commit = commit_transaction,
	.rollback = roll_back,
	.broken = is_broken,
	.again = can_repeat,
	.shift = get_shift,
	.shard = no_shard,
	.version = read_version,
	.script = run_script,
	.start = start_statement,
	.step = step_statement,
	.run = run_statement,
	.end = end_statement,
	.changes = read_changes,
	.i64 = read_i64,
	.dbl = read_double,
	.null = is_null,
	.sv = read_text,
};
