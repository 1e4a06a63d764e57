#ifndef RCD_REPLY_SLOT_H
#define RCD_REPLY_SLOT_H

#include "base/buf.h"
#include "base/cancel.h"
#include "turn/turn.h"

/* The handover of an answer from a turn to the webhook that waits for it on another thread (a route
 * with reply = "twiml"). It has two sides, each with a reference. The web thread waits up to the
 * deadline; the turn offers its answer once. */

struct rcd_reply_slot;

/* NULL: no memory. deadline: rcd_mono_ms() until which the web thread waits. */
struct rcd_reply_slot *rcd_reply_slot_new(int64_t deadline);
/* Cancels the turn; lives as long as the slot. */
struct rcd_cancel *rcd_reply_slot_cancel(struct rcd_reply_slot *slot);
/* The turn's side, for rcd_turn_run; lives as long as the slot. */
const struct rcd_webhook_reply *rcd_reply_slot_webhook(const struct rcd_reply_slot *slot);
void rcd_reply_slot_release(
	struct rcd_reply_slot *slot); /* drops one side's reference; NULL-safe */
/* The web thread: waits up to until for the turn to offer or to release its side; false: neither.
 */
bool rcd_reply_slot_await(struct rcd_reply_slot *slot, int64_t until);
/* The web thread, up to the deadline: 0 with the TwiML moved to out when the turn offered in time,
 * -1 when not: an offer that comes later fails. After 0 call rcd_reply_slot_settle. */
int rcd_reply_slot_take(struct rcd_reply_slot *slot, struct rcd_buf *out);
/* Tells the turn whether what was taken was written to the provider. */
void rcd_reply_slot_settle(struct rcd_reply_slot *slot, bool ok);

#endif
