#ifndef RCD_SB_MESSAGES_H
#define RCD_SB_MESSAGES_H

#include "base/json.h"

/* The account's messages, as the API shows them. Thread-safe; in memory, the last 100 000. */
struct rcd_sb_messages;

int rcd_sb_messages_open(struct rcd_sb_messages **out, struct rcd_err *err);
struct rcd_sb_messages *rcd_sb_messages_close(struct rcd_sb_messages *m); /* NULL-safe */

/* Keeps doc (its "sid" names it) as created at when_ms; drops the reference. -1: no memory. */
int rcd_sb_messages_add(struct rcd_sb_messages *m, int64_t when_ms, json_t *take);
/* error_code 0: none. */
void rcd_sb_messages_status(struct rcd_sb_messages *m, const char *sid, const char *status,
                            int error_code);
/* A copy for the caller; NULL: not there, or no memory. */
json_t *rcd_sb_messages_get(struct rcd_sb_messages *m, struct rcd_sv sid);

struct rcd_sb_filter {
	struct rcd_sv to, from;     /* absent: any */
	int64_t since_ms, until_ms; /* since ≤ created < until */
	struct rcd_sv after;        /* the sid that the page before ended with; absent: first page */
	size_t size;
};
/* Newest first. *next: there is more. A new array, NULL when memory is short. */
json_t *rcd_sb_messages_list(struct rcd_sb_messages *m, const struct rcd_sb_filter *f, bool *next);

/* RFC 2822, "Sat, 21 Nov 2026 13:05:09 +0000". */
#define RCD_SB_DATE 40
void rcd_sb_date(int64_t ms, char out[RCD_SB_DATE]);

#endif
