/* libmicrohttpd behind server.h. One internal epoll thread runs all connections and the
 * handler; a parked connection is a suspended one. */

#include "daemon/sandbox/server_int.h"

#include <microhttpd.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024
#define MAX_CONNECTIONS 8192u
#define IDLE_SECONDS 300u
#define MEMORY ((size_t)16 * 1024) /* of a connection: its headers, what it reads and writes */
#define BLOCK 8192                 /* of one answer, in memory while it is sent */
#define GONE_MS 100                /* how often a request without an answer looks for its client */

struct rcd_sb_server {
	struct MHD_Daemon *mhd;
	struct rcd_sb_timer *timer;
	rcd_sb_handle_fn *fn;
	void *arg;
	int port, listener;
};

struct rcd_sb_req {
	struct rcd_sb_server *server;
	struct MHD_Connection *conn;
	char *method, *path;
	struct rcd_buf body;
	struct rcd_sb_answer answer;
	bool answered; /* answer is filled; the connection was parked in between */
	int fd;
};

/* --- what the handler asks ------------------------------------------------------------ */

const char *rcd_sb_req_method(const struct rcd_sb_req *r)
{
	return r->method;
}

const char *rcd_sb_req_path(const struct rcd_sb_req *r)
{
	return r->path;
}

const char *rcd_sb_req_header(struct rcd_sb_req *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, name);
}

const char *rcd_sb_req_arg(struct rcd_sb_req *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn, MHD_GET_ARGUMENT_KIND, name);
}

struct args {
	rcd_sb_arg_fn *fn;
	void *arg;
};

static enum MHD_Result on_arg(void *cls, enum MHD_ValueKind kind, const char *name,
                              const char *value)
{
	const struct args *a = cls;

	(void)kind;
	a->fn(a->arg, name, value);
	return MHD_YES;
}

void rcd_sb_req_args(struct rcd_sb_req *r, rcd_sb_arg_fn *fn, void *arg)
{
	struct args a = {fn, arg};

	(void)MHD_get_connection_values(r->conn, MHD_GET_ARGUMENT_KIND, on_arg, &a);
}

struct rcd_sv rcd_sb_req_body(const struct rcd_sb_req *r)
{
	return r->body.n > 0 ? rcd_buf_view(&r->body) : RCD_SV("");
}

bool rcd_sb_req_over(const struct rcd_sb_req *r)
{
	return r->body.over;
}

struct parts {
	rcd_sb_part_fn *fn;
	void *arg;
	bool stopped;
};

static enum MHD_Result on_part(void *cls, enum MHD_ValueKind kind, const char *key,
                               const char *filename, const char *type, const char *encoding,
                               const char *data, uint64_t off, size_t n)
{
	struct parts *p = cls;

	(void)kind;
	(void)encoding;
	(void)off;
	if (!p->stopped && p->fn(p->arg, key, filename, type, (struct rcd_sv){data, n}) != 0)
		p->stopped = true;
	return p->stopped ? MHD_NO : MHD_YES;
}

int rcd_sb_req_parts(struct rcd_sb_req *r, rcd_sb_part_fn *fn, void *arg)
{
	struct parts p = {fn, arg, false};
	struct MHD_PostProcessor *pp = MHD_create_post_processor(r->conn, 4096, on_part, &p);
	bool ok;

	if (pp == NULL)
		return -1;
	ok = r->body.n > 0 && MHD_post_process(pp, r->body.p, r->body.n) == MHD_YES;
	ok = MHD_destroy_post_processor(pp) == MHD_YES && ok;
	return ok && !p.stopped ? 0 : -1;
}

/* --- answering ------------------------------------------------------------------------ */

static void resume_connection(void *arg)
{
	struct rcd_sb_req *r = arg;

	(void)MHD_resume_connection(r->conn);
}

static ssize_t read_body(void *cls, uint64_t pos, char *p, size_t max)
{
	struct rcd_sb_req *r = cls;
	long n = rcd_sb_body_read(r->answer.body, (size_t)pos, p, max, r->answer.cut);

	if (n == 0) {
		MHD_suspend_connection(r->conn);
		if (!rcd_sb_body_wait(r->answer.body, (size_t)pos, r->answer.cut, resume_connection, r))
			resume_connection(r);
		return 0;
	}
	if (n < 0)
		return n == -1 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
	return n;
}

