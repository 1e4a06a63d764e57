#ifndef RCD_DELIVER_H
#define RCD_DELIVER_H

#include "turn/steps.h"

/* One request for a message whose intent was committed: the fence guards the store, and this the
 * wire. Whoever stood still (SIGSTOP, a machine that swaps) since must not send what another may
 * send by now. The commit began the lease anew, so until its end nobody else looks at the message;
 * by then ours has left and is given up, or never leaves. false: nobody asked the provider, who
 * fails too often now. */
struct rcd_leaving {
	const struct rcd_turn_env *env;
	int64_t intended; /* rcd_mono_ms() before that commit */
	int lease_ms;     /* that began anew with it */
	int most_ms;      /* for the request */
};
bool rcd_turn_request(const struct rcd_leaving *l, const struct rcd_twilio_send *msg,
                      enum rcd_sent *what, char sid[64], struct rcd_err *no);

/* One message of an answer on its way out: at most once, whatever happens on the way. fresh:
 * this very turn has marked the row as leaving, and nothing has left yet. 0: its end is known
 * (accepted, refused, dropped). -1: not yet, come again (err->retry_after). */
int rcd_turn_deliver(struct rcd_turn *t, const struct rcd_outbox_row *row, bool fresh,
                     struct rcd_err *err);

#endif
