#include "net/ws_int.h"

#include "base/thread.h"
#include "net/guard.h"

#include <libwebsockets.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "recado"  /* of the protocol inside this process; not sent */
#define HANDSHAKE_S 30 /* the caller's deadline comes first */
#define SOCKETS                                                                                    \
	256 /* at once; a limit of its own keeps lws from a table as large                             \
	       as the process's */
#define PIECE                                                                                      \
	16384 /* bytes of a message that lws hands over at a time; also of                             \
	         the handshake with its key */
#define PONG_S 10
#define BYE_S 3 /* for the peer to say goodbye too */
#define TOO_BIG LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE

_Static_assert(RCD_WS_ROOM >= LWS_PRE, "room for a frame's head");

/* Lives as long as lws may call back for its connection. */
struct rcd_ws_link {
	struct rcd_ws_conn *c;
	struct lws *wsi;
	lws_retry_bo_t pings;
	bool starting;
	int bye; /* the close code to end with; 0: not ending */
};

/* --- the end of a connection ----------------------------------------------------------- */

/* The first error is kept. */
static void finish_conn(struct rcd_ws_conn *c, const struct rcd_err *why)
{
	(void)pthread_mutex_lock(&c->lock);
	if (!c->done)
		c->err = *why;
	c->done = true;
	(void)pthread_cond_broadcast(&c->moved);
	(void)pthread_mutex_unlock(&c->lock);
}

static void fail_conn(struct rcd_ws_conn *c, enum rcd_code code, int sys, const char *why)
{
	struct rcd_err err;

	(void)rcd_fail(&err, code, sys, "%s: %s", c->name, why);
	finish_conn(c, &err);
}

/* c may be freed when this returns. */
static void release_conn(struct rcd_ws_conn *c)
{
	struct rcd_ws *ws = c->ws;
	bool closing;

	(void)pthread_mutex_lock(&ws->lock);
	closing = ws->closing;
	if (c->wants != 0)
		TAILQ_REMOVE(&ws->queue, c, queue_link);
	c->wants = 0;
	c->closed = true;
	(void)pthread_mutex_unlock(&ws->lock);
	fail_conn(c, closing ? RCD_CANCELLED : RCD_DOWN, c->close_code,
	          closing ? "WebSocket client is shutting down" : "the connection is gone");
	if (c->gone != NULL)
		c->gone(c->gone_arg);
	free(c->link);
	c->link = NULL;
	rcd_ws_unref(c);
}

/* --- the handshake --------------------------------------------------------------------- */

/* Checks the connected address before the key is sent. */
static bool is_peer_allowed(const struct rcd_ws_conn *c, struct lws *wsi)
{
	struct sockaddr_storage a = {0};
	socklen_t n = sizeof(a);

	return getpeername(lws_get_socket_fd(wsi), (struct sockaddr *)&a, &n) == 0 &&
	       rcd_peer_allows(c->peer, c->tls, (const struct sockaddr *)&a);
}

static int add_headers(struct rcd_ws_link *link, char **p, size_t room)
{
	static const char agent[] = "User-Agent: recado/" RCD_VERSION "\r\n";
	struct rcd_ws_conn *c = link->c;
	struct rcd_sv key = rcd_secret_view(&c->key);
	size_t name = strlen(c->key_header);

	if (!is_peer_allowed(c, link->wsi)) {
		fail_conn(c, RCD_DENIED, 0, "address or scheme is not allowed");
		return -1;
	}
	if (room < sizeof(agent) + name + key.n + 2) {
		fail_conn(c, RCD_LIMIT, 0, "the handshake is too long");
		return -1;
	}
	*p = mempcpy(*p, agent, sizeof(agent) - 1);
	if (name > 0) {
		*p = mempcpy(*p, c->key_header, name);
		*p = mempcpy(*p, key.p, key.n);
		*p = mempcpy(*p, "\r\n", 2);
	}
	rcd_secret_wipe(&c->key);
	return 0;
}

static enum rcd_code map_status(int status)
{
	if (status == 401 || status == 403 || status == 404)
		return RCD_DENIED;
	return status == 408 || status == 429 || status >= 500 ? RCD_DOWN : RCD_PROTO;
}

