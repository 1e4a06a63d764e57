#ifndef RCD_STORE_TABLES_H
#define RCD_STORE_TABLES_H

#include <stdbool.h>

/* Every table of the schema, with what copying it takes. What a table refers to stands before
 * it. Full-text indexes are not here: they are made from passage. */

#define RCD_TABLE_PAGE 200   /* rows that first and next give */
#define RCD_TABLE_COLUMNS 24 /* at most */

struct rcd_table {
	const char *name;
	int n_key;           /* the first columns are the primary key */
	const char *types;   /* a letter for each column, as in db.h */
	const char *columns; /* "id, name, created_ms" */
	bool auto_id;        /* the engine makes ids when none is said */
	/* all rows in any order; one row in; the first rows in the order of the key, and those
	 * after a key */
	const char *all, *add, *first, *next, *any, *count;
};

extern const struct rcd_table rcd_tables[]; /* ends with a NULL name */
#define RCD_MAX_TABLES 64

#endif
