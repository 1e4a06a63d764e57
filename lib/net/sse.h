#ifndef RCD_SSE_H
#define RCD_SSE_H

#include "base/buf.h"
#include "base/err.h"

/* Incremental parser of server-sent events by the HTML standard, section 9.2.6: LF, CR or CR LF
 * ends a line, a leading BOM is dropped, data lines are joined with LF. Input may be split
 * anywhere. Lines and events have a maximum (limits.h). */
struct rcd_sse {
	struct rcd_buf line, data;
	char event[64];
	size_t event_n;
	bool started, cr, has_data;
};

/* One event: type is "" when the stream names none. Both views are valid during the call only.
 * Return -1 (with err filled) to stop. */
typedef int rcd_sse_fn(void *arg, struct rcd_sv type, struct rcd_sv data, struct rcd_err *err);

void rcd_sse_init(struct rcd_sse *s);
int rcd_sse_feed(struct rcd_sse *s, const void *p, size_t n, rcd_sse_fn *fn, void *arg,
                 struct rcd_err *err);
void rcd_sse_done(struct rcd_sse *s); /* an unfinished event is dropped, as the standard says */

#endif