static void fail_handshake(struct rcd_ws_conn *c, struct lws *wsi)
{
	int status = (int)lws_http_client_http_response(wsi);
	char why[64];

	if (status == 101) {
		fail_conn(c, RCD_PROTO, 0, "the response is not a WebSocket handshake");
	} else if (status > 0) {
		(void)snprintf(why, sizeof(why), "the handshake was refused, HTTP %d", status);
		fail_conn(c, map_status(status), status, why);
	} else {
		fail_conn(c, RCD_DOWN, 0,
		          c->tls ? "no connection, or a certificate that is not the host's"
		                 : "no connection");
	}
}

static void mark_up(struct rcd_ws_conn *c)
{
	(void)pthread_mutex_lock(&c->lock);
	c->up = true;
	(void)pthread_cond_broadcast(&c->moved);
	(void)pthread_mutex_unlock(&c->lock);
}

/* --- messages -------------------------------------------------------------------------- */

/* Closes at once, or after seconds when the peer does not complete the close handshake. */
static void force_close(struct rcd_ws_link *link, int seconds)
{
	lws_set_timeout(link->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT,
	                seconds > 0 ? seconds : LWS_TO_KILL_ASYNC);
}

static void start_close(struct rcd_ws_link *link, int code)
{
	link->bye = code;
	force_close(link, BYE_S);
	(void)lws_callback_on_writable(link->wsi);
}

static void deliver_message(struct rcd_ws_link *link)
{
	struct rcd_ws_conn *c = link->c;
	struct rcd_ws_msg *m = malloc(sizeof(*m) + c->part.n);
	bool full, over;

	if (m == NULL) {
		fail_conn(c, RCD_NOMEM, 0, "no memory for a message");
		start_close(link, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION);
		return;
	}
	m->n = c->part.n;
	if (m->n > 0)
		memcpy(m->p, c->part.p, m->n);
	rcd_buf_reset(&c->part);
	(void)pthread_mutex_lock(&c->lock);
	STAILQ_INSERT_TAIL(&c->in, m, link);
	c->in_bytes += m->n + RCD_WS_COST;
	over = ++c->in_n > RCD_WS_IN_MOST;
	full = c->in_bytes > RCD_WS_IN && !c->paused;
	c->paused = c->paused || full;
	(void)pthread_cond_broadcast(&c->moved);
	(void)pthread_mutex_unlock(&c->lock);
	if (over) { /* it goes on although it was told to wait */
		fail_conn(c, RCD_LIMIT, 0, "more messages than anybody can read");
		start_close(link, LWS_CLOSE_STATUS_POLICY_VIOLATION);
	} else if (full) {
		(void)lws_rx_flow_control(link->wsi, 0);
	}
}

/* lws delivers a message in pieces, and a message may span several frames. */
static void receive_piece(struct rcd_ws_link *link, const char *p, size_t n)
{
	struct rcd_ws_conn *c = link->c;
	size_t rest = lws_remaining_packet_payload(link->wsi);
	char why[64];

	if (link->bye != 0)
		return;
	if (rest > c->max_message || n + rest > c->max_message - c->part.n) {
		(void)snprintf(why, sizeof(why), "a message of more than %zu bytes", c->max_message);
		fail_conn(c, RCD_LIMIT, 0, why);
		start_close(link, TOO_BIG);
		return;
	}
	rcd_buf_add(&c->part, p, n);
	if (c->part.bad) {
		fail_conn(c, RCD_NOMEM, 0, "no memory for a message");
		start_close(link, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION);
	} else if (rest == 0 && lws_is_final_fragment(link->wsi)) {
		deliver_message(link);
	}
}

