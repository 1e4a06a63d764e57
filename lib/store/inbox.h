#ifndef RCD_INBOX_H
#define RCD_INBOX_H

#include "store/job.h"

/* Messages as they came in: the raw body, kept before anything in it is understood. */

struct rcd_inbox_in {
	int64_t tenant;
	struct rcd_sv event_key; /* the provider's id of the message; the same again is not stored */
	struct rcd_sv sender;    /* channel address, the key of the contact's turn job */
	struct rcd_sv route;     /* path it came in by */
	struct rcd_sv body;      /* raw form */
	int64_t received_ms;
	int64_t due_ms;          /* when the turn may begin */
};

/* Commits the message and its turn job. *fresh is false (and nothing changed) when the
 * event key is there already. */
int rcd_inbox_put(struct rcd_db *db, const struct rcd_inbox_in *in, bool *fresh,
                  struct rcd_err *err);

struct rcd_inbox_row {
	int64_t id, received_ms;
	char *event_key, *route;
	struct rcd_sv body; /* malloc'd */
};

/* The messages that job's turn answers, oldest first, at most RCD_MAX_TURN_MESSAGES: those
 * already given to job->turn_id when it has one, else all of the sender's that no turn has. */
int rcd_inbox_gather(struct rcd_db *db, const struct rcd_job *job, struct rcd_inbox_row **rows,
                     size_t *n, struct rcd_err *err);
void rcd_inbox_rows_free(struct rcd_inbox_row *rows, size_t n);

#endif
