#ifndef RCD_T_STORE_H
#define RCD_T_STORE_H

#include "store/db.h"
#include "store/pq.h"
#include "tests/t.h"

#include <stdlib.h>

/* Programs that include this run on both engines: once as they are, with SQLite, and once
 * with T_STORE, the URL of a PostgreSQL database whose schema recado is theirs to drop. Cases
 * about a file are marked T_SQLITE, those about a server T_PG. */

static inline bool t_pg(void)
{
	return getenv("T_STORE") != NULL;
}

static inline const char *t_store_path(void)
{
	static char path[300];

	(void)snprintf(path, sizeof(path), "%s/t.db", t_dir());
	return path;
}

static inline const char *t_store_url(void)
{
	return t_pg() ? getenv("T_STORE") : t_store_path();
}

/* The database as nobody has used it yet. */
static inline int t_store_clear(struct rcd_err *err)
{
	struct rcd_pq *pq = NULL;
	int ret;

	if (!t_pg())
		return 0;
	if (rcd_pq_open(&pq, t_store_url(), err) != 0)
		return -1;
	ret = rcd_pq_script(pq, "DROP SCHEMA IF EXISTS recado CASCADE", err);
	rcd_pq_close(pq);
	return ret;
}

/* A new, migrated store in the case's own folder or database. */
static inline int t_store_new(const char *url, struct rcd_err *err)
{
	return t_store_clear(err) != 0 ? -1 : rcd_db_migrate(url, err);
}

static inline int t_store(struct rcd_db **db, struct rcd_err *err)
{
	const struct rcd_db_conf conf = {.url = t_store_url()};

	return t_store_new(conf.url, err) != 0 ? -1 : rcd_db_open(db, &conf, err);
}

#endif
