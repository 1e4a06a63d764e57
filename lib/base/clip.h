#ifndef RCD_CLIP_H
#define RCD_CLIP_H

#include "base/buf.h"
#include "base/limits.h"

/* The words of several messages in one text, and where each begins. */
struct rcd_messages {
	size_t start[RCD_MAX_TURN_MESSAGES];
	size_t n;
};

/* Makes text at most max bytes long: from the oldest message on each is cut to its beginning, with
 * mark behind it, as far as need be; the last one only when it is too long by itself. mark: of at
 * most 64 bytes. max: at least RCD_MIN_SHORTENED. True when anything was cut. */
#define RCD_MIN_SHORTENED 32768
bool rcd_shorten(struct rcd_buf *text, const struct rcd_messages *m, size_t max, const char *mark);

#endif
