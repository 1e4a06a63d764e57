#include "store/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct rcd_pool {
	const struct rcd_engine *engine;
	char *where;
	enum rcd_conn_use use;
	pthread_mutex_t mutex;
	pthread_cond_t returned;
	struct rcd_conn **idle; /* room for max; handed out last in first out: the warmest cache */
	pthread_t *holder;      /* of those that are out, room for max */
	int n_idle, n_out, max;
};

int rcd_pool_new(struct rcd_pool **out, const struct rcd_engine *engine, const char *where,
                 enum rcd_conn_use use, int max, struct rcd_err *err)
{
	struct rcd_pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return rcd_fail_nomem(err);
	p->engine = engine;
	p->use = use;
	p->max = max;
	(void)pthread_mutex_init(&p->mutex, NULL);
	(void)pthread_cond_init(&p->returned, NULL);
	p->where = strdup(where);
	p->idle = calloc((size_t)max, sizeof(struct rcd_conn *));
	p->holder = calloc((size_t)max, sizeof(pthread_t));
	if (p->where == NULL || p->idle == NULL || p->holder == NULL) {
		rcd_pool_free(p);
		return rcd_fail_nomem(err);
	}
	*out = p;
	return 0;
}

struct rcd_pool *rcd_pool_free(struct rcd_pool *p)
{
	if (p == NULL)
		return NULL;
	for (int i = 0; p->idle != NULL && i < p->n_idle; i++)
		rcd_conn_close(p->idle[i]);
	(void)pthread_cond_destroy(&p->returned);
	(void)pthread_mutex_destroy(&p->mutex);
	free(p->idle);
	free(p->holder);
	free(p->where);
	free(p);
	return NULL;
}

/* Where this thread stands among the holders, -1 when it holds none. The mutex is ours. */
static int find_holder(const struct rcd_pool *p)
{
	for (int i = 0; i < p->n_out; i++)
		if (pthread_equal(p->holder[i], pthread_self()))
			return i;
	return -1;
}

/* A place among the holders, and an idle connection or none. */
static int enter_pool(struct rcd_pool *p, struct rcd_conn **idle)
{
	int held;

	(void)pthread_mutex_lock(&p->mutex);
	held = find_holder(p);
	while (held < 0 && p->n_out == p->max)
		(void)pthread_cond_wait(&p->returned, &p->mutex);
	if (held < 0) {
		p->holder[p->n_out++] = pthread_self();
		*idle = p->n_idle > 0 ? p->idle[--p->n_idle] : NULL;
	}
	(void)pthread_mutex_unlock(&p->mutex);
	return held < 0 ? 0 : -1;
}

static void leave_pool(struct rcd_pool *p, struct rcd_conn *conn)
{
	(void)pthread_mutex_lock(&p->mutex);
	p->holder[find_holder(p)] = p->holder[p->n_out - 1];
	p->n_out--;
	if (conn != NULL)
		p->idle[p->n_idle++] = conn;
	(void)pthread_cond_signal(&p->returned);
	(void)pthread_mutex_unlock(&p->mutex);
}

int rcd_pool_take(struct rcd_pool *p, struct rcd_conn **conn, struct rcd_err *err)
{
	struct rcd_conn *c = NULL;

	if (enter_pool(p, &c) != 0)
		return rcd_fail(err, RCD_INVAL, 0, "store: a transaction inside a transaction");
	if (c != NULL && !p->engine->alive(c))
		c = rcd_conn_close(c);
	if (c == NULL && p->engine->open(&c, p->where, p->use, err) != 0) {
		leave_pool(p, NULL);
		return -1;
	}
	*conn = c;
	return 0;
}

void rcd_pool_give(struct rcd_pool *p, struct rcd_conn *conn)
{
	if (p->engine->broken(conn))
		conn = rcd_conn_close(conn);
	leave_pool(p, conn);
}
