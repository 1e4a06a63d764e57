#ifndef RCD_JOB_H
#define RCD_JOB_H

#include "base/limits.h"
#include "store/db.h"

/* Work to be done, one row per (tenant, kind, key): for a turn the key is the contact's
 * channel address, so there is at most one running turn per contact. Whoever adds work to a
 * row that exists moves its rev on; a job that ends with another rev than it was claimed
 * with is ready again at once instead of gone.
 *
 * A claim gives a lease (owner, until when) and a fence, which grows with every claim: a
 * write that carries an old fence changes nothing and is RCD_CANCELLED.
 *
 * A turn may run ahead of its time: it is claimed while the contact's quiet window is still open,
 * and due_ms is then when its answer may be stored. What comes in before that joins it.
 *
 * The row is also the lock of what belongs to it: a write that checks the fence holds it until
 * its transaction ends, and so does whoever adds work. */

#define RCD_JOB_TURN "turn"

struct rcd_job {
	int64_t tenant;
	char kind[16];
	char key[RCD_MAX_ADDRESS + 1];
	int64_t fence, rev;
	int64_t turn_id;    /* the turn this job has begun, 0 before that */
	int64_t contact_id; /* with it */
	int64_t due_ms;
	int attempts; /* claims that ended in a retry or a crash */
	int cancels;  /* how often its turn was begun anew because more came in after its window */
	bool ahead;   /* it may run before due_ms, but end only then */
	int lease_ms; /* what it was claimed for */
};

/* Inside a write: there is (more) to do for key, best not before due_ms. More of it moves the
 * time of a job that still waits, either way, but not beyond the latest_ms of the first; one
 * that is to be tried again after a failure keeps the earlier time. */
int rcd_job_put(struct rcd_conn *conn, int64_t tenant, const char *kind, struct rcd_sv key,
                int64_t due_ms, int64_t latest_ms, struct rcd_err *err);
/* The same of a job that may run ahead of its time. What is put before due_ms, while it runs, is a
 * part of the same burst: latest_ms stays that of the first. */
int rcd_job_put_ahead(struct rcd_conn *conn, int64_t tenant, const char *kind, struct rcd_sv key,
                      int64_t due_ms, int64_t latest_ms, struct rcd_err *err);
/* Inside a write: a turn that was given up is to be gone on with, now. RCD_BUSY while the key
 * has another turn under way. */
int rcd_job_resume(struct rcd_conn *conn, int64_t tenant, const char *kind, struct rcd_sv key,
                   int64_t turn_id, int64_t contact_id, struct rcd_err *err);

/* Up to max ready jobs whose time has come, oldest first; *n may be 0. Expired leases count
 * as ready. When it is unknown whether the claim was committed, it is looked up. */
int rcd_job_claim(struct rcd_db *db, int64_t owner, int lease_ms, struct rcd_job *out, int max,
                  int *n, struct rcd_err *err);
/* The same, and behind those up to max_ahead jobs that may run ahead of their time. */
int rcd_job_claim_ahead(struct rcd_db *db, int64_t owner, int lease_ms, struct rcd_job *out,
                        int max, int max_ahead, int *n, struct rcd_err *err);
/* One named job, ready or not yet due; RCD_BUSY when somebody has it, RCD_NOENT when gone. */
int rcd_job_claim_one(struct rcd_db *db, int64_t owner, int lease_ms, int64_t tenant,
                      const char *kind, const char *key, struct rcd_job *out, struct rcd_err *err);
/* Inside a write: the job is done (or ready again, see above). Checks the fence. */
int rcd_job_finish(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err);
/* Gives it back to be tried again at due_ms, but not before its window closes. It runs ahead no
 * more. */
int rcd_job_retry(struct rcd_db *db, const struct rcd_job *job, int64_t due_ms, const char *why,
                  struct rcd_err *err);
/* Gives it back until due_ms, without counting it as a failure: it waits for something. */
int rcd_job_wait(struct rcd_db *db, const struct rcd_job *job, int64_t due_ms, struct rcd_err *err);
/* Model calls of a turn that ran ahead, whose answers are discarded. */
struct rcd_job_lost {
	int64_t calls, tokens;
	int64_t requests; /* to models, early or not: a cost of the channel's day */
};
/* Gives it back because there is more to do: it is due when what came last says. One that was
 * joined before its window closed does not count as begun anew. lost is added to the day's sums. */
int rcd_job_yield(struct rcd_db *db, const struct rcd_job *job, const struct rcd_job_lost *lost,
                  struct rcd_err *err);
/* Makes a job that waits for its time due now; a job that is to be retried keeps its backoff. */
int rcd_job_hasten(struct rcd_db *db, int64_t tenant, const char *kind, const char *key,
                   struct rcd_err *err);
/* The fences of owner's jobs to which more was added since the claim, at most max: before their
 * window closed, or after it when they were begun anew less than cancels times. */
int rcd_job_moved(struct rcd_db *db, int64_t owner, int cancels, int64_t *fence, int max, int *n,
                  struct rcd_err *err);
/* Moves the end of these leases, by their fences: one that an owner does not know it has (a claim
 * whose commit was cut off) must end. */
int rcd_job_renew(struct rcd_db *db, const struct rcd_job *job, size_t n, int lease_ms,
                  struct rcd_err *err);
/* A new number for somebody who takes leases on host (1 … 2^31-1, made of what this machine and
 * no other is). */
int64_t rcd_job_owner(int64_t host);
/* A dead owner's jobs are ready again, now. */
int rcd_job_release(struct rcd_db *db, int64_t owner, int64_t *released, struct rcd_err *err);
/* Those of every owner on host: the master at start, when nobody else is alive there. */
int rcd_job_release_host(struct rcd_db *db, int64_t host, int64_t *released, struct rcd_err *err);
/* When the next job is due or the next lease ends (ms UTC); INT64_MAX when there is none. */
int rcd_job_next(struct rcd_db *db, int64_t *due_ms, struct rcd_err *err);
/* Inside a write: RCD_CANCELLED unless job's fence is the row's, which is held from then on. */
int rcd_job_check(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err);
/* The same, and the lease begins anew: for job->lease_ms from before this commit on nobody else
 * takes the job up as long as its owner lives, or stands still. */
int rcd_job_hold(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err);

#endif
