#include "net/ws_int.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/wait.h"
#include "net/guard.h"
#include "net/resolve.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HANDSHAKE_MS 10000
#define TRIES 4 /* addresses of one name */

#define MAX_NAME 72 /* of a host: lws cuts a longer Host line off, end of line and all */

/* --- the client ------------------------------------------------------------------------ */

int rcd_ws_open(struct rcd_ws **out, struct rcd_err *err)
{
	struct rcd_ws *ws = calloc(1, sizeof(*ws));

	if (ws == NULL)
		return rcd_fail_nomem(err);
	ws->users = 1;
	TAILQ_INIT(&ws->queue);
	(void)pthread_mutex_init(&ws->lock, NULL);
	if (rcd_ws_engine_open(ws, err) != 0) {
		(void)pthread_mutex_destroy(&ws->lock);
		free(ws);
		return -1;
	}
	*out = ws;
	return 0;
}

void rcd_ws_abort(struct rcd_ws *ws)
{
	if (ws != NULL)
		rcd_ws_engine_close(ws);
}

struct rcd_ws *rcd_ws_close(struct rcd_ws *ws)
{
	if (ws != NULL) {
		rcd_ws_engine_close(ws);
		rcd_ws_release(ws);
	}
	return NULL;
}

/* --- where to -------------------------------------------------------------------------- */

/* Parses the URL with http for ws and https for wss, so that guard.h is the only parser. */
static int parse_ws_origin(const char *url, struct rcd_origin *o, struct rcd_err *err)
{
	struct rcd_buf as_http;
	int ret;

	if (strncmp(url, "ws://", 5) != 0 && strncmp(url, "wss://", 6) != 0)
		return rcd_fail(err, RCD_DENIED, 0, "a WebSocket URL begins with wss:// or ws://");
	rcd_buf_init(&as_http, 8192);
	rcd_buf_fmt(&as_http, "http%s", url + 2);
	if (as_http.bad)
		ret = as_http.over ? rcd_fail(err, RCD_LIMIT, 0, "a WebSocket URL is too long")
		                   : rcd_fail_nomem(err);
	else
		ret = rcd_origin_parse(as_http.p, o, err);
	rcd_buf_free(&as_http);
	return ret;
}

static int take_path(struct rcd_ws_conn *c, const char *url, struct rcd_err *err)
{
	const char *rest = strstr(url, "://") + 3;
	int n;

	rest += strcspn(rest, "/?#");
	if (strchr(rest, '#') != NULL)
		return rcd_fail(err, RCD_INVAL, 0, "%s: a WebSocket URL has no fragment", c->name);
	n = snprintf(c->path, sizeof(c->path), "%s%s", *rest == '/' ? "" : "/", rest);
	if (n < 0 || (size_t)n >= sizeof(c->path))
		return rcd_fail(err, RCD_LIMIT, 0, "%s: the path is over %zu bytes", c->name,
		                sizeof(c->path) - 1);
	return 0;
}

static int take_target(struct rcd_ws_conn *c, const struct rcd_ws_req *req,
                       const struct rcd_origin *o, struct rcd_err *err)
{
	int n;

	c->tls = strcmp(o->scheme, "https") == 0;
	c->port = o->port;
	if (strlen(o->host) > MAX_NAME)
		return rcd_fail(err, RCD_LIMIT, 0, "a WebSocket host of more than %d bytes", MAX_NAME);
	/* libwebsockets takes an IPv6 literal for a name that ends at its first colon, and would
	 * then check the certificate against nothing */
	if (c->tls && strchr(o->host, ':') != NULL)
		return rcd_fail(err, RCD_INVAL, 0, "wss:// wants a name or an IPv4 address");
	n = snprintf(c->name, sizeof(c->name), strchr(o->host, ':') != NULL ? "[%.*s]" : "%.*s",
	             MAX_NAME, o->host);
	if (o->port != (c->tls ? 443 : 80))
		(void)snprintf(c->name + n, sizeof(c->name) - (size_t)n, ":%d", o->port);
	return take_path(c, req->url, err);
}

static int take_key(struct rcd_ws_conn *c, const struct rcd_ws_req *req, struct rcd_err *err)
{
	if (req->key_header == NULL || !rcd_secret_set(req->key))
		return 0;
	if (strlen(req->key_header) >= sizeof(c->key_header) || rcd_secret_view(req->key).n > 4096)
		return rcd_fail(err, RCD_LIMIT, 0, "a key is too long for a header");
	memcpy(c->key_header, req->key_header, strlen(req->key_header) + 1);
	return rcd_secret_put(&c->key, rcd_secret_view(req->key), err);
}

