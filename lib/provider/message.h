#ifndef RCD_MESSAGE_H
#define RCD_MESSAGE_H

#include "base/json.h"

/* A prompt: an array of {role, content}, as Chat Completions has it and every protocol's code
 * takes it. */

/* Appends one message. RCD_NOMEM. */
int rcd_message_add(json_t *prompt, const char *role, struct rcd_sv text, struct rcd_err *err);

#endif
