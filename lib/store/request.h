#ifndef RCD_REQUEST_H
#define RCD_REQUEST_H

#include "base/buf.h"
#include "store/db.h"

/* Requests for a person: a customer was told that somebody will answer, or was not answered, and
 * somebody has to know. At most one is open per contact and channel; what happens again while it
 * is open folds into it. */

/* Why, as bits: an open request may have several reasons. */
enum rcd_waits {
	RCD_WAITS_HANDOFF = 1,   /* the model handed the conversation over */
	RCD_WAITS_NO_ANSWER = 2, /* the knowledge had no answer, and a person was promised */
	RCD_WAITS_APOLOGY = 4,   /* nothing could answer, and a person was promised */
	RCD_WAITS_LOOP = 8,      /* the messages look like a program's: the bot stopped answering */
	RCD_WAITS_CEILING = 16,  /* the channel's messages of the day are spent */
	RCD_N_WAITS = 5          /* bits */
};
/* "handoff", "no_answer", "apology", "loop", "ceiling", separated by commas. */
void rcd_waits_names(int64_t reasons, struct rcd_buf *out);
/* The name of one bit. */
const char *rcd_waits_name(int bit);

struct rcd_request_in {
	int64_t tenant, contact_id, turn_id;
	struct rcd_sv sender; /* channel address; what channel it is follows from it */
	int64_t reasons;      /* of enum rcd_waits */
	struct rcd_sv detail; /* in words, or absent */
};

/* Inside a write. *fresh: nobody knew that (no request was open, or none for these reasons). */
int rcd_request_open(struct rcd_conn *conn, const struct rcd_request_in *in, bool *fresh,
                     struct rcd_err *err);
/* Inside a write: the contact's requests on all channels are done. */
int rcd_request_close_all(struct rcd_conn *conn, int64_t tenant, int64_t contact_id,
                          struct rcd_err *err);

/* One commit: this one is done. A conversation that waits for a person, with no other request
 * open, is the bot's again; one that a person has stays theirs. RCD_NOENT: not an open request. */
int rcd_request_done(struct rcd_db *db, int64_t tenant, int64_t id, struct rcd_err *err);

struct rcd_request {
	int64_t id, contact_id, since_ms, last_ms, times, reasons;
	int64_t owner;                   /* enum rcd_owner: whose the conversation is now */
	char *channel, *sender, *detail; /* detail: "" without */
	char *words;                     /* the customer's last, "" when they are gone */
};

/* The open ones, oldest first. */
int rcd_request_list(struct rcd_db *db, int64_t tenant, int max, struct rcd_request **rows,
                     size_t *n, struct rcd_err *err);
void rcd_request_rows_free(struct rcd_request *rows, size_t n);

#endif
