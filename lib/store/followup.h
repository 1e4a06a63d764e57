#ifndef RCD_FOLLOWUP_H
#define RCD_FOLLOWUP_H

#include "store/job.h"

/* A message that a turn promised for later: at most one per turn. When its time has come it is
 * a turn of its own, with an answer and nothing asked.
 *
 * Jobs are kept by a clock that nobody can set (driver.h), which may be off by as much as the
 * machine slept or its clock was wrong at its start. A promise is kept by the wall clock. */

#define RCD_JOB_FOLLOWUP "followup" /* the job's key is the number of the turn that asked */
#define RCD_FOLLOWUP_WINDOW_MS (24 * 3600000LL) /* WhatsApp: since the contact wrote last */

struct rcd_followup_in {
	int64_t due_ms;         /* UTC */
	struct rcd_sv from, to; /* channel addresses */
	struct rcd_sv body;
};
/* Inside a write: the row and its job. RCD_EXISTS: the turn has one already. */
int rcd_followup_put(struct rcd_conn *conn, const struct rcd_job *job,
                     const struct rcd_followup_in *in, struct rcd_err *err);

/* One commit, for a claimed job of this kind that has no turn yet: the turn with its answer and
 * its outbox row, and job->turn_id and contact_id filled; or, when it may not be sent (the
 * conversation is a person's, the contact wants no messages, WhatsApp's window is closed, it
 * was sent already), the row dropped, the job finished and *why set. RCD_BUSY, with
 * retry_after: it is early, or a turn of the contact is running. */
int rcd_followup_begin(struct rcd_db *db, struct rcd_job *job, const char **why,
                       struct rcd_err *err);

/* To be called now and then: the jobs of those that are due by the wall clock are due. */
int rcd_followup_wake(struct rcd_db *db, int64_t tenant, int64_t *woken, struct rcd_err *err);

#endif
