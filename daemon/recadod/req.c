#include "daemon/recadod/req.h"

#include "base/clock.h"
#include "base/limits.h"
#include "daemon/recadod/slow.h"

#include <fcgiapp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct rcd_req {
	FCGX_Request fcgi;
	struct rcd_slow slow;
	int64_t accepted; /* rcd_mono_ms() */
	bool whole;       /* its body was read to the end: nothing of it is on the way any more */
};

struct rcd_acceptor {
	struct rcd_req req;
	int listen_fd;
};

int rcd_acceptor_init(void)
{
	return FCGX_Init() == 0 ? 0 : -1;
}

struct rcd_acceptor *rcd_acceptor_new(int listen_fd)
{
	struct rcd_acceptor *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->listen_fd = listen_fd;
	rcd_slow_add(&a->req.slow);
	if (FCGX_InitRequest(&a->req.fcgi, listen_fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		return rcd_acceptor_free(a);
	a->req.fcgi.listen_sock = -1; /* the library accepts nothing by itself: nobody would watch it */
	return a;
}

struct rcd_acceptor *rcd_acceptor_free(struct rcd_acceptor *a)
{
	if (a != NULL) {
		FCGX_Free(&a->req.fcgi, 1);
		rcd_slow_remove(&a->req.slow);
	}
	free(a);
	return NULL;
}

/* Reads the head of a request from a connection of ours: the library takes one that is there
 * already when it is told that it was kept, and tries to accept when it ends too early. */
static bool read_head(struct rcd_req *req, int fd)
{
	bool read;

	req->accepted = rcd_mono_ms();
	req->whole = false;
	rcd_slow_connect(&req->slow, fd);
	rcd_slow_wait(&req->slow, req->accepted);
	req->fcgi.ipcFd = fd;
	req->fcgi.keepConnection = 1;
	read = FCGX_Accept_r(&req->fcgi) == 0;
	if (!read)
		rcd_slow_close(&req->slow);
	else
		rcd_slow_rest(&req->slow);
	return read;
}

struct rcd_req *rcd_accept(struct rcd_acceptor *a)
{
	int fd = accept4(a->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	return fd >= 0 && read_head(&a->req, fd) ? &a->req : NULL;
}

int rcd_req_flush(struct rcd_req *req)
{
	int ret;

	rcd_slow_wait(&req->slow, rcd_mono_ms());
	ret = FCGX_FFlush(req->fcgi.out) == 0 ? 0 : -1;
	rcd_slow_rest(&req->slow);
	return ret;
}

/* One request per connection, whatever the peer asked for. The library shuts its side down and
 * waits for the other's end, so that a peer that still writes is not reset before it has read the
 * answer. One whose request was read to the end writes no more: its connection is closed at once,
 * which saves three system calls of an acknowledgement. */
int rcd_req_end(struct rcd_req *req)
{
	int ret;

	rcd_slow_wait(&req->slow, rcd_mono_ms());
	ret = FCGX_FFlush(req->fcgi.out) == 0 ? 0 : -1;
	req->fcgi.keepConnection = req->whole;
	FCGX_Finish_r(&req->fcgi);
	if (req->fcgi.ipcFd >= 0)
		(void)close(req->fcgi.ipcFd);
	req->fcgi.ipcFd = -1;
	rcd_slow_close(&req->slow);
	return ret;
}

struct rcd_sv rcd_req_param(struct rcd_req *req, const char *name)
{
	return rcd_sv(FCGX_GetParam(name, req->fcgi.envp));
}

int rcd_req_count(struct rcd_req *req, const char *name)
{
	size_t n = strlen(name);
	int count = 0;

	for (char **e = req->fcgi.envp; *e != NULL; e++)
		count += strncmp(*e, name, n) == 0 && (*e)[n] == '=';
	return count;
}

struct rcd_sv rcd_req_method(struct rcd_req *req)
{
	return rcd_req_param(req, "REQUEST_METHOD");
}

struct rcd_sv rcd_req_target(struct rcd_req *req)
{
	return rcd_req_param(req, "REQUEST_URI");
}

struct rcd_sv rcd_req_path(struct rcd_req *req)
{
	struct rcd_sv rest = rcd_req_target(req), path = {NULL, 0};

	(void)rcd_sv_cut(&rest, '?', &path);
	return path;
}

/* The head and the body have one time together. */
static bool read_body(struct rcd_req *req, char *to, int n)
{
	bool whole;

	rcd_slow_wait(&req->slow, req->accepted);
	whole = FCGX_GetStr(to, n, req->fcgi.in) == n;
	rcd_slow_rest(&req->slow);
	return whole;
}

int rcd_req_body(struct rcd_req *req, size_t max, struct rcd_buf *out, struct rcd_err *err)
{
	struct rcd_sv length = rcd_req_param(req, "CONTENT_LENGTH");
	int64_t n = 0;
	char *at;

	if (length.n > 0 && rcd_parse_i64(length, 0, INT64_MAX, &n) != 0)
		return rcd_fail(err, RCD_PROTO, 0, "a malformed Content-Length");
	if ((uint64_t)n > max)
		return rcd_fail(err, RCD_LIMIT, 0, "a body of more than %zu bytes", max);
	at = rcd_buf_room(out, (size_t)n);
	if (at == NULL)
		return rcd_fail_nomem(err);
	if (n > 0 && !read_body(req, at, (int)n))
		return rcd_fail(err, RCD_PROTO, 0, "a body shorter than its Content-Length");
	out->n += (size_t)n;
	at[n] = '\0';
	req->whole = true;
	return 0;
}

/* A proxy or tunnel on this machine speaks for somebody else; most of them say so, each its way. */
static bool was_forwarded(struct rcd_req *req)
{
	static const char *const sign[] =
		{"HTTP_X_FORWARDED_FOR",    "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO",
	     "HTTP_X_FORWARDED_SERVER", "HTTP_FORWARDED",        "HTTP_VIA",
	     "HTTP_X_REAL_IP",          "HTTP_X_CLIENT_IP",      "HTTP_TRUE_CLIENT_IP",
	     "HTTP_CF_CONNECTING_IP",   "HTTP_CF_RAY",           "HTTP_CDN_LOOP",
	     "HTTP_X_ORIGINAL_HOST"};

	for (size_t i = 0; i < sizeof(sign) / sizeof(sign[0]); i++)
		if (rcd_req_param(req, sign[i]).p != NULL)
			return true;
	return false;
}

/* A page of another name that leads here (DNS rebinding) sends its own name. */
static bool names_loopback(struct rcd_sv host)
{
	struct rcd_sv name = host;
	const char *colon = rcd_sv_starts(host, RCD_SV("[")) ? NULL : memchr(host.p, ':', host.n);

	if (colon != NULL)
		name.n = (size_t)(colon - host.p);
	if (rcd_sv_starts(host, RCD_SV("[::1]")))
		return host.n == 5 || host.p[5] == ':';
	return rcd_sv_ieq(name, RCD_SV("localhost")) || rcd_sv_is(name, "127.0.0.1");
}

bool rcd_req_local(struct rcd_req *req)
{
	struct rcd_sv addr = rcd_req_param(req, "REMOTE_ADDR"), host = rcd_req_param(req, "HTTP_HOST");

	return (rcd_sv_is(addr, "127.0.0.1") || rcd_sv_is(addr, "::1")) && !was_forwarded(req) &&
	       (host.p == NULL || names_loopback(host));
}

static const char *reason_of(int status)
{
	static const struct {
		int status;
		const char *text;
	} known[] = {
		{200, "OK"},
		{400, "Bad Request"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{413, "Payload Too Large"},
		{415, "Unsupported Media Type"},
		{503, "Service Unavailable"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			return known[i].text;
	return "Internal Server Error";
}

static int write_reply(struct rcd_req *req, int status, const char *type, struct rcd_sv body)
{
	bool head = rcd_sv_is(rcd_req_method(req), "HEAD");
	FCGX_Stream *out = req->fcgi.out;

	if (FCGX_FPrintF(out,
	                 "Status: %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nCache-Control: "
	                 "no-store\r\n",
	                 status, reason_of(status), type, (int)body.n) < 0)
		return -1;
	if (status == 503 && FCGX_FPrintF(out, "Retry-After: 5\r\n") < 0)
		return -1;
	if (FCGX_PutStr("\r\n", 2, out) < 0)
		return -1;
	if (!head && body.n > 0 && FCGX_PutStr(body.p, (int)body.n, out) < 0)
		return -1;
	return 0;
}

int rcd_reply(struct rcd_req *req, int status, const char *type, struct rcd_sv body)
{
	int ret;

	rcd_slow_wait(&req->slow, rcd_mono_ms());
	ret = write_reply(req, status, type, body);
	rcd_slow_rest(&req->slow);
	return ret;
}

int rcd_reply_elsewhere(struct rcd_req *req, const char *origin, const char *target)
{
	const char *const piece[] = {"Status: 200 OK\r\nContent-Type: audio/ogg\r\nX-Recado-Store: ",
	                             origin, "\r\nX-Accel-Redirect: /_recado_store", target,
	                             "\r\n\r\n"};

	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++)
		if (FCGX_PutS(piece[i], req->fcgi.out) < 0)
			return -1;
	return 0;
}

int rcd_reply_json(struct rcd_req *req, int status, json_t *take)
{
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, RCD_MAX_JSON);
	rcd_json_text(take, &text);
	rcd_buf_ch(&text, '\n');
	ret = text.bad
	          ? rcd_reply(req, 503, "application/json", RCD_SV("{\"error\":\"out of memory\"}\n"))
	          : rcd_reply(req, status, "application/json", rcd_buf_view(&text));
	rcd_buf_free(&text);
	return ret;
}

int rcd_reply_error(struct rcd_req *req, int status, const char *text)
{
	return rcd_reply_json(req, status, json_pack("{s:s}", "error", text));
}
