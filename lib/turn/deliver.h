#ifndef RCD_DELIVER_H
#define RCD_DELIVER_H

#include "turn/steps.h"

/* One message of an answer on its way out: at most once, whatever happens on the way. fresh:
 * this very turn has marked the row as leaving, and nothing has left yet. 0: its end is known
 * (accepted, refused, dropped). -1: not yet, come again (err->retry_after). */
int rcd_turn_deliver(struct rcd_turn *t, const struct rcd_outbox_row *row, bool fresh, struct rcd_err *err);

#endif
