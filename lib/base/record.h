#ifndef RCD_RECORD_H
#define RCD_RECORD_H

#include "base/buf.h"
#include "base/err.h"

/* How a helper program answers the process that started it: records, each a line "K N L\n", L
 * bytes, and a "\n". K is one character that says what the record is, N a number that goes with it.
 */
struct rcd_record {
	char kind;
	int64_t number;
	struct rcd_sv bytes; /* a view */
};

/* The last one of an answer that is none. number: an rcd_code; bytes: why, UTF-8. */
#define RCD_RECORD_ERROR 'X'

/* What stands before its bytes; a line end stands behind them. */
void rcd_record_head(struct rcd_buf *b, const struct rcd_record *r);
void rcd_record_put(struct rcd_buf *b, const struct rcd_record *r);
/* Takes one off the front. RCD_PROTO when there is no whole, proper one, or one of more than max
 * bytes; number is any from 0 to INT32_MAX. */
int rcd_record_next(struct rcd_sv *rest, size_t max, struct rcd_record *r, struct rcd_err *err);
/* What a record of RCD_RECORD_ERROR says, as an error of ours; RCD_PROTO when it is not proper. */
int rcd_record_fail(const struct rcd_record *r, struct rcd_err *err);

#endif
