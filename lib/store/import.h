#ifndef RCD_STORE_IMPORT_H
#define RCD_STORE_IMPORT_H

#include "store/foreign.h"

/* Takes over what another system knows: its contacts and its turns. What was taken over before
 * is known again and stays as it is, so it can be repeated while that system still works. */

struct rcd_import {
	int64_t tenant;
	bool dry_run; /* only looks */
	void *arg;
	/* a row that cannot be used; why never says what stands in it */
	void (*bad)(void *arg, const char *table, int64_t row, const char *why);
	/* after every batch; may be NULL */
	void (*progress)(void *arg, const char *table, int64_t done, int64_t all);
};

struct rcd_import_count {
	int64_t read, added, known, bad;
	int64_t cut; /* rows with a text that was shortened to RCD_MAX_TEXT */
};

/* Blocks until all is durable, batch by batch; the daemon's writes come in between. What was
 * committed before a failure stays. count: one for each table. */
int rcd_import_history(struct rcd_db *db, struct rcd_foreign *from, const struct rcd_import *how,
                       struct rcd_import_count count[RCD_FOREIGN_TABLES], struct rcd_err *err);

#endif
