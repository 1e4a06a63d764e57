#ifndef RCD_SB_POOL_H
#define RCD_SB_POOL_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* A few threads and a bounded queue of things to do, for what may block: speech by a child
 * process, status callbacks, the look at a media URL. */
struct rcd_sb_pool;

/* Owns arg. When *stopping is or becomes true it ends as soon as it can; it is called even
 * for what never began, so that arg is always freed in one place. */
typedef void rcd_sb_task_fn(void *arg, const atomic_bool *stopping);

int rcd_sb_pool_open(struct rcd_sb_pool **out, size_t threads, size_t max_waiting,
                     struct rcd_err *err);
/* -1 when the queue is full, memory is short or the pool is being closed: arg stays the
 * caller's. */
int rcd_sb_pool_add(struct rcd_sb_pool *c, rcd_sb_task_fn *fn, void *arg);
/* Runs out the queue with *stopping true, joins. NULL-safe, returns NULL. */
struct rcd_sb_pool *rcd_sb_pool_close(struct rcd_sb_pool *c);

#endif
