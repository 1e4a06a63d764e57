#ifndef RCD_FORM_H
#define RCD_FORM_H

#include "base/buf.h"
#include "base/err.h"

/* application/x-www-form-urlencoded, by the URL standard's parser ("+" is a space, a
 * malformed escape stands for itself, empty pieces are skipped), with caps on bytes and
 * fields. Names and values are views into the form's own decoded copy: any bytes, NUL
 * included, in the order of arrival, duplicate names kept. */
struct rcd_pair {
	struct rcd_sv name, value;
};

struct rcd_form {
	struct rcd_pair *pair;
	size_t n;
	char *text; /* the decoded bytes the views point into */
};

/* RCD_LIMIT beyond RCD_MAX_WEBHOOK bytes or RCD_MAX_FORM_FIELDS fields. */
int rcd_form_parse(struct rcd_sv body, struct rcd_form *out, struct rcd_err *err);
void rcd_form_free(struct rcd_form *f);
struct rcd_sv rcd_form_get(const struct rcd_form *f, const char *name); /* first; absent if none */
bool rcd_form_has_twice(const struct rcd_form *f, const char *name);

/* Percent-encodes v (all but RFC 3986 unreserved), for a query, a form or a path segment. */
void rcd_form_escape(struct rcd_sv v, struct rcd_buf *out);
/* Appends name=value with "&" before it when out is not empty. */
void rcd_form_add(struct rcd_buf *out, const char *name, struct rcd_sv value);

#endif
