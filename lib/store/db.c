/* A store of one process: its committer, its pool of read connections, and the fork guard. */
#include "store/db.h"

#include "store/committer.h"
#include "store/driver.h"
#include "store/migrate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READERS 4
#define MAX_READERS 256

struct rcd_db {
	pid_t owner; /* the process that opened it */
	char *path;
	struct rcd_committer *committer;
	pthread_mutex_t mutex; /* the pool */
	pthread_cond_t returned;
	struct rcd_conn **idle; /* room for max; handed out last in first out: the warmest cache */
	int n_idle, n_open, max;
};

/* --- where ---------------------------------------------------------------------------- */

char *rcd_db_path(const char *url, struct rcd_err *err)
{
	struct rcd_sv v = rcd_sv(url);
	char *path;

	if (rcd_sv_starts(v, RCD_SV("sqlite:///")))
		v = rcd_sv_skip(v, strlen("sqlite:///"));
	else if (v.n > 0 && strstr(url, "://") != NULL) {
		rcd_fail(err, RCD_INVAL, 0, "database URL: only sqlite:///FILE is understood");
		return NULL;
	}
	if (v.n == 0 || v.p[v.n - 1] == '/' || memchr(v.p, '?', v.n) != NULL || v.p[0] == ':' ||
	    rcd_sv_starts(v, RCD_SV("file:"))) {
		rcd_fail(err, RCD_INVAL, 0, "database URL: it names no file");
		return NULL;
	}
	path = rcd_sv_dup(v);
	if (path == NULL)
		rcd_fail_nomem(err);
	return path;
}

/* --- opening -------------------------------------------------------------------------- */

int rcd_db_open(struct rcd_db **out, const struct rcd_db_conf *conf, struct rcd_err *err)
{
	struct rcd_db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		return rcd_fail_nomem(err);
	db->owner = getpid();
	db->max = conf->readers > 0 && conf->readers <= MAX_READERS ? conf->readers : READERS;
	(void)pthread_mutex_init(&db->mutex, NULL);
	(void)pthread_cond_init(&db->returned, NULL);
	db->idle = calloc((size_t)db->max, sizeof(struct rcd_conn *));
	if (db->idle == NULL)
		rcd_fail_nomem(err);
	else if ((db->path = rcd_db_path(conf->url, err)) != NULL && rcd_schema_check(db->path, err) == 0 &&
	         rcd_committer_open(&db->committer, db->path, err) == 0) {
		*out = db;
		return 0;
	}
	rcd_db_close(db);
	return -1;
}

struct rcd_db *rcd_db_close(struct rcd_db *db)
{
	/* a forked child has no committer thread to join, and closing the engine's files there
	 * would drop the parent's locks: it leaves everything as it is */
	if (db == NULL || db->owner != getpid())
		return NULL;
	rcd_committer_close(db->committer);
	for (int i = 0; db->idle != NULL && i < db->n_idle; i++)
		rcd_conn_close(db->idle[i]);
	(void)pthread_cond_destroy(&db->returned);
	(void)pthread_mutex_destroy(&db->mutex);
	free(db->idle);
	free(db->path);
	free(db);
	return NULL;
}

static int check_owner(const struct rcd_db *db, struct rcd_err *err)
{
	if (db->owner == getpid())
		return 0;
	return rcd_fail(err, RCD_INVAL, 0, "store: opened in another process");
}

/* --- reading -------------------------------------------------------------------------- */

static int borrow(struct rcd_db *db, struct rcd_conn **conn, struct rcd_err *err)
{
	(void)pthread_mutex_lock(&db->mutex);
	while (db->n_idle == 0 && db->n_open == db->max)
		(void)pthread_cond_wait(&db->returned, &db->mutex);
	if (db->n_idle > 0) {
		*conn = db->idle[--db->n_idle];
		(void)pthread_mutex_unlock(&db->mutex);
		return 0;
	}
	db->n_open++;
	(void)pthread_mutex_unlock(&db->mutex);
	if (rcd_conn_open(conn, db->path, RCD_CONN_READ, err) == 0)
		return 0;
	(void)pthread_mutex_lock(&db->mutex);
	db->n_open--;
	(void)pthread_cond_signal(&db->returned);
	(void)pthread_mutex_unlock(&db->mutex);
	return -1;
}

static void give_back(struct rcd_db *db, struct rcd_conn *conn)
{
	bool keep = !rcd_conn_broken(conn);

	if (!keep)
		rcd_conn_close(conn);
	(void)pthread_mutex_lock(&db->mutex);
	if (keep)
		db->idle[db->n_idle++] = conn;
	else
		db->n_open--;
	(void)pthread_cond_signal(&db->returned);
	(void)pthread_mutex_unlock(&db->mutex);
}

int rcd_db_read(struct rcd_db *db, rcd_db_fn *fn, void *arg, struct rcd_err *err)
{
	struct rcd_conn *conn = NULL;
	int ret;

	if (check_owner(db, err) != 0 || borrow(db, &conn, err) != 0)
		return -1;
	ret = rcd_conn_begin(conn, err);
	if (ret == 0)
		ret = fn(conn, arg, err);
	rcd_conn_rollback(conn); /* nothing to keep; drops the snapshot */
	give_back(db, conn);
	return ret;
}

/* --- writing -------------------------------------------------------------------------- */

int rcd_db_write(struct rcd_db *db, rcd_db_fn *fn, void *arg, struct rcd_err *err)
{
	if (check_owner(db, err) != 0)
		return -1;
	return rcd_committer_run(db->committer, fn, arg, err);
}

void rcd_db_stats(struct rcd_db *db, struct rcd_db_stats *out)
{
	rcd_committer_stats(db->committer, out);
}
