#ifndef RCD_DELIVERY_H
#define RCD_DELIVERY_H

#include "base/cancel.h"
#include "net/breaker.h"
#include "provider/twilio.h"
#include "store/job.h"
#include "store/outbox.h"

/* From a row of the outbox to the provider: each message leaves at most once, whatever happens on
 * the way, and what nobody saw arrive is looked up before it leaves again. */

/* What the messages of one turn leave with, and how far they got. */
struct rcd_outgoing {
	struct rcd_db *db;
	struct rcd_http *http;
	const struct rcd_twilio_conf *twilio;
	struct rcd_breaker *breaker;
	int reconcile_ms; /* how long a callback may still tell of a message nobody saw arrive */
	const struct rcd_job *job;
	/* A line for the operator; NULL: nobody reads it. Called from any thread. */
	void (*log)(void *arg, int64_t turn_id, const char *text);
	void *log_arg;

	int64_t intended;      /* rcd_mono_ms() before what leaves now was marked as leaving */
	bool last_part;        /* what leaves now is the last of the turn: its acceptance is */
	int64_t accepted;      /* stored with the turn's end. The row that was accepted; 0: none, */
	char accepted_sid[64]; /* and its sid */
};

/* One message of an answer on its way out. fresh: this turn has marked the row as leaving, and
 * nothing has left yet. 0: its end is known (accepted, refused, dropped). -1: not yet, come again
 * (err->retry_after). */
int rcd_outgoing_send(struct rcd_outgoing *o, const struct rcd_outbox_row *row, bool fresh,
                      struct rcd_err *err);

/* One request for a message whose intent was committed: the fence guards the store, and this the
 * wire. A process that stood still (SIGSTOP, a machine that swaps) since must not send what another
 * may send by now. The commit began the lease anew, so until its end nobody else looks at the
 * message; by then ours has left and is given up, or never leaves. most_ms: for the request. false:
 * the provider was not asked, since it fails too often now. */
bool rcd_outgoing_request(const struct rcd_outgoing *o, int most_ms,
                          const struct rcd_twilio_send *msg, enum rcd_sent *what, char sid[64],
                          struct rcd_err *no);

void rcd_outgoing_log(const struct rcd_outgoing *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* From this age on what is unfinished is looked up at the provider before anything leaves: it may
 * have been finished by another instance of this store (a copy, a backup that came back). Younger,
 * no copy can have been started from it. */
#define RCD_LATE_MS 20000
bool rcd_outgoing_is_late(const struct rcd_outgoing *o, int64_t since_ms);

/* The answer to messages of that time that another instance of this store has sent and this one
 * knows nothing of. */
struct rcd_elsewhere_in {
	struct rcd_sv from, to; /* ours, the customer's */
	int64_t received_ms;
	const char *hold_on_text; /* is no answer, whoever has sent it */
};
/* *found: its text was appended to answer. */
int rcd_outgoing_find_answer(const struct rcd_outgoing *o, const struct rcd_elsewhere_in *in,
                             struct rcd_buf *answer, bool *found, struct rcd_err *err);

#endif