/* --- a connection ---------------------------------------------------------------------- */

/* Error of a wait in c that is cancelled or closed; c->lock is held. */
static int fail_wait(const struct rcd_ws_conn *c, struct rcd_err *err)
{
	if (c->cancelled)
		return rcd_fail(err, RCD_CANCELLED, 0, "%s: cancelled", c->name);
	*err = c->err;
	return -1;
}

/* Cancelling the waiting thread ends the connection, which is in the middle of an exchange. */
static void cancel_conn(void *arg)
{
	rcd_ws_cancel(arg);
}

static void begin_wait(struct rcd_cancel_wait *w, struct rcd_ws_conn *c)
{
	if (!rcd_cancel_wait_begin(w, cancel_conn, c))
		rcd_ws_cancel(c);
}

/* Posts c to the engine and waits for the handshake. */
static int run_handshake(struct rcd_ws_conn *c, int64_t deadline, struct rcd_err *err)
{
	struct rcd_cancel_wait w;
	bool in_time = true;
	int ret = 0;

	(void)pthread_mutex_lock(&c->ws->lock);
	c->refs++; /* the engine's */
	(void)pthread_mutex_unlock(&c->ws->lock);
	if (!rcd_ws_post(c, RCD_WS_START)) {
		(void)pthread_mutex_lock(&c->ws->lock);
		c->refs--; /* it was not posted */
		(void)pthread_mutex_unlock(&c->ws->lock);
		return rcd_fail(err, RCD_CANCELLED, 0, "WebSocket client is shutting down");
	}
	begin_wait(&w, c);
	(void)pthread_mutex_lock(&c->lock);
	while (!c->up && !c->done && !c->cancelled && in_time)
		in_time = rcd_cond_wait(&c->moved, &c->lock, deadline);
	if (c->up && !c->cancelled) /* a close since then is reported by the first message */
		ret = 0;
	else if (c->done || c->cancelled)
		ret = fail_wait(c, err);
	else
		ret = rcd_fail(err, RCD_TIMEOUT, 0, "%s: connecting took too long", c->name);
	(void)pthread_mutex_unlock(&c->lock);
	rcd_cancel_wait_end(&w);
	return ret;
}

/* Connects to one address of the name. */
static int try_address(struct rcd_ws *ws, const struct rcd_ws_req *req, const struct sockaddr *a,
                       const struct rcd_origin *o, int64_t deadline, struct rcd_ws_conn **out,
                       struct rcd_err *err)
{
	struct rcd_ws_conn *c = rcd_ws_conn_new(ws, req);
	socklen_t n = a->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
	                                       : sizeof(struct sockaddr_in);

	if (c == NULL)
		return rcd_fail_nomem(err);
	if (take_target(c, req, o, err) != 0 || take_key(c, req, err) != 0) {
		rcd_ws_unref(c);
		return -1;
	}
	if (getnameinfo(a, n, c->address, sizeof(c->address), NULL, 0, NI_NUMERICHOST) != 0) {
		rcd_ws_unref(c);
		return rcd_fail(err, RCD_DOWN, 0, "an address cannot be read");
	}
	c->gone = req->gone;
	c->gone_arg = req->gone_arg;
	if (run_handshake(c, deadline, err) == 0) {
		*out = c;
		return 0;
	}
	(void)rcd_ws_post(c, RCD_WS_KILL);
	rcd_ws_unref(c);
	return -1;
}

int rcd_ws_connect(struct rcd_ws *ws, const struct rcd_ws_req *req, struct rcd_ws_conn **out,
                   struct rcd_err *err)
{
	int64_t deadline = req->deadline > 0 ? req->deadline : rcd_deadline_in(HANDSHAKE_MS);
	struct sockaddr_storage a[TRIES];
	struct rcd_origin o = {.port = 0};
	size_t n = 0, tried = 0;
	struct rcd_err why = {0};
	bool tls;

	if (parse_ws_origin(req->url, &o, err) != 0 ||
	    rcd_resolve(o.host, deadline, a, TRIES, &n, err) != 0)
		return -1;
	tls = strcmp(o.scheme, "https") == 0;
	for (size_t i = 0; i < n; i++) {
		if (!rcd_peer_allows(req->peer, tls, (const struct sockaddr *)&a[i]))
			continue;
		tried++;
		if (try_address(ws, req, (const struct sockaddr *)&a[i], &o, deadline, out, &why) == 0)
			return 0;
		if (why.code != RCD_DOWN || why.sys != 0)
			break; /* another address would give the same result */
	}
	if (tried == 0)
		return rcd_fail(err, RCD_DENIED, 0, "%.80s: address or scheme is not allowed", o.host);
	*err = why;
	return -1;
}

