#ifndef RCD_STORE_FOREIGN_H
#define RCD_STORE_FOREIGN_H

#include "store/db.h"

/* Somebody else's database with the tables `users` and `conversations`: a SQLite file, or the
 * schema public of a PostgreSQL database. It is only read, in short snapshots, so that its owner
 * can go on working. What comes out is UTF-8 without NUL and at most RCD_MAX_TEXT long. */

struct rcd_foreign;

enum rcd_foreign_table { RCD_FOREIGN_USERS, RCD_FOREIGN_CONVERSATIONS, RCD_FOREIGN_TABLES };

/* columns of RCD_FOREIGN_USERS */
enum {
	RCD_U_PHONE,
	RCD_U_FIRST_NAME,
	RCD_U_LAST_NAME,
	RCD_U_ACTIVE,
	RCD_U_FIRST,
	RCD_U_LAST,
	RCD_U_TOTAL
};
/* columns of RCD_FOREIGN_CONVERSATIONS */
enum {
	RCD_C_PHONE,
	RCD_C_MESSAGE,
	RCD_C_RESPONSE,
	RCD_C_TYPE,
	RCD_C_TRANSCRIPT,
	RCD_C_THREAD,
	RCD_C_TIME
};
#define RCD_FOREIGN_COLUMNS 7

struct rcd_foreign_row {
	int64_t id;
	bool cut;                       /* a text was longer than we take */
	char *col[RCD_FOREIGN_COLUMNS]; /* NULL where there is nothing */
};

/* RCD_NOENT when a table or a column that must be there is not; RCD_INVAL for a store of ours. */
int rcd_foreign_open(struct rcd_foreign **out, const char *url, struct rcd_err *err);
struct rcd_foreign *rcd_foreign_close(struct rcd_foreign *f); /* NULL-safe, returns NULL */

const char *rcd_foreign_name(enum rcd_foreign_table table);
int rcd_foreign_count(struct rcd_foreign *f, enum rcd_foreign_table table, int64_t *n,
                      struct rcd_err *err);
/* Up to RCD_FOREIGN_BATCH rows whose id is above after, in the order of ids; free() them. */
#define RCD_FOREIGN_BATCH 200
int rcd_foreign_read(struct rcd_foreign *f, enum rcd_foreign_table table, int64_t after,
                     struct rcd_foreign_row **rows, size_t *n, struct rcd_err *err);

#endif
