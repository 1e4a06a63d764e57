/* WebSocket frames by wslay. */

#include "daemon/sandbox/wire.h"

#include "base/crypto.h"

#include <wslay/wslay.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#define MAX_MESSAGE ((uint64_t)16 * 1024 * 1024)

struct message {
	STAILQ_ENTRY(message) link;
	size_t n;
	char p[];
};

struct rcd_sb_wire {
	struct rcd_sb_socket *socket;
	wslay_event_context_ptr ctx;
	size_t early;                       /* bytes of the request's rest that were read */
	STAILQ_HEAD(messages, message) got; /* wslay may find several in what it has read */
	bool nomem;
};

void rcd_sb_wire_accept(const char *key, char out[RCD_SB_ACCEPT])
{
	uint8_t sum[RCD_SHA1_N];
	char text[128];

	(void)snprintf(text, sizeof(text), "%.64s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
	(void)rcd_sha1(rcd_sv(text), sum);
	rcd_base64_text(sum, sizeof(sum), out);
}

/* --- what wslay calls ------------------------------------------------------------------- */

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *p, size_t n, int flags, void *arg)
{
	struct rcd_sb_wire *w = arg;
	struct rcd_sv early = rcd_sv_skip(rcd_sb_socket_early(w->socket), w->early);
	ssize_t got;

	(void)flags;
	if (early.n > 0) {
		n = early.n < n ? early.n : n;
		memcpy(p, early.p, n);
		w->early += n;
		return (ssize_t)n;
	}
	if (!STAILQ_EMPTY(&w->got)) { /* that is enough for now */
		wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	do
		got = recv(rcd_sb_socket_fd(w->socket), p, n, 0);
	while (got < 0 && errno == EINTR);
	if (got <= 0) {
		wslay_event_set_error(ctx, WSLAY_ERR_CALLBACK_FAILURE);
		return -1;
	}
	return got;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *p, size_t n, int flags,
                       void *arg)
{
	struct rcd_sb_wire *w = arg;
	ssize_t put;

	(void)flags;
	do
		put = send(rcd_sb_socket_fd(w->socket), p, n, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put < 0)
		wslay_event_set_error(ctx, WSLAY_ERR_CALLBACK_FAILURE);
	return put;
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *m,
                       void *arg)
{
	struct rcd_sb_wire *w = arg;
	struct message *got;

	(void)ctx;
	if (wslay_is_ctrl_frame(m->opcode))
		return;
	got = malloc(sizeof(*got) + m->msg_length);
	w->nomem = w->nomem || got == NULL;
	if (got == NULL)
		return;
	got->n = m->msg_length;
	if (got->n > 0)
		memcpy(got->p, m->msg, got->n);
	STAILQ_INSERT_TAIL(&w->got, got, link);
}

/* --- the wire --------------------------------------------------------------------------- */

struct rcd_sb_wire *rcd_sb_wire_open(struct rcd_sb_socket *s)
{
	const struct wslay_event_callbacks calls = {.recv_callback = on_recv,
	                                            .send_callback = on_send,
	                                            .on_msg_recv_callback = on_message};
	struct rcd_sb_wire *w = calloc(1, sizeof(*w));

	if (w == NULL || wslay_event_context_server_init(&w->ctx, &calls, w) != 0) {
		free(w);
		(void)rcd_sb_socket_close(s);
		return NULL;
	}
	wslay_event_config_set_max_recv_msg_length(w->ctx, MAX_MESSAGE);
	w->socket = s;
	STAILQ_INIT(&w->got);
	return w;
}

int rcd_sb_wire_recv(struct rcd_sb_wire *w, struct rcd_buf *out)
{
	struct message *m;

	while ((m = STAILQ_FIRST(&w->got)) == NULL)
		if (wslay_event_recv(w->ctx) != 0 || wslay_event_get_close_received(w->ctx) ||
		    wslay_event_send(w->ctx) != 0 || w->nomem)
			return -1;
	STAILQ_REMOVE_HEAD(&w->got, link);
	rcd_buf_reset(out);
	rcd_buf_add(out, m->p, m->n);
	free(m);
	return out->bad ? -1 : 0;
}

int rcd_sb_wire_send(struct rcd_sb_wire *w, struct rcd_sv text)
{
	const struct wslay_event_msg m = {.opcode = WSLAY_TEXT_FRAME,
	                                  .msg = (const uint8_t *)text.p,
	                                  .msg_length = text.n};

	return wslay_event_queue_msg(w->ctx, &m) == 0 && wslay_event_send(w->ctx) == 0 ? 0 : -1;
}

int rcd_sb_wire_raw(struct rcd_sb_wire *w, struct rcd_sv bytes)
{
	return send(rcd_sb_socket_fd(w->socket), bytes.p, bytes.n, MSG_NOSIGNAL) == (ssize_t)bytes.n
	           ? 0
	           : -1;
}

int rcd_sb_wire_sleep(struct rcd_sb_wire *w, int ms)
{
	struct pollfd p = {.fd = rcd_sb_socket_fd(w->socket), .events = POLLRDHUP};

	return ms > 0 && poll(&p, 1, ms) != 0 ? -1 : 0;
}

void rcd_sb_wire_shut(struct rcd_sb_wire *w)
{
	(void)shutdown(rcd_sb_socket_fd(w->socket), SHUT_RDWR);
}

struct rcd_sb_wire *rcd_sb_wire_close(struct rcd_sb_wire *w, int code)
{
	struct message *m;

	if (w == NULL)
		return NULL;
	if (code > 0 && wslay_event_queue_close(w->ctx, (uint16_t)code, NULL, 0) == 0)
		(void)wslay_event_send(w->ctx);
	while ((m = STAILQ_FIRST(&w->got)) != NULL) {
		STAILQ_REMOVE_HEAD(&w->got, link);
		free(m);
	}
	wslay_event_context_free(w->ctx);
	(void)rcd_sb_socket_close(w->socket);
	free(w);
	return NULL;
}
