#ifndef RCD_EXTRACT_TABLE_H
#define RCD_EXTRACT_TABLE_H

#include "base/err.h"
#include "daemon/extract/text.h"

#include <stdbool.h>

/* Converts a table to prose: each row becomes a paragraph of "column: value" lines, named by the
 * header, so that rows stay meaningful wherever the text is cut. Rows above the header with a
 * single cell are titles. */

#define RCD_TABLE_COLUMNS 256

struct rcd_table {
	struct rcd_prose *out;
	struct rcd_buf header;          /* the names, a NUL behind each */
	size_t name[RCD_TABLE_COLUMNS]; /* where each begins in header */
	int n_names;
	struct rcd_buf row; /* the cells of the row that is open, a NUL behind each */
	size_t cell[RCD_TABLE_COLUMNS];
	int n_cells, n_filled; /* all, and those with something in them */
	int titles;            /* rows so far that may be titles: they wait in lead */
	struct rcd_buf lead;   /* the same, a NUL behind each */
	int rows;              /* written below the header */
	bool named, too_wide;
};

void rcd_table_begin(struct rcd_table *t, struct rcd_prose *out);
/* The next cell of the row; may be empty. */
void rcd_table_cell(struct rcd_table *t, struct rcd_sv value);
void rcd_table_row(struct rcd_table *t); /* the row is whole */
/* The table is whole, and t's memory is freed; once more does nothing. RCD_LIMIT: more columns than
 * are taken. */
int rcd_table_end(struct rcd_table *t, struct rcd_err *err);

#endif
