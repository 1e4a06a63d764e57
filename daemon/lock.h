#ifndef RCD_LOCK_H
#define RCD_LOCK_H

#include "base/err.h"

#include <stdbool.h>

/* STATE_DIR/recadod.lock: who has it is the one master of this state. Its children inherit it,
 * so it is free only when the last process of a killed master is gone. */

/* Waits for it; RCD_BUSY after wait_ms. *fd is the caller's, who holds the lock while it is
 * open, and -1 where there is no such file and create is false: nobody has ever run there, and
 * a file made by another user would be in the way of who will. */
int rcd_lock_state(const char *state_dir, bool create, int wait_ms, int *fd, struct rcd_err *err);

#endif