static int send_message(struct rcd_ws_link *link)
{
	struct rcd_ws_conn *c = link->c;
	struct rcd_ws_msg *m;
	bool more;
	int n = 0;

	(void)pthread_mutex_lock(&c->lock);
	m = STAILQ_FIRST(&c->out);
	if (m != NULL) {
		STAILQ_REMOVE_HEAD(&c->out, link);
		c->out_bytes -= m->n;
	}
	more = !STAILQ_EMPTY(&c->out) && !c->done;
	(void)pthread_cond_broadcast(&c->moved);
	(void)pthread_mutex_unlock(&c->lock);
	if (m != NULL)
		n = lws_write(link->wsi, (unsigned char *)m->p + RCD_WS_ROOM, m->n, LWS_WRITE_TEXT);
	free(m);
	if (n < 0)
		return -1;
	if (more) {
		(void)lws_callback_on_writable(link->wsi);
	} else if (link->bye != 0) {
		lws_close_reason(link->wsi, (enum lws_close_status)link->bye, NULL, 0);
		return -1;
	}
	return 0;
}

/* --- what lws calls -------------------------------------------------------------------- */

static void note_peer_close(struct rcd_ws_conn *c, const unsigned char *p, size_t n)
{
	char why[48];

	c->close_code = n >= 2 ? p[0] << 8 | p[1] : 0;
	(void)snprintf(why, sizeof(why), "closed by the peer, code %d", c->close_code);
	fail_conn(c, RCD_DOWN, c->close_code, why);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t n)
{
	struct rcd_ws_link *link = lws_get_opaque_user_data(wsi);

	(void)user;
	if (link == NULL)
		return 0;
	if (link->starting) /* a connection to loopback may be up before lws says which it is */
		link->wsi = wsi;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_headers(link, in, n);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		mark_up(link->c);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		fail_handshake(link->c, wsi);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE: /* never anything but 0: lws 4.1 would read on beyond */
		receive_piece(link, in, n);   /* the end of its buffer while it says goodbye */
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return send_message(link);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		note_peer_close(link->c, in, n);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		link->wsi = NULL;
		if (!link->starting)
			release_conn(link->c);
		return 0;
	default:
		return 0;
	}
}

/* --- commands -------------------------------------------------------------------------- */

bool rcd_ws_post(struct rcd_ws_conn *c, enum rcd_ws_want want)
{
	struct rcd_ws *ws = c->ws;
	bool open, wake;

	(void)pthread_mutex_lock(&ws->lock);
	open = !c->closed && !ws->closing;
	wake = open && TAILQ_EMPTY(&ws->queue);
	if (open && c->wants == 0)
		TAILQ_INSERT_TAIL(&ws->queue, c, queue_link);
	if (open)
		c->wants |= (unsigned)want;
	if (wake) /* under the lock: what is woken goes away after closing is set */
		lws_cancel_service(ws->lws);
	(void)pthread_mutex_unlock(&ws->lock);
	return open;
}

/* lws reports the failures that it finds at once by its return value, the later ones by
 * callbacks. A connection of the first kind may or may not be announced as destroyed. */
static void connect_link(struct rcd_ws_link *link)
{
	struct rcd_ws_conn *c = link->c;
	const struct lws_client_connect_info info = {
		.context = c->ws->lws,
		.address = c->address,
		.port = c->port,
		.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (c->tls ? LCCSCF_USE_SSL : 0),
		.path = c->path,
		.host = c->name,
		.alpn = "http/1.1",
		.ietf_version_or_minus_one = -1,
		.local_protocol_name = NAME,
		.opaque_user_data = link,
		.pwsi = &link->wsi,
		.retry_and_idle_policy = &link->pings,
	};

	link->starting = true;
	if (lws_client_connect_via_info(&info) == NULL)
		link->wsi = NULL;
	link->starting = false;
}

static void start_conn(struct rcd_ws_conn *c)
{
	struct rcd_ws_link *link = calloc(1, sizeof(*link));

	if (link == NULL) {
		fail_conn(c, RCD_NOMEM, 0, "out of memory");
		release_conn(c);
		return;
	}
	c->link = link;
	link->c = c;
	link->pings.secs_since_valid_ping = (uint16_t)c->ping_s;
	link->pings.secs_since_valid_hangup = (uint16_t)(c->ping_s + PONG_S);
	connect_link(link);
	if (link->wsi == NULL) {
		fail_conn(c, RCD_DOWN, 0, "no connection");
		release_conn(c);
	}
}

