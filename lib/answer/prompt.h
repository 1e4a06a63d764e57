#ifndef RCD_PROMPT_H
#define RCD_PROMPT_H

#include "base/json.h"

#include <stdbool.h>

/* For a prompt that is longer than the model takes: the messages without the older part of what was
 * said before. Kept are the system messages (persona, summary, passages), the last message of the
 * customer, what follows it, and the newest half of the history, in bytes; none: none of it. *left:
 * how many messages of the history those are. A new value; NULL when memory is short or there is
 * nothing to leave out. */
json_t *rcd_prompt_shorten(const json_t *messages, bool none, size_t *left);

#endif