static struct MHD_Response *make_response(struct rcd_sb_req *r)
{
	long n = r->answer.body != NULL ? rcd_sb_body_length(r->answer.body) : 0;
	bool known = n >= 0 && !r->answer.stream;

	if (r->answer.body == NULL)
		return MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
	return MHD_create_response_from_callback(known ? (uint64_t)n : MHD_SIZE_UNKNOWN, BLOCK,
	                                         read_body, r, NULL);
}

static bool add_headers(struct MHD_Response *res, const struct rcd_sb_answer *a)
{
	bool ok = a->type == NULL ||
	          MHD_add_response_header(res, MHD_HTTP_HEADER_CONTENT_TYPE, a->type) == MHD_YES;

	for (size_t i = 0; i < a->n_headers && ok; i++)
		ok = MHD_add_response_header(res, a->header[i].name, a->header[i].value) == MHD_YES;
	return ok;
}

/* --- leaving HTTP ---------------------------------------------------------------------- */

struct rcd_sb_socket {
	struct MHD_UpgradeResponseHandle *mhd;
	int fd;
	char *early;
	size_t early_n;
};

int rcd_sb_socket_fd(const struct rcd_sb_socket *s)
{
	return s->fd;
}

struct rcd_sv rcd_sb_socket_early(const struct rcd_sb_socket *s)
{
	return (struct rcd_sv){s->early, s->early_n};
}

struct rcd_sb_socket *rcd_sb_socket_close(struct rcd_sb_socket *s)
{
	if (s != NULL) {
		(void)MHD_upgrade_action(s->mhd, MHD_UPGRADE_ACTION_CLOSE);
		free(s->early);
		free(s);
	}
	return NULL;
}

