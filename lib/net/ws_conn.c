#include "net/ws_int.h"

#include "base/limits.h"
#include "base/wait.h"

#include <stdlib.h>

#define PING_S 20

/* A connection may outlive the owner's reference. */
void rcd_ws_release(struct rcd_ws *ws)
{
	bool last;

	(void)pthread_mutex_lock(&ws->lock);
	last = --ws->users == 0;
	(void)pthread_mutex_unlock(&ws->lock);
	if (!last)
		return;
	(void)pthread_mutex_destroy(&ws->lock);
	free(ws);
}

static void free_messages(struct rcd_ws_msgs *q)
{
	struct rcd_ws_msg *m;

	while ((m = STAILQ_FIRST(q)) != NULL) {
		STAILQ_REMOVE_HEAD(q, link);
		free(m);
	}
}

void rcd_ws_unref(struct rcd_ws_conn *c)
{
	struct rcd_ws *ws = c->ws;
	bool last;

	(void)pthread_mutex_lock(&ws->lock);
	last = --c->refs == 0;
	(void)pthread_mutex_unlock(&ws->lock);
	if (!last)
		return;
	free_messages(&c->out);
	free_messages(&c->in);
	rcd_buf_free(&c->part);
	rcd_secret_wipe(&c->key);
	(void)pthread_cond_destroy(&c->moved);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
	rcd_ws_release(ws);
}

struct rcd_ws_conn *rcd_ws_conn_new(struct rcd_ws *ws, const struct rcd_ws_req *req)
{
	struct rcd_ws_conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->ws = ws;
	c->refs = 1;
	c->peer = req->peer;
	c->ping_s = req->ping_s > 0 ? req->ping_s : PING_S;
	c->max_message = req->max_message > 0 ? req->max_message : RCD_MAX_WS_MESSAGE;
	rcd_buf_init(&c->part, c->max_message);
	STAILQ_INIT(&c->out);
	STAILQ_INIT(&c->in);
	(void)pthread_mutex_init(&c->lock, NULL);
	rcd_cond_init(&c->moved);
	(void)pthread_mutex_lock(&ws->lock);
	ws->users++;
	(void)pthread_mutex_unlock(&ws->lock);
	return c;
}
