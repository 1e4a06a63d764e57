#ifndef RCD_STORE_COMMITTER_H
#define RCD_STORE_COMMITTER_H

#include "store/sql.h"

/* The committer: the only thread of a process that writes to SQLite, in groups. See db.h. */

struct rcd_committer;

int rcd_committer_open(struct rcd_committer **out, const char *path, struct rcd_err *err);
/* Commits what still waits. NULL-safe, returns NULL. */
struct rcd_committer *rcd_committer_close(struct rcd_committer *c);

int rcd_committer_run(struct rcd_committer *c, rcd_db_fn *fn, void *arg, struct rcd_err *err);
/* Called before a read: sleeps a millisecond while a checkpoint needs a gap between readers. */
void rcd_committer_yield(const struct rcd_committer *c);
/* On the caller's thread: see rcd_db_scrub. */
int rcd_committer_scrub(struct rcd_committer *c, struct rcd_err *err);

struct rcd_committer_stats {
	int64_t commits, writes, checkpoints, largest_batch;
};
void rcd_committer_stats(struct rcd_committer *c, struct rcd_committer_stats *out);

#endif
