#ifndef RCD_STORE_ROWS_H
#define RCD_STORE_ROWS_H

#include "base/buf.h"
#include "base/err.h"

/* A result: an array of structs and all their strings in one allocation, so that one free()
 * ends it and no half-built row needs care. While it grows, a string is kept as its offset
 * in the text; rcd_rows_take makes pointers of them. */
struct rcd_rows {
	size_t size; /* of one struct */
	size_t n, cap;
	char *row;
	struct rcd_buf text;
};

void rcd_rows_init(struct rcd_rows *r, size_t size);
/* A new zeroed row, valid until the next one; NULL without memory. */
void *rcd_rows_add(struct rcd_rows *r);
/* The value of a row's char * for v, NUL-terminated; NULL for the absent view. */
char *rcd_rows_text(struct rcd_rows *r, struct rcd_sv v);
/* Ends the building (nothing is left to free) whether or not it succeeds. field: offsetof
 * each char * of the struct. No rows give NULL and 0. */
int rcd_rows_take(struct rcd_rows *r, const size_t *field, size_t n_fields, void **out, size_t *n,
                  struct rcd_err *err);
void rcd_rows_free(struct rcd_rows *r); /* gives the building up */

#endif