static struct rcd_sb_socket *socket_new(struct MHD_UpgradeResponseHandle *mhd, int fd,
                                        const char *p, size_t n)
{
	struct rcd_sb_socket *s = calloc(1, sizeof(*s));
	int flags = fcntl(fd, F_GETFL);

	if (s != NULL && n > 0 && (s->early = malloc(n)) != NULL)
		memcpy(s->early, p, n);
	if (s == NULL || (n > 0 && s->early == NULL)) {
		free(s);
		(void)MHD_upgrade_action(mhd, MHD_UPGRADE_ACTION_CLOSE);
		return NULL;
	}
	(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* small frames */
	s->mhd = mhd;
	s->fd = fd;
	s->early_n = n;
	return s;
}

static void on_upgrade(void *cls, struct MHD_Connection *conn, void *ctx, const char *p, size_t n,
                       MHD_socket fd, struct MHD_UpgradeResponseHandle *mhd)
{
	struct rcd_sb_req *r = cls;
	rcd_sb_upgraded_fn *fn = r->answer.upgraded;

	(void)conn;
	(void)ctx;
	r->answer.upgraded = NULL; /* told */
	fn(r->answer.upgraded_arg, socket_new(mhd, fd, p, n));
}

static enum MHD_Result send_answer(struct rcd_sb_req *r)
{
	struct MHD_Response *res;
	enum MHD_Result ret = MHD_NO;

	/* the client disconnected, or a cut answer has no body */
	if (r->answer.never || (r->answer.cut && r->answer.body == NULL))
		return MHD_NO;
	res = r->answer.upgraded != NULL ? MHD_create_response_for_upgrade(on_upgrade, r)
	                                 : make_response(r);
	if (res == NULL)
		return MHD_NO;
	if (add_headers(res, &r->answer))
		ret = MHD_queue_response(r->conn, (unsigned)r->answer.status, res);
	MHD_destroy_response(res);
	return ret;
}

/* Polls for a disconnect: libmicrohttpd reports none on a suspended connection. */
static void watch_client(void *arg)
{
	struct rcd_sb_req *r = arg;
	struct pollfd p = {.fd = r->fd, .events = POLLRDHUP};

	if (poll(&p, 1, 0) != 0 || rcd_sb_timer_add(r->server->timer, GONE_MS, watch_client, r) != 0)
		resume_connection(r);
}

static enum MHD_Result queue_response(struct rcd_sb_req *r)
{
	const union MHD_ConnectionInfo *info;

	r->answered = true;
	if (!r->answer.never && r->answer.delay_ms == 0)
		return send_answer(r);
	info = MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (info == NULL)
		return MHD_NO;
	r->fd = info->connect_fd;
	MHD_suspend_connection(r->conn);
	if (rcd_sb_timer_add(r->server->timer, r->answer.never ? GONE_MS : r->answer.delay_ms,
	                     r->answer.never ? watch_client : resume_connection, r) != 0)
		resume_connection(r);
	return MHD_YES;
}

/* --- requests ------------------------------------------------------------------------- */

static struct rcd_sb_req *req_free(struct rcd_sb_req *r)
{
	if (r == NULL)
		return NULL;
	if (r->answer.upgraded != NULL)
		r->answer.upgraded(r->answer.upgraded_arg, NULL);
	if (r->answer.body != NULL)
		rcd_sb_body_leave(r->answer.body);
	(void)rcd_sb_body_unref(r->answer.body);
	rcd_buf_free(&r->body);
	free(r->method);
	free(r->path);
	free(r);
	return NULL;
}

static struct rcd_sb_req *req_new(struct rcd_sb_server *s, struct MHD_Connection *conn,
                                  const char *method, const char *path)
{
	struct rcd_sb_req *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->server = s;
	r->conn = conn;
	rcd_buf_init(&r->body, RCD_SB_MAX_BODY);
	r->method = strdup(method);
	r->path = strdup(path);
	return r->method != NULL && r->path != NULL ? r : req_free(r);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **ctx)
{
	struct rcd_sb_server *s = cls;
	struct rcd_sb_req *r = *ctx;

	(void)version;
	if (r == NULL) {
		*ctx = req_new(s, conn, method, url);
		return *ctx != NULL ? MHD_YES : MHD_NO;
	}
	if (*n > 0) {
		rcd_buf_add(&r->body, data, *n);
		*n = 0;
		return !r->body.bad || r->body.over ? MHD_YES : MHD_NO;
	}
	if (r->answered)
		return send_answer(r);
	if (s->fn(s->arg, r, &r->answer) != 0)
		return MHD_NO;
	return queue_response(r);
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **ctx,
                         enum MHD_RequestTerminationCode how)
{
	(void)cls;
	(void)conn;
	(void)how;
	*ctx = req_free(*ctx);
}

/* --- the server ----------------------------------------------------------------------- */

/* Bound here and not by libmicrohttpd, so that a port in use is reported with its errno. */
static int listen_on(int port, int *fd, int *got, struct rcd_err *err)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t n = sizeof(a);
	int one = 1;
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (s < 0)
		return rcd_fail_errno(err, "cannot make a socket");
	(void)setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(s, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(s, BACKLOG) != 0 ||
	    getsockname(s, (struct sockaddr *)&a, &n) != 0) {
		(void)rcd_fail_errno(err, "cannot listen on 127.0.0.1:%d", port);
		(void)close(s);
		return -1;
	}
	*fd = s;
	*got = ntohs(a.sin_port);
	return 0;
}

int rcd_sb_server_open(struct rcd_sb_server **out, int port, struct rcd_err *err)
{
	struct rcd_sb_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return rcd_fail_nomem(err);
	if (listen_on(port, &s->listener, &s->port, err) != 0) {
		free(s);
		return -1;
	}
	*out = s;
	return 0;
}

int rcd_sb_server_run(struct rcd_sb_server *s, struct rcd_sb_timer *timer, rcd_sb_handle_fn *fn,
                      void *arg, struct rcd_err *err)
{
	s->timer = timer;
	s->fn = fn;
	s->arg = arg;
	s->mhd = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
	                              MHD_ALLOW_UPGRADE,
	                          0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, s->listener,
	                          MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS,
	                          MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY,
	                          MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
	                          MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
	if (s->mhd == NULL)
		return rcd_fail(err, RCD_IO, 0, "cannot start the HTTP server");
	return 0;
}

int rcd_sb_server_port(const struct rcd_sb_server *s)
{
	return s->port;
}

struct rcd_sb_server *rcd_sb_server_stop(struct rcd_sb_server *s)
{
	if (s == NULL)
		return NULL;
	if (s->mhd != NULL)
		MHD_stop_daemon(s->mhd); /* closes the listener */
	else
		(void)close(s->listener);
	free(s);
	return NULL;
}
