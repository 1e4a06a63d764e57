#ifndef RCD_HOLD_ON_H
#define RCD_HOLD_ON_H

#include "delivery/delivery.h"

/* "I have your voice note, the answer follows": one message in a turn's life, to a customer whose
 * note takes longer to hear than its time. It is sent on a thread of its own while the words are
 * awaited, under the contract of the outbox with one exception: an attempt whose fate is unknown is
 * given up instead of looked up or sent again, so that neither the answer nor the end of the job
 * waits. */

struct rcd_hold_on;

struct rcd_hold_on_in {
	struct rcd_sv from, to;
	const char *body; /* lives as long as the result */
	int64_t due;      /* rcd_mono_ms() */
};
/* Sends it when that time comes, unless end comes first; o is copied, its job too. NULL: it cannot
 * be sent, which is no reason to fail a turn. */
struct rcd_hold_on *rcd_hold_on_begin(const struct rcd_outgoing *o,
                                      const struct rcd_hold_on_in *in);
/* The words are there, or given up. h, or NULL when it has ended without a message. */
struct rcd_hold_on *rcd_hold_on_end(struct rcd_hold_on *h);
/* The answer is about to leave, or the turn ends: a request that still runs is given up. NULL-safe;
 * NULL. */
struct rcd_hold_on *rcd_hold_on_drop(struct rcd_hold_on *h);
/* Of the n rows of the turn those that are the answer's. What a predecessor left without knowing
 * its fate is given up. */
int rcd_hold_on_skip(const struct rcd_outgoing *o, const struct rcd_outbox_row *row, size_t *n,
                     struct rcd_err *err);

#endif
