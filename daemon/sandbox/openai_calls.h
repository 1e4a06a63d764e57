#ifndef RCD_SB_OPENAI_CALLS_H
#define RCD_SB_OPENAI_CALLS_H

#include "base/json.h"

/* A model that obeys whoever speaks last, first or in between: wherever in what it is sent the
 * words
 *
 *     @call NAME {JSON}
 *
 * stand (in what the customer wrote, in a transcript, a name, a passage, the history, the result
 * of a tool), it calls that tool with those arguments, offered or not, once in a turn and a few
 * at a time. Bytes that are not JSON are sent as they stand, up to the end of their line. Only
 * requests that offer tools are looked at. */

/* The next calls, an array of {id, name, arguments}: *out NULL when there are none (left). context:
 * what a conversation holds, may be NULL. -1: no memory. */
int rcd_sb_calls_next(const json_t *req, const json_t *context, json_t **out);

/* The next piece of a call's arguments, as models send them. Bytes; 0 at the end. */
size_t rcd_sb_calls_piece(struct rcd_sv arguments);

#endif
