#ifndef RCD_T_STORE_H
#define RCD_T_STORE_H

#include "store/db.h"
#include "tests/t.h"

/* A new, migrated store in the case's own folder. */
static inline const char *t_store_path(void)
{
	static char path[300];

	(void)snprintf(path, sizeof(path), "%s/t.db", t_dir());
	return path;
}

static inline int t_store(struct rcd_db **db, struct rcd_err *err)
{
	const struct rcd_db_conf conf = {.url = t_store_path()};

	return rcd_db_migrate(conf.url, err) != 0 ? -1 : rcd_db_open(db, &conf, err);
}

#endif
