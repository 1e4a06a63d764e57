#ifndef RCD_HOLD_ON_H
#define RCD_HOLD_ON_H

#include "turn/steps.h"

/* "I have your voice note, the answer follows": one message in a turn's life, to a customer whose
 * note takes longer to hear than its time. It is sent on a thread of its own while the words are
 * awaited, under the contract of the outbox but for one thing: whose fate is unknown is given up
 * instead of looked up or sent again, so that neither the answer nor the end of the job waits. */

struct rcd_hold_on;

/* Before the words of a note are asked for: sends it when the time to hear is over, unless end
 * comes first. Nothing where no setting wants it, nobody is answered, or one is under way. That it
 * cannot be sent is no reason to fail a turn. */
void rcd_hold_on_begin(struct rcd_turn *t);
/* The words are there, or given up. */
void rcd_hold_on_end(struct rcd_turn *t);
/* The answer is about to leave, or the turn ends: a request that still runs is given up. */
void rcd_hold_on_drop(struct rcd_turn *t);
/* Of the n rows of the turn those that are the answer's. What a predecessor left without knowing
 * its fate is given up. */
int rcd_hold_on_skip(struct rcd_turn *t, const struct rcd_outbox_row *row, size_t *n,
                     struct rcd_err *err);

#endif
