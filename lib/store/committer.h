#ifndef RCD_STORE_COMMITTER_H
#define RCD_STORE_COMMITTER_H

#include "store/db.h"

/* The one thread of a process that writes: see db.h. */

struct rcd_committer;

int rcd_committer_open(struct rcd_committer **out, const char *path, struct rcd_err *err);
/* Commits what still waits. NULL-safe, returns NULL. */
struct rcd_committer *rcd_committer_close(struct rcd_committer *c);

int rcd_committer_run(struct rcd_committer *c, rcd_db_fn *fn, void *arg, struct rcd_err *err);
/* Who is about to read calls it: a millisecond when the log should begin anew. */
void rcd_committer_give_way(const struct rcd_committer *c);
/* On the caller's thread: see rcd_db_scrub. */
int rcd_committer_scrub(struct rcd_committer *c, struct rcd_err *err);
void rcd_committer_stats(struct rcd_committer *c, struct rcd_db_stats *out);

/* FILE-lock of the database file (malloc'd); NULL when memory is short. */
char *rcd_committer_lock_path(const char *path);

#endif
