#ifndef RCD_RECORD_H
#define RCD_RECORD_H

#include "base/buf.h"
#include "base/err.h"

/* Output format of the helper programs: records, each a line "K N L\n", L bytes, and a "\n". K is
 * the kind, one character; N is a number whose meaning depends on the kind. */
struct rcd_record {
	char kind;
	int64_t number;
	struct rcd_sv bytes; /* a view */
};

/* Last record of a failed run. number: an rcd_code; bytes: the reason, UTF-8. */
#define RCD_RECORD_ERROR 'X'

/* Appends the head line only; the caller writes the bytes and the "\n" after them. */
void rcd_record_head(struct rcd_buf *b, const struct rcd_record *r);
void rcd_record_put(struct rcd_buf *b, const struct rcd_record *r);
/* Parses one record and moves *rest behind it. RCD_PROTO: truncated, malformed, or longer than max
 * bytes. number is between 0 and INT32_MAX. */
int rcd_record_next(struct rcd_sv *rest, size_t max, struct rcd_record *r, struct rcd_err *err);
/* Fills err from a record of kind RCD_RECORD_ERROR (RCD_PROTO when it is malformed); returns -1. */
int rcd_record_fail(const struct rcd_record *r, struct rcd_err *err);

#endif
