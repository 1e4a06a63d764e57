#ifndef RCD_LOG_H
#define RCD_LOG_H

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One write(2) per line to standard error: "<level>" for the journal (a time stamp instead
 * when the output is a terminal or a file), role[pid], then the text. Control bytes are
 * escaped, lines are cut at 1 KiB. Ids, never message text and never a full number. */

enum { RCD_ERROR = 3, RCD_WARN = 4, RCD_NOTICE = 5, RCD_INFO = 6, RCD_DEBUG = 7 };

void rcd_log_init(const char *role, int level);
void rcd_log(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool rcd_log_at(int level);

/* One kind of line that a stranger can cause: ten at once, then one in ten seconds, which tells how
 * many there were in between (suppressed=N). Static, one for each kind, RCD_LOG_LIMIT at first. */
struct rcd_log_limit {
	pthread_mutex_t lock;
	int used;            /* of RCD_LOG_BURST */
	int64_t refilled_ms; /* rcd_mono_ms() */
	int64_t suppressed;
};
#define RCD_LOG_BURST 10
#define RCD_LOG_EVERY_MS 10000
#define RCD_LOG_LIMIT                                                                              \
	{                                                                                              \
		.lock = PTHREAD_MUTEX_INITIALIZER                                                          \
	}
void rcd_log_limited(struct rcd_log_limit *limit, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
