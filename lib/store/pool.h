#ifndef RCD_STORE_POOL_H
#define RCD_STORE_POOL_H

#include "store/driver.h"

/* Connections of one use to one store, opened as needed, at most max. Thread-safe. */

struct rcd_pool;

/* url and engine as rcd_engine_of gave them; where is copied. Opens nothing. */
int rcd_pool_new(struct rcd_pool **out, const struct rcd_engine *engine, const char *where,
                 enum rcd_conn_use use, int max, struct rcd_err *err);
struct rcd_pool *rcd_pool_free(
	struct rcd_pool *pool); /* NULL-safe, returns NULL; closes the idle ones */

/* Waits while all are out. RCD_INVAL for a thread that holds one already: it would wait for
 * itself sooner or later. */
int rcd_pool_take(struct rcd_pool *pool, struct rcd_conn **conn, struct rcd_err *err);
void rcd_pool_give(struct rcd_pool *pool, struct rcd_conn *conn); /* closes a broken one */

#endif
