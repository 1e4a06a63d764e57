#ifndef RCD_SWEEP_H
#define RCD_SWEEP_H

#include "daemon/recadod/child.h"

/* Asks Twilio for messages that we should have and do not: what came while nothing of ours
 * could take a webhook. Blocks for several requests; says in the log what it found or why not. */
void rcd_sweep(const struct rcd_child *child, struct rcd_runtime *rt);

#endif
