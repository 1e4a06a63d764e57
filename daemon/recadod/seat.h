#ifndef RCD_SEAT_H
#define RCD_SEAT_H

#include "base/buf.h"
#include "base/cancel.h"
#include "turn/turn.h"

/* The handover of an answer from a turn to the webhook that waits for it on another thread (a route
 * with reply = "twiml"). It has two sides, each with a reference. The web thread waits up to the
 * deadline; the turn offers its answer once. */

struct rcd_twiml_seat;

/* NULL: no memory. deadline: rcd_mono_ms() until which the web thread waits. */
struct rcd_twiml_seat *rcd_seat_new(int64_t deadline);
int64_t rcd_seat_deadline(const struct rcd_twiml_seat *seat);
/* Cancels the turn; lives as long as the seat. */
struct rcd_cancel *rcd_seat_cancel(struct rcd_twiml_seat *seat);
/* The turn's side, for rcd_turn_run; lives as long as the seat. */
const struct rcd_webhook_reply *rcd_seat_reply(const struct rcd_twiml_seat *seat);
void rcd_seat_leave(struct rcd_twiml_seat *seat); /* drops one side's reference; NULL-safe */
/* The web thread, up to until: true when the turn has neither offered nor left by then. */
bool rcd_seat_waits(struct rcd_twiml_seat *seat, int64_t until);
/* The web thread, up to the deadline: 0 with the TwiML moved to out when the turn offered in time,
 * -1 when not: an offer that comes later fails. After 0 call rcd_seat_written. */
int rcd_seat_wait(struct rcd_twiml_seat *seat, struct rcd_buf *out);
void rcd_seat_written(struct rcd_twiml_seat *seat, bool ok);

#endif
