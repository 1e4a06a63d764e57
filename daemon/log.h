#ifndef RCD_LOG_H
#define RCD_LOG_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* One write(2) per line to standard error: "<level>" for the journal (a time stamp instead
 * when the output is a terminal or a file), role[pid], then the text. Control bytes are
 * escaped, lines are cut at 1 KiB. Ids, never message text and never a full number. */

enum { RCD_ERROR = 3, RCD_WARN = 4, RCD_NOTICE = 5, RCD_INFO = 6, RCD_DEBUG = 7 };

void rcd_log_init(const char *role, int level);
void rcd_log(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool rcd_log_at(int level);

/* "+5511987654321" → "+5511*****4321", a bsuid likewise: enough to find, not enough to call.
 * Writes at most n bytes. */
void rcd_log_mask(const char *address, char *out, size_t n);

#endif
