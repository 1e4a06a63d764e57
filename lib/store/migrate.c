/* The schema's way from nothing, or from any older version, to the newest. */
#include "store/migrate.h"

#include "store/committer.h"
#include "store/driver.h"
#include "store/schema.h"
#include "store/wlock.h"

#include <stdlib.h>
#include <unistd.h>

#define LOCK_MS 10000

static int newest(void)
{
	int n = 0;

	while (rcd_schema_sqlite[n] != NULL)
		n++;
	return n;
}

static int too_new(int version, struct rcd_err *err)
{
	return rcd_fail(err, RCD_INVAL, 0,
	                "the database has schema %d, this program knows %d: it needs a newer recado",
	                version, newest());
}

int rcd_schema_check(const char *path, struct rcd_err *err)
{
	struct rcd_conn *conn = NULL;
	int version = 0, ret;

	if (access(path, F_OK) != 0)
		return rcd_fail(err, RCD_NOENT, 0, "there is no database file %s", path);
	if (rcd_conn_open(&conn, path, RCD_CONN_READ, err) != 0)
		return -1;
	ret = rcd_conn_version(conn, &version, err);
	rcd_conn_close(conn);
	if (ret != 0 || version == newest())
		return ret;
	if (version > newest())
		return too_new(version, err);
	return rcd_fail(err, RCD_INVAL, 0, "the database has schema %d, not yet %d", version, newest());
}

/* Looks at the version again inside the transaction: another master may have been faster. */
static int steps(struct rcd_conn *conn, struct rcd_err *err)
{
	int version = 0;

	if (rcd_conn_version(conn, &version, err) != 0)
		return -1;
	if (version > newest())
		return too_new(version, err);
	for (int i = version; rcd_schema_sqlite[i] != NULL; i++)
		if (rcd_conn_script(conn, rcd_schema_sqlite[i], i + 1, err) != 0)
			return -1;
	return 0;
}

static int migrate(const char *path, struct rcd_err *err)
{
	struct rcd_conn *conn = NULL;
	int ret = -1;

	if (rcd_conn_open(&conn, path, RCD_CONN_CREATE, err) != 0)
		return -1;
	if (rcd_conn_begin(conn, err) == 0) {
		if (steps(conn, err) == 0)
			ret = rcd_conn_commit(conn, err);
		if (ret != 0)
			rcd_conn_rollback(conn);
	}
	rcd_conn_close(conn);
	return ret;
}

int rcd_db_migrate(const char *url, struct rcd_err *err)
{
	char *path = rcd_db_path(url, err);
	char *lock_path = path != NULL ? rcd_committer_lock_path(path) : NULL;
	struct rcd_wlock *lock = NULL;
	int ret = -1;

	if (path == NULL)
		return -1;
	if (lock_path == NULL) {
		rcd_fail_nomem(err);
	} else if (rcd_wlock_open(&lock, lock_path, err) == 0 && rcd_wlock_take(lock, LOCK_MS, err) == 0) {
		ret = migrate(path, err);
		rcd_wlock_drop(lock);
	}
	rcd_wlock_close(lock);
	free(lock_path);
	free(path);
	return ret;
}