struct rcd_ws_conn *rcd_ws_end(struct rcd_ws_conn *c)
{
	if (c != NULL) {
		(void)rcd_ws_post(c, RCD_WS_BYE);
		rcd_ws_unref(c);
	}
	return NULL;
}

void rcd_ws_cancel(struct rcd_ws_conn *c)
{
	(void)pthread_mutex_lock(&c->lock);
	c->cancelled = true;
	(void)pthread_cond_broadcast(&c->moved);
	(void)pthread_mutex_unlock(&c->lock);
	(void)rcd_ws_post(c, RCD_WS_KILL);
}

bool rcd_ws_alive(struct rcd_ws_conn *c)
{
	bool alive;

	(void)pthread_mutex_lock(&c->lock);
	alive = c->up && !c->done && !c->cancelled;
	(void)pthread_mutex_unlock(&c->lock);
	return alive;
}

/* --- messages -------------------------------------------------------------------------- */

static struct rcd_ws_msg *make_message(struct rcd_sv text)
{
	struct rcd_ws_msg *m = malloc(sizeof(*m) + RCD_WS_ROOM + text.n);

	if (m == NULL)
		return NULL;
	m->n = text.n;
	if (text.n > 0)
		memcpy(m->p + RCD_WS_ROOM, text.p, text.n);
	return m;
}

int rcd_ws_send(struct rcd_ws_conn *c, struct rcd_sv text, int64_t deadline, struct rcd_err *err)
{
	struct rcd_ws_msg *m = make_message(text);
	struct rcd_cancel_wait w;
	bool in_time = true, taken = false;
	int ret = 0;

	if (m == NULL)
		return rcd_fail_nomem(err);
	begin_wait(&w, c);
	(void)pthread_mutex_lock(&c->lock);
	while (!c->done && !c->cancelled && in_time && c->out_bytes > 0 &&
	       c->out_bytes + text.n > RCD_WS_OUT)
		in_time = rcd_cond_wait(&c->moved, &c->lock, deadline);
	if (c->done || c->cancelled) {
		ret = fail_wait(c, err);
	} else if (!in_time) {
		ret = rcd_fail(err, RCD_TIMEOUT, 0, "%s: the peer takes nothing", c->name);
	} else {
		STAILQ_INSERT_TAIL(&c->out, m, link);
		c->out_bytes += text.n;
		taken = true;
	}
	(void)pthread_mutex_unlock(&c->lock);
	rcd_cancel_wait_end(&w);
	if (taken)
		(void)rcd_ws_post(c, RCD_WS_WRITE);
	else
		free(m);
	return ret;
}

/* With c->lock held. */
static struct rcd_ws_msg *take_message(struct rcd_ws_conn *c, bool *resume)
{
	struct rcd_ws_msg *m = STAILQ_FIRST(&c->in);

	STAILQ_REMOVE_HEAD(&c->in, link);
	c->in_bytes -= m->n + RCD_WS_COST;
	c->in_n--;
	*resume = c->paused && c->in_bytes <= RCD_WS_IN / 2;
	if (*resume)
		c->paused = false;
	return m;
}

int rcd_ws_recv(struct rcd_ws_conn *c, struct rcd_buf *out, int64_t deadline, struct rcd_err *err)
{
	struct rcd_ws_msg *m = NULL;
	bool resume = false, in_time = true;
	struct rcd_cancel_wait w;
	int ret = 0;

	begin_wait(&w, c);
	(void)pthread_mutex_lock(&c->lock);
	while (STAILQ_EMPTY(&c->in) && !c->done && !c->cancelled && in_time)
		in_time = rcd_cond_wait(&c->moved, &c->lock, deadline);
	if (!STAILQ_EMPTY(&c->in) && !c->cancelled)
		m = take_message(c, &resume);
	else if (c->done || c->cancelled)
		ret = fail_wait(c, err);
	else
		ret = rcd_fail(err, RCD_TIMEOUT, 0, "%s: no message in time", c->name);
	(void)pthread_mutex_unlock(&c->lock);
	rcd_cancel_wait_end(&w);
	if (resume)
		(void)rcd_ws_post(c, RCD_WS_RESUME);
	if (m == NULL)
		return ret;
	rcd_buf_reset(out);
	if (out->max < m->n)
		out->max = m->n;
	rcd_buf_add(out, m->p, m->n);
	free(m);
	return out->bad ? rcd_fail_nomem(err) : 0;
}
