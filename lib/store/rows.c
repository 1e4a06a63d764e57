#include "store/rows.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TEXT ((size_t)64 * 1024 * 1024)
#define FIRST_ROWS 32 /* room for the twenty messages of a prompt without growing */
#define FIRST_TEXT 8192

void rcd_rows_init(struct rcd_rows *r, size_t size)
{
	*r = (struct rcd_rows){.size = size};
	rcd_buf_init(&r->text, MAX_TEXT);
}

void *rcd_rows_add(struct rcd_rows *r)
{
	if (r->n == r->cap) {
		size_t cap = r->cap == 0 ? FIRST_ROWS : r->cap * 2;
		char *p = realloc(r->row, cap * r->size);

		if (p == NULL)
			return NULL;
		r->row = p;
		r->cap = cap;
		if (r->text.cap == 0)
			(void)rcd_buf_room(&r->text, FIRST_TEXT);
	}
	return memset(r->row + r->n++ * r->size, 0, r->size);
}

/* The offset is counted from 1, so that it is never NULL. */
char *rcd_rows_text(struct rcd_rows *r, struct rcd_sv v)
{
	size_t at = r->text.n + 1;

	if (v.p == NULL)
		return NULL;
	rcd_buf_sv(&r->text, v);
	rcd_buf_ch(&r->text, '\0');
	return (char *)(uintptr_t)at;
}

static void set_pointers(char *row, const size_t *field, size_t n_fields, char *text)
{
	for (size_t i = 0; i < n_fields; i++) {
		uintptr_t at;

		memcpy(&at, row + field[i], sizeof(at));
		if (at != 0)
			*(char **)(void *)(row + field[i]) = text + (at - 1);
	}
}

int rcd_rows_take(struct rcd_rows *r, const size_t *field, size_t n_fields, void **out, size_t *n,
                  struct rcd_err *err)
{
	size_t bytes = r->n * r->size;
	char *all = NULL;
	int ret = -1;

	if (r->text.bad) {
		if (r->text.over)
			rcd_fail(err, RCD_LIMIT, 0, "store: the result is larger than %zu bytes", MAX_TEXT);
		else
			rcd_fail_nomem(err);
	} else if (r->n > 0 && (all = malloc(bytes + r->text.n + 1)) == NULL) {
		rcd_fail_nomem(err);
	} else {
		if (all != NULL) {
			memcpy(all, r->row, bytes);
			if (r->text.n > 0)
				memcpy(all + bytes, r->text.p, r->text.n);
		}
		for (size_t i = 0; i < r->n; i++)
			set_pointers(all + i * r->size, field, n_fields, all + bytes);
		*out = all;
		*n = r->n;
		ret = 0;
	}
	rcd_rows_free(r);
	return ret;
}

void rcd_rows_free(struct rcd_rows *r)
{
	rcd_buf_free(&r->text);
	free(r->row);
	r->row = NULL;
	r->n = r->cap = 0;
}
