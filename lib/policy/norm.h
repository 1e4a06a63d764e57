#ifndef RCD_NORM_H
#define RCD_NORM_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

/* The normal form of a message, in which two are the same when they differ in nothing but case,
 * accents, punctuation, white space, numbers and times: "Pedido nº 17, às 9h30!" is "pedido n # as
 * #". A word with a digit in it is a number; consecutive numbers are one. */

#define RCD_NORM_BYTES 2000 /* of a message are compared; the rest is ignored */
#define RCD_NORM_LINES 16   /* distinct lines of a message */

/* Appends the normal form of the whole message, its lines separated by a space. */
int rcd_norm_text(struct rcd_sv text, struct rcd_buf *out, struct rcd_err *err);

/* A message as a set of lines, so that splitting it or repeating a line makes no difference. */
struct rcd_norm {
	uint64_t line[RCD_NORM_LINES]; /* hashes of the normal forms, in order of appearance */
	size_t n;
	size_t letters; /* in all lines; numbers do not count */
};
int rcd_norm(struct rcd_sv text, struct rcd_norm *out, struct rcd_err *err);

bool rcd_norm_has(const struct rcd_norm *f, uint64_t line);
/* The same lines, in any order. */
bool rcd_norm_eq(const struct rcd_norm *a, const struct rcd_norm *b);

#endif
