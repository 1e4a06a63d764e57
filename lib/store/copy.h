#ifndef RCD_STORE_COPY_H
#define RCD_STORE_COPY_H

#include "store/db.h"
#include "store/tables.h"

/* A store, or some tables of it, into an empty one, of the same or another engine: every row with
 * its ids, then read back and compared. All of it is one transaction over there, so it is copied
 * and proved, or nothing was done. */

#define RCD_HASH_TEXT 65

/* A table on both sides. The hash is the same for the same rows, whatever the engine and the
 * order it reads in. */
struct rcd_copied {
	const char *table;
	int64_t rows_from, rows_to;
	char hash_from[RCD_HASH_TEXT], hash_to[RCD_HASH_TEXT];
	bool same;
};

struct rcd_copy {
	/* NULL: all of the store, and the source is held still meanwhile and does not change. Or names,
	 * NULL-terminated, of tables that refer to none but each other and to tenants that are there:
	 * one snapshot of them is read, and who writes there is not held up */
	const char *const *tables;
	void *arg;
	/* now and then; may be NULL */
	void (*progress)(void *arg, const char *table, int64_t done, int64_t all);
};

/* The tables of rcd_copy.tables that hold what a business knows. */
extern const char *const rcd_copy_knowledge[];

/* Both migrated by this program. RCD_EXISTS: to holds rows already; RCD_PROTO: what was read back
 * is not what was written (out says where); RCD_CANCELLED: the calling thread was stopped. Text
 * that is not UTF-8 without NUL comes over with U+FFFD: *mended, if not NULL, counts its rows. out:
 * RCD_MAX_TABLES of them, *n are set. */
int rcd_copy_store(struct rcd_db *from, struct rcd_db *to, const struct rcd_copy *how,
                   struct rcd_copied *out, size_t *n, int64_t *mended, struct rcd_err *err);

#endif