static void apply_commands(struct rcd_ws_conn *c, unsigned wants)
{
	bool up;

	if (wants & RCD_WS_START)
		start_conn(c);
	if (c->link == NULL)
		return;
	(void)pthread_mutex_lock(&c->lock);
	up = c->up && !c->done;
	(void)pthread_mutex_unlock(&c->lock);
	if (wants & RCD_WS_KILL || (wants & RCD_WS_BYE && !up && c->link->bye == 0)) {
		force_close(c->link, 0);
		return;
	}
	if (wants & RCD_WS_RESUME)
		(void)lws_rx_flow_control(c->link->wsi, 1);
	if (wants & RCD_WS_WRITE)
		(void)lws_callback_on_writable(c->link->wsi);
	if (wants & RCD_WS_BYE && c->link->bye == 0)
		start_close(c->link, LWS_CLOSE_STATUS_NORMAL);
}

/* false: closing. */
static bool take_commands(struct rcd_ws *ws)
{
	for (;;) {
		struct rcd_ws_conn *c;
		unsigned wants = 0;
		bool closing;

		(void)pthread_mutex_lock(&ws->lock);
		closing = ws->closing;
		c = closing ? NULL : TAILQ_FIRST(&ws->queue);
		if (c != NULL) {
			TAILQ_REMOVE(&ws->queue, c, queue_link);
			wants = c->wants;
			c->wants = 0;
			c->refs++; /* it may come to its end while we look at it */
		}
		(void)pthread_mutex_unlock(&ws->lock);
		if (c == NULL)
			return !closing;
		apply_commands(c, wants);
		rcd_ws_unref(c);
	}
}

/* What was never begun. */
static void drop_commands(struct rcd_ws *ws)
{
	struct rcd_ws_conn *c;

	for (;;) {
		(void)pthread_mutex_lock(&ws->lock);
		c = TAILQ_FIRST(&ws->queue);
		(void)pthread_mutex_unlock(&ws->lock);
		if (c == NULL)
			return;
		release_conn(c);
	}
}

static void *run_engine(void *arg)
{
	struct rcd_ws *ws = arg;

	while (take_commands(ws))
		(void)lws_service(ws->lws, 0);
	lws_context_destroy(ws->lws); /* ends the connections, each with its callbacks */
	drop_commands(ws);
	return NULL;
}

/* --- birth and death ------------------------------------------------------------------- */

static struct lws_context *make_context(void)
{
	static const struct lws_protocols protocols[] = {
		{NAME, on_event, 0, PIECE, 0, NULL, 0},
		{NULL, NULL, 0, 0, 0, NULL, 0},
	};
	const struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.ssl_client_options_set = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1,
		.http_proxy_address = "", /* without one lws asks the environment */
		.fd_limit_per_thread = SOCKETS,
		.pt_serv_buf_size = PIECE,
		.timeout_secs = HANDSHAKE_S,
		.connect_timeout_secs = HANDSHAKE_S,
		.gid = -1,
		.uid = -1,
	};

	lws_set_log_level(0, NULL); /* it would write to stderr, headers included */
	return lws_create_context(&info);
}

int rcd_ws_engine_open(struct rcd_ws *ws, struct rcd_err *err)
{
	int rc;

	ws->lws = make_context();
	if (ws->lws == NULL)
		return rcd_fail(err, RCD_NOMEM, 0, "WebSocket client: libwebsockets does not start");
	rc = rcd_thread_start(&ws->thread, 0, run_engine, ws);
	if (rc == 0)
		return 0;
	lws_context_destroy(ws->lws);
	return rcd_fail(err, RCD_IO, rc, "WebSocket client: cannot start a thread");
}

void rcd_ws_engine_close(struct rcd_ws *ws)
{
	bool again;

	(void)pthread_mutex_lock(&ws->lock);
	again = ws->closing;
	ws->closing = true;
	if (!again)
		lws_cancel_service(ws->lws);
	(void)pthread_mutex_unlock(&ws->lock);
	if (!again)
		(void)pthread_join(ws->thread, NULL);
}
