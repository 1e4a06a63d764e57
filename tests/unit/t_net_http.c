#include "base/clock.h"
#include "base/limits.h"
#include "net/http.h"
#include "tests/t.h"
#include "tests/unit/net_server.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <time.h>

/* --- names ----------------------------------------------------------------------------- */

#define OUTSIDE "93.184.216.34"
#define OUTSIDE_CLOSED "93.184.216.35"

static _Atomic int rebound_asked; /* how often rebound.test was looked up */

/* An answer with two addresses: one that cannot be reached, and our own. */
static int look_up_both(int (*real)(const char *, const char *, const struct addrinfo *,
                                    struct addrinfo **),
                        const char *port, const struct addrinfo *hints, struct addrinfo **out)
{
	struct addrinfo *last;
	int rc = real(OUTSIDE_CLOSED, port, hints, out);

	if (rc != 0)
		return rc;
	for (last = *out; last->ai_next != NULL;)
		last = last->ai_next;
	return real("127.0.0.1", port, hints, &last->ai_next);
}

/* Takes the place of libc's: an address of the Internet that is this test's server. */
int connect(int fd, const struct sockaddr *a, socklen_t n)
{
	int (*real)(int, const struct sockaddr *, socklen_t);
	struct sockaddr_in in = {.sin_family = AF_UNSPEC};
	char text[INET_ADDRSTRLEN] = "";

	*(void **)&real = dlsym(RTLD_NEXT, "connect");
	if (a->sa_family != AF_INET || n < sizeof(in))
		return real(fd, a, n);
	memcpy(&in, a, sizeof(in));
	(void)inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
	if (strcmp(text, OUTSIDE_CLOSED) == 0) {
		errno = ECONNREFUSED;
		return -1;
	}
	if (strcmp(text, OUTSIDE) == 0)
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return real(fd, (const struct sockaddr *)&in, sizeof(in));
}

/* Takes the place of libc's: names under .test lead where a case wants them to. */
int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (strcmp(host, "inside.test") == 0)
		host = "127.0.0.1";
	else if (strcmp(host, "outside.test") == 0)
		host = OUTSIDE;
	else if (strcmp(host, "rebound.test") == 0)
		host = atomic_fetch_add(&rebound_asked, 1) % 2 == 0 ? OUTSIDE : "127.0.0.1";
	else if (strcmp(host, "both.test") == 0)
		return look_up_both(real, port, hints, out);
	else if (strcmp(host, "metadata.test") == 0)
		host = "169.254.169.254";
	else if (strcmp(host, "slow.test") == 0)
		(void)usleep(3000000), host = "127.0.0.1";
	else if (strspn(host, "0123456789.") != strlen(host))
		return EAI_NONAME;
	return real(host, port, hints, out);
}

/* --- help ------------------------------------------------------------------------------ */

static const char *url_of(const char *path, char out[256])
{
	(void)snprintf(out, 256, "http://127.0.0.1:%d%s", server.port, path);
	return out;
}

static int get(struct rcd_http *http, const char *path, struct rcd_http_res *res,
               struct rcd_err *err)
{
	char url[256];
	struct rcd_http_req req = {.url = url_of(path, url), .deadline = rcd_deadline_in(20000)};

	return rcd_http_do(http, &req, res, err);
}

static bool has(const struct rcd_http_res *res, const char *text)
{
	return res->body.p != NULL && memmem(res->body.p, res->body.n, text, strlen(text)) != NULL;
}

/* Both sides of a case: a client and the server. */
static int begin(struct rcd_http **http, struct rcd_err *err)
{
	if (server_start() != 0)
		return rcd_fail(err, RCD_IO, 0, "test server does not start");
	return rcd_http_open(http, err);
}

static bool soon(const int *counter, int want)
{
	for (int i = 0; i < 500 && server_count(counter) != want; i++)
		(void)usleep(10000);
	return server_count(counter) == want;
}

/* --- plain exchanges ------------------------------------------------------------------- */

static int simple(void)
{
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(begin(&http, &err), err);
	for (int i = 0; i < 5; i++) {
		T_DO(get(http, "/ok", &res, &err), err);
		T_INT(res.status, 200);
		T_STR(res.type, "text/plain");
		T_STR(res.body.p, "hello");
		T_OK(res.sent);
		rcd_http_res_free(&res);
	}
	T_INT(server_count(&server.connections), 1); /* kept */
	T_DO(get(http, "/redirect", &res, &err), err);
	T_INT(res.status, 302);
	T_STR(res.location, "/ok");
	T_INT(res.body.n, 0);
	rcd_http_res_free(&res);
	T_DO(get(http, "/chunked", &res, &err), err);
	T_INT(res.status, 200);
	T_STR(res.body.p, "hello");
	T_STR(res.request_id, ""); /* neither the interim answer's nor the trailer's */
	rcd_http_res_free(&res);
	T_DO(get(http, "/not-there", &res, &err), err);
	T_INT(res.status, 404);
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	return ret;
}

static int request_bytes(void)
{
	static const char *const headers[] = {"X-One: 1", "Accept: application/json", NULL};
	struct rcd_secret key = {0}, password = {0};
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256];
	struct rcd_http_req req = {.url = url_of("/echo?a=b", url), .headers = headers};
	int ret = 0;

	T_DO(begin(&http, &err), err);
	T_DO(rcd_secret_put(&key, RCD_SV("sk-1234"), &err), err);
	T_DO(rcd_secret_put(&password, RCD_SV("open sesame"), &err), err);
	(void)url_of("/echo?a=b", url);
	req.key_header = "Authorization: Bearer ";
	req.key = &key;
	req.body = RCD_SV("{\"a\":1}");
	req.body_type = "application/json";
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	T_OK(rcd_sv_starts(rcd_buf_view(&res.body), RCD_SV("POST /echo?a=b HTTP/1.1\r\n")));
	T_OK(has(&res, "\r\nX-One: 1\r\n"));
	T_OK(has(&res, "\r\nAccept: application/json\r\n"));
	T_OK(has(&res, "\r\nAuthorization: Bearer sk-1234\r\n"));
	T_OK(has(&res, "\r\nContent-Type: application/json\r\n"));
	T_OK(has(&res, "\r\nContent-Length: 7\r\n"));
	T_OK(has(&res, "\r\nUser-Agent: recado/" RCD_VERSION "\r\n"));
	T_OK(has(&res, "\r\n\r\n{\"a\":1}"));
	T_OK(!has(&res, "Expect") && !has(&res, "Accept-Encoding") && !has(&res, "Cookie"));
	rcd_http_res_free(&res);

	req = (struct rcd_http_req){.url = url, .user = "AC1", .password = &password};
	T_DO(rcd_http_do(http, &req, &res, &err), err); /* a recycled handle keeps nothing */
	T_OK(rcd_sv_starts(rcd_buf_view(&res.body), RCD_SV("GET /echo?a=b HTTP/1.1\r\n")));
	T_OK(has(&res, "\r\nAuthorization: Basic QUMxOm9wZW4gc2VzYW1l\r\n"));
	T_OK(!has(&res, "Bearer") && !has(&res, "X-One") && !has(&res, "Content-"));
	rcd_http_res_free(&res);

	req = (struct rcd_http_req){.url = url, .method = "DELETE"};
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	T_OK(rcd_sv_starts(rcd_buf_view(&res.body), RCD_SV("DELETE /echo")));
	T_OK(!has(&res, "Authorization"));
	rcd_http_res_free(&res);

	req = (struct rcd_http_req){.url = url, .method = "PUT", .body = RCD_SV("xyz")};
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	T_OK(rcd_sv_starts(rcd_buf_view(&res.body), RCD_SV("PUT /echo")) && has(&res, "\r\n\r\nxyz"));
	T_OK(!has(&res, "Content-Type"));
	rcd_http_res_free(&res);

	req = (struct rcd_http_req){.url = url, .method = "POST"};
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	T_OK(rcd_sv_starts(rcd_buf_view(&res.body), RCD_SV("POST /echo")));
	T_OK(has(&res, "\r\nContent-Length: 0\r\n"));
	rcd_http_res_free(&res);

	req = (struct rcd_http_req){.url = url_of("/ok", url), .method = "HEAD"};
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	T_INT(res.status, 200);
	T_INT(res.body.n, 0);
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	rcd_secret_wipe(&key);
	rcd_secret_wipe(&password);
	return ret;
}

static int multipart(void)
{
	static char audio[8000];
	const struct rcd_http_part parts[] = {
		{.name = "model", .data = RCD_SV("whisper")},
		{.name = "file",
	     .filename = "note.ogg",
	     .type = "audio/ogg",
	     .data = {audio, sizeof(audio)}},
		{.name = "empty", .data = RCD_SV("")},
	};
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256];
	struct rcd_http_req req = {.url = url, .parts = parts, .n_parts = 3};
	int ret = 0;

	for (size_t i = 0; i < sizeof(audio); i++)
		audio[i] = (char)(i * 7);
	T_DO(begin(&http, &err), err);
	(void)url_of("/echo", url);
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	T_OK(rcd_sv_starts(rcd_buf_view(&res.body), RCD_SV("POST /echo ")));
	T_OK(has(&res, "\r\nContent-Type: multipart/form-data; boundary="));
	T_OK(has(&res, "name=\"model\"\r\n\r\nwhisper\r\n"));
	T_OK(has(&res, "name=\"file\"; filename=\"note.ogg\"\r\nContent-Type: audio/ogg\r\n\r\n"));
	T_OK(has(&res, "name=\"empty\"\r\n\r\n\r\n"));
	T_OK(memmem(res.body.p, res.body.n, audio, sizeof(audio)) != NULL);
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	return ret;
}

static int large_upload(void)
{
	size_t n = 16 << 20;
	char *big = calloc(1, n), want[64];
	struct rcd_http_part part = {.name = "f", .filename = "f", .type = "a/b", .data = {big, n}};
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256];
	struct rcd_http_req req = {.url = url, .parts = &part, .n_parts = 1};
	int ret = 0;

	T_OK(big != NULL);
	T_DO(begin(&http, &err), err);
	T_DO(rcd_http_do(http, (req.url = url_of("/ok", url), &req), &res, &err), err);
	T_INT(res.status, 200);
	rcd_http_res_free(&res);
	req = (struct rcd_http_req){.url = url_of("/echo", url), .body = {big, n}};
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	(void)snprintf(want, sizeof(want), "Content-Length: %zu\r\n", n);
	T_OK(has(&res, want));
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	free(big);
	return ret;
}

static int answer_headers(void)
{
	char date[64];
	const struct {
		const char *line;
		int retry_min, retry_max;
		const char *id, *type, *location;
	} row[] = {
		{"X-Answer: Retry-After: 7", 7, 7, "", "", ""},
		{"X-Answer: retry-after:   0", 0, 0, "", "", ""},
		{"X-Answer: Retry-After: 999999", 3600, 3600, "", "", ""},
		{"X-Answer: Retry-After: 99999999999999999999999", 3600, 3600, "", "", ""},
		{"X-Answer: Retry-After: -5", 0, 0, "", "", ""},
		{"X-Answer: Retry-After: soon", 0, 0, "", "", ""},
		{"X-Answer: Retry-After: 5 minutes", 0, 0, "", "", ""},
		{"X-Answer: Retry-After:", 0, 0, "", "", ""},
		{"X-Answer: Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", 0, 0, "", "", ""},
		{"X-Answer: Retry-After: Wed, 21 Oct 2099 07:28:00 GMT", 3600, 3600, "", "", ""},
		{date, 50, 61, "", "", ""},
		{"X-Answer: X-Request-ID: req_1", 0, 0, "req_1", "", ""},
		{"X-Answer: request-id: abc", 0, 0, "abc", "", ""},
		{"X-Answer: Twilio-Request-Id: RQ1", 0, 0, "RQ1", "", ""},
		{"X-Answer: Content-Type: audio/ogg; codecs=opus", 0, 0, "", "audio/ogg; codecs=opus", ""},
		{"X-Answer: Location: https://cdn.example/x?y=z", 0, 0, "", "",
	     "https://cdn.example/x?y=z"},
		{"X-Answer: Location: https://cdn.example/\ttab", 0, 0, "", "", ""},
	};
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256];
	time_t later = time(NULL) + 60;
	struct tm tm;
	int ret = 0;

	(void)strftime(date, sizeof(date), "X-Answer: Retry-After: %a, %d %b %Y %H:%M:%S GMT",
	               gmtime_r(&later, &tm));
	T_DO(begin(&http, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *const headers[] = {row[i].line, NULL};
		struct rcd_http_req req = {.url = url_of("/header", url), .headers = headers};

		T_DO(rcd_http_do(http, &req, &res, &err), err);
		T_INT(res.status, 503);
		T_OK(res.retry_after >= row[i].retry_min && res.retry_after <= row[i].retry_max);
		T_STR(res.request_id, row[i].id);
		T_STR(res.type, row[i].type);
		T_STR(res.location, row[i].location);
		rcd_http_res_free(&res);
	}
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	return ret;
}

/* --- peers that misbehave --------------------------------------------------------------- */

static int failures(void)
{
	static const struct {
		const char *path;
		enum rcd_code code;
		int at_least_ms;
	} row[] = {
		{"/cut", RCD_DOWN, 0},
		{"/cut-chunked", RCD_DOWN, 0},
		{"/reset", RCD_DOWN, 0},
		{"/reset-body", RCD_DOWN, 0},
		{"/garbage", RCD_DOWN, 0},
		{"/many-headers", RCD_LIMIT, 0},
		{"/long-header", RCD_LIMIT, 0},
		{"/redirect-long", RCD_LIMIT, 0},
		{"/big", RCD_LIMIT, 0},
		{"/endless", RCD_LIMIT, 0},
		{"/nothing", RCD_TIMEOUT, 300},
		{"/head-stall", RCD_TIMEOUT, 300},
		{"/head-drip", RCD_TIMEOUT, 300},
		{"/body-stall", RCD_TIMEOUT, 200}, /* not the deadline of 3000 */
		{"/drip", RCD_TIMEOUT, 3000},
	};
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256];
	int ret = 0;

	T_DO(begin(&http, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rcd_http_req req = {.url = url_of(row[i].path, url),
		                           .first_ms = 300,
		                           .idle_ms = 200,
		                           .max_body = 1000000};
		int64_t t0 = rcd_mono_ms(), took;

		if (row[i].code != RCD_TIMEOUT)
			req.first_ms = req.idle_ms = 10000;
		else
			req.deadline = t0 + 3000;
		if (rcd_http_do(http, &req, &res, &err) == 0)
			T_FAIL("%s succeeds", row[i].path);
		took = rcd_mono_ms() - t0;
		if (err.code == RCD_NOMEM && row[i].code != RCD_NOMEM) {
			ret = T_NOMEM;
			goto out;
		}
		if (err.code != row[i].code || !res.sent)
			T_FAIL("%s: %s (%s), sent %d", row[i].path, rcd_code_name(err.code), err.msg, res.sent);
		if (took < row[i].at_least_ms ||
		    (row[i].code == RCD_TIMEOUT && took > row[i].at_least_ms + 1500))
			T_FAIL("%s: after %d ms", row[i].path, (int)took);
		T_OK(strstr(err.msg, row[i].path) == NULL); /* a path may name a customer */
		T_OK(res.body.p == NULL);
	}
	T_OK(soon(&server.open, 0)); /* none of the broken connections is kept */
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	return ret;
}

static int nobody_there(void)
{
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), ret = 0;
	char url[256];
	struct rcd_http_req req = {.url = url};

	T_DO(begin(&http, &err), err);
	T_OK(bind(fd, (struct sockaddr *)&a, n) == 0); /* not listening */
	T_OK(getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(a.sin_port));
	T_INT(rcd_http_do(http, &req, &res, &err), -1);
	T_INT(err.code, RCD_DOWN);
	T_OK(!res.sent);
	(void)snprintf(url, sizeof(url), "https://nowhere.test/");
	T_INT(rcd_http_do(http, &req, &res, &err), -1);
	T_INT(err.code, RCD_DOWN);
	T_OK(!res.sent);
out:
	(void)close(fd);
	rcd_http_close(http);
	return ret;
}

/* A kept connection that breaks before the answer: curl would send the request again on a
 * new one, and a message would go out twice. */
static int never_twice(void)
{
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256];
	struct rcd_http_req req = {.url = url, .body = RCD_SV("x")};
	int ret = 0;

	T_DO(begin(&http, &err), err);
	(void)url_of("/once", url);
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	rcd_http_res_free(&res);
	T_INT(rcd_http_do(http, &req, &res, &err), -1);
	T_INT(err.code, RCD_DOWN);
	T_OK(res.sent);
	T_INT(server_count(&server.requests), 2);
	/* the same where it does no harm */
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	rcd_http_res_free(&res);
	req.repeatable = true;
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	rcd_http_res_free(&res);
	T_INT(server_count(&server.requests), 5);
	T_DO(get(http, "/once", &res, &err), err);
	T_INT(server_count(&server.requests), 7);
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	return ret;
}

/* --- where to ---------------------------------------------------------------------------- */

static int addresses(void)
{
	static const struct {
		const char *url; /* %d: the server's port */
		enum rcd_peer peer;
		enum rcd_code code;
	} row[] = {
		{"http://127.0.0.1:%d/ok", RCD_PEER_ANY, RCD_OK},
		{"http://127.0.0.1:%d/ok", RCD_PEER_LOOPBACK, RCD_OK},
		{"http://127.0.0.1:%d/ok", RCD_PEER_PUBLIC, RCD_DENIED}, /* on the kept connection */
		{"http://inside.test:%d/ok", RCD_PEER_ANY, RCD_OK},
		{"http://inside.test:%d/ok", RCD_PEER_PUBLIC, RCD_DENIED},
		{"https://inside.test:%d/ok", RCD_PEER_PUBLIC, RCD_DENIED},
		{"https://127.0.0.1:%d/ok", RCD_PEER_PUBLIC, RCD_DENIED},
		{"https://2130706433:%d/ok", RCD_PEER_PUBLIC, RCD_DENIED},
		{"https://0x7f.1:%d/ok", RCD_PEER_PUBLIC, RCD_DENIED},
		{"https://metadata.test:%d/", RCD_PEER_PUBLIC, RCD_DENIED},
		{"https://metadata.test:%d/", RCD_PEER_LOOPBACK, RCD_DENIED},
		{"https://outside.test:%d/", RCD_PEER_LOOPBACK, RCD_DENIED},
		{"http://outside.test:%d/", RCD_PEER_ANY, RCD_DENIED},
		{"http://metadata.test:%d/", RCD_PEER_ANY, RCD_DENIED},
		{"127.0.0.1:%d/ok", RCD_PEER_ANY, RCD_OK}, /* plain http is what curl assumes */
		{"ftp://127.0.0.1:%d/ok", RCD_PEER_ANY, RCD_DENIED},
		{"file:///etc/passwd?%d", RCD_PEER_ANY, RCD_DENIED},
		{"http://user:secret@127.0.0.1:%d/ok", RCD_PEER_ANY, RCD_DENIED},
		{"http://:%d/", RCD_PEER_ANY, RCD_INVAL},
		{"http://127.0.0.1:%d/\n", RCD_PEER_ANY, RCD_INVAL},
	};
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256];
	int ret = 0;

	T_DO(begin(&http, &err), err);
	(void)setenv("http_proxy", "http://127.0.0.1:9/", 1);
	(void)setenv("ALL_PROXY", "http://127.0.0.1:9/", 1);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rcd_http_req req = {.url = url, .peer = row[i].peer};
		int before = server_count(&server.requests);

		err.code = RCD_OK;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(url, sizeof(url), row[i].url, server.port);
#pragma GCC diagnostic pop
		(void)rcd_http_do(http, &req, &res, &err);
		if (err.code != row[i].code || res.sent != (err.code == RCD_OK))
			T_FAIL("%s for %d: %s (%s)", url, row[i].peer, rcd_code_name(err.code), err.msg);
		T_INT(server_count(&server.requests) - before, row[i].code == RCD_OK);
		T_OK(err.code == RCD_OK || strstr(err.msg, "secret") == NULL);
		rcd_http_res_free(&res);
	}
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	return ret;
}

/* A name that leads outside when it is looked at and inside when it is used (DNS rebinding), or to
 * both at once: the address that is connected to is the one that is judged. */
static int rebound(void)
{
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[2][64];
	int ret = 0;

	T_INT(server_start(), 0);
	(void)snprintf(url[0], sizeof(url[0]), "https://rebound.test:%d/ok", server.port);
	(void)snprintf(url[1], sizeof(url[1]), "https://both.test:%d/ok", server.port);
	for (int i = 0; i < 6; i++) {
		const bool both = i >= 4, outside = i % 2 == 0 && !both;
		struct rcd_http_req req = {.url = url[both],
		                           .peer = RCD_PEER_PUBLIC,
		                           .deadline = rcd_deadline_in(2000)};
		int before = server_count(&server.connections);

		T_DO(rcd_http_open(&http, &err), err);          /* a new one remembers no address */
		T_INT(rcd_http_do(http, &req, &res, &err), -1); /* nobody there speaks TLS */
		http = rcd_http_close(http);
		if (outside) /* or the others prove nothing */
			T_OK(soon(&server.connections, before + 1));
		else
			T_INT(server_count(&server.connections), before);
		if (!outside && !both)
			T_INT(err.code, RCD_DENIED);
		rcd_http_res_free(&res);
	}
	T_INT(atomic_load(&rebound_asked), 4);
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	return ret;
}

/* A resolver that hangs costs the request its time and nobody else anything. */
static int slow_names(void)
{
	struct rcd_http_req req = {.url = "https://slow.test/", .connect_ms = 300};
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	int64_t t0;
	int ret = 0;

	T_DO(begin(&http, &err), err);
	t0 = rcd_mono_ms();
	T_INT(rcd_http_do(http, &req, &res, &err), -1);
	T_INT(err.code, RCD_TIMEOUT);
	T_OK(!res.sent);
	T_OK(rcd_mono_ms() - t0 >= 299 && rcd_mono_ms() - t0 < 1500);
	T_DO(get(http, "/ok", &res, &err), err);
	T_OK(rcd_mono_ms() - t0 < 2000);
	http = rcd_http_close(http);
	T_OK(rcd_mono_ms() - t0 < 2500);
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	return ret;
}

/* What may not leave after a time does not, whatever held it up until then. */
static int too_late(void)
{
	struct rcd_http_req req = {.connect_ms = 10000, .body = RCD_SV("x")};
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256];
	int ret = 0;

	T_DO(begin(&http, &err), err);
	(void)snprintf(url, sizeof(url), "http://slow.test:%d/ok", server.port);
	for (int kept = 0; kept < 2;
	     kept++) { /* a name that is looked up for seconds; a kept connection */
		req.url = kept ? url_of("/ok", url) : url;
		req.begin_by = kept ? rcd_mono_ms() : rcd_deadline_in(500);
		T_INT(rcd_http_do(http, &req, &res, &err), -1);
		T_INT(err.code, RCD_TIMEOUT);
		T_OK(!res.sent && strstr(err.msg, "its time to be sent is over") != NULL);
		T_INT(server_count(&server.requests), kept);
		if (!kept)
			T_DO(get(http, "/ok", &res, &err), err);
		rcd_http_res_free(&res);
		res = (struct rcd_http_res){.status = 0};
	}
	req.begin_by = rcd_deadline_in(5000);
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	T_INT(res.status, 200);
	T_INT(server_count(&server.requests), 2);
out:
	rcd_http_res_free(&res);
	rcd_http_close(http);
	return ret;
}

static int forged_header(void)
{
	static const char *const bad[] = {"X-A: 1\r\nX-B: 2", NULL};
	struct rcd_http_res res = {.status = 0};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256];
	struct rcd_http_req req = {.url = url, .headers = bad};
	int ret = 0;

	T_DO(begin(&http, &err), err);
	(void)url_of("/ok", url);
	T_INT(rcd_http_do(http, &req, &res, &err), -1);
	T_INT(err.code, RCD_INVAL);
	T_OK(!res.sent);
	T_INT(server_count(&server.requests), 0);
out:
	rcd_http_close(http);
	return ret;
}

/* --- streams ------------------------------------------------------------------------------ */

static int read_all(struct rcd_http_stream *s, size_t step, size_t *total, struct rcd_err *err)
{
	char p[32768];
	size_t n = 0;

	*total = 0;
	do {
		if (rcd_http_read(s, p, step, &n, err) != 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (p[i] != (char)((*total + i) % 4096 % 251))
				return rcd_fail(err, RCD_PROTO, 0, "wrong byte at %zu", *total + i);
		*total += n;
	} while (n > 0);
	return 0;
}

static int stream_big(void)
{
	static const size_t step[] = {32768, 1000, 333};
	struct rcd_http_stream *s = NULL;
	struct rcd_http_res res;
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256];
	struct rcd_http_req req = {.url = url, .idle_ms = 300};
	size_t total = 0;
	int ret = 0;

	T_DO(begin(&http, &err), err);
	(void)url_of("/big", url);
	for (size_t i = 0; i < 3; i++) {
		T_DO(rcd_http_begin(http, &req, &s, &res, &err), err);
		T_INT(res.status, 200);
		T_OK(res.sent);
		if (i == 0)
			(void)usleep(700000); /* a slow reader is not an idle peer */
		T_DO(read_all(s, step[i], &total, &err), err);
		T_INT(total, BIG);
		s = rcd_http_end(s);
	}
	T_INT(server_count(&server.connections), 1);
out:
	rcd_http_end(s);
	rcd_http_close(http);
	return ret;
}

static int stream_ends(void)
{
	static const struct {
		const char *path;
		enum rcd_code code;
	} row[] = {
		{"/cut", RCD_DOWN},           {"/cut-chunked", RCD_DOWN}, {"/reset-body", RCD_DOWN},
		{"/body-stall", RCD_TIMEOUT}, {"/drip", RCD_TIMEOUT},
	};
	struct rcd_http_stream *s = NULL;
	struct rcd_http_res res;
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256], p[16];
	size_t n = 1;
	int ret = 0;

	T_DO(begin(&http, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rcd_http_req req = {.url = url_of(row[i].path, url),
		                           .idle_ms = 200,
		                           .deadline = rcd_deadline_in(500)};

		if (rcd_http_begin(http, &req, &s, &res, &err) == 0) {
			while (rcd_http_read(s, p, sizeof(p), &n, &err) == 0)
				T_OK(n > 0);
			s = rcd_http_end(s);
		}
		if (err.code != row[i].code)
			T_FAIL("%s: %s (%s)", row[i].path, rcd_code_name(err.code), err.msg);
	}
	/* given up in the middle, twice on one handle */
	for (int i = 0; i < 2; i++) {
		struct rcd_http_req req = {.url = url_of("/endless", url)};

		T_DO(rcd_http_begin(http, &req, &s, &res, &err), err);
		T_DO(rcd_http_read(s, p, sizeof(p), &n, &err), err);
		s = rcd_http_end(s);
	}
	T_OK(soon(&server.open, 0));
out:
	rcd_http_end(s);
	rcd_http_close(http);
	return ret;
}

static void *cancel_later(void *arg)
{
	(void)usleep(100000);
	rcd_http_cancel(arg);
	return NULL;
}

static int cancel(void)
{
	static const char *const path[] = {"/body-stall", "/endless"};
	struct rcd_http_stream *s = NULL;
	struct rcd_http_res res;
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char url[256], p[4096];
	pthread_t t;
	int ret = 0;

	T_DO(begin(&http, &err), err);
	for (int i = 0; i < 2; i++) {
		struct rcd_http_req req = {.url = url_of(path[i], url)};
		int64_t t0 = rcd_mono_ms();
		size_t n = 0;

		T_DO(rcd_http_begin(http, &req, &s, &res, &err), err);
		T_INT(pthread_create(&t, NULL, cancel_later, s), 0);
		while (rcd_http_read(s, p, sizeof(p), &n, &err) == 0)
			T_OK(n > 0);
		(void)pthread_join(t, NULL);
		T_INT(err.code, RCD_CANCELLED);
		T_OK(rcd_mono_ms() - t0 < 2000);
		T_INT(rcd_http_read(s, p, sizeof(p), &n, &err), -1);
		s = rcd_http_end(s);
	}
	T_OK(soon(&server.open, 0));
out:
	rcd_http_end(s);
	rcd_http_close(http);
	return ret;
}

/* --- many --------------------------------------------------------------------------------- */

#define CROWD 500

struct caller {
	struct rcd_http *http;
	const char *path;
	enum rcd_code code;
	int status;
	bool stream;
};

static void *call(void *arg)
{
	struct caller *c = arg;
	struct rcd_http_stream *s = NULL;
	struct rcd_http_res res;
	struct rcd_err err = {0};
	char url[256], p[512];
	struct rcd_http_req req = {.url = url_of(c->path, url),
	                           .deadline = rcd_deadline_in(40000),
	                           .first_ms = 40000,
	                           .connect_ms = 30000,
	                           .idle_ms = 30000};
	size_t n = 1;

	if (!c->stream) {
		(void)rcd_http_do(c->http, &req, &res, &err);
		rcd_http_res_free(&res);
	} else if (rcd_http_begin(c->http, &req, &s, &res, &err) == 0) {
		while (n > 0 && rcd_http_read(s, p, sizeof(p), &n, &err) == 0)
			;
		rcd_http_end(s);
	}
	c->code = err.code;
	c->status = res.status;
	return NULL;
}

static int crowd_start(struct rcd_http *http, pthread_t *t, struct caller *c, int n)
{
	pthread_attr_t small;

	(void)pthread_attr_init(&small);
	(void)pthread_attr_setstacksize(&small, 128 * 1024);
	for (int i = 0; i < n; i++) {
		c[i].http = http;
		if (pthread_create(&t[i], &small, call, &c[i]) != 0)
			return -1;
	}
	return 0;
}

static int parallel(void)
{
	static struct caller c[CROWD];
	static pthread_t t[CROWD];
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(begin(&http, &err), err);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < CROWD; i++)
			c[i] = (struct caller){.path = i % 3 ? "/slow" : "/chunked", .stream = i % 2};
		T_INT(crowd_start(http, t, c, CROWD), 0);
		for (int i = 0; i < CROWD; i++)
			(void)pthread_join(t[i], NULL);
		for (int i = 0; i < CROWD; i++) {
			T_INT(c[i].code, RCD_OK);
			T_INT(c[i].status, 200);
		}
	}
	T_INT(server_count(&server.requests), 2 * CROWD);
	T_OK(server_count(&server.connections) <= CROWD);
out:
	rcd_http_close(http);
	return ret;
}

/* Everybody who waits is told; nobody hangs, whatever the transfer was at. */
static int close_under_load(void)
{
	static const char *const path[] = {"/nothing", "/body-stall", "/endless", "/drip", "/ok"};
	static struct caller c[100];
	static pthread_t t[100];
	struct rcd_http_stream *s = NULL;
	struct rcd_http *http = NULL;
	struct rcd_http_res res;
	struct rcd_err err = {0};
	char url[256], p[65536];
	struct rcd_http_req req = {.url = url};
	size_t n = 0;
	int ret = 0, cancelled = 0;

	T_DO(begin(&http, &err), err);
	(void)url_of("/body-stall", url);
	T_DO(rcd_http_begin(http, &req, &s, &res, &err), err);
	for (int i = 0; i < 100; i++)
		c[i] = (struct caller){.path = path[i % 5], .stream = i % 5 < 4 && (i % 5 == 2 || i % 2)};
	T_INT(crowd_start(http, t, c, 100), 0);
	T_OK(soon(&server.requests, 101));
	rcd_http_close(http);
	for (int i = 0; i < 100; i++)
		(void)pthread_join(t[i], NULL);
	for (int i = 0; i < 100; i++) {
		T_OK(c[i].code == RCD_CANCELLED || (i % 5 == 4 && c[i].code == RCD_OK));
		cancelled += c[i].code == RCD_CANCELLED;
	}
	T_OK(cancelled >= 80);
	/* a stream may outlive the client that made it */
	while (rcd_http_read(s, p, sizeof(p), &n, &err) == 0)
		T_OK(n > 0);
	T_INT(err.code, RCD_CANCELLED);
out:
	rcd_http_end(s);
	return ret;
}

static int open_close(void)
{
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	for (int i = 0; i < 3; i++) {
		T_DO(rcd_http_open(&http, &err), err);
		http = rcd_http_close(http);
	}
	T_OK(rcd_http_close(NULL) == NULL);
	T_OK(rcd_http_end(NULL) == NULL);
	rcd_http_res_free(NULL);
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"simple", simple, T_OOM},
	{"request_bytes", request_bytes, T_OOM},
	{"multipart", multipart, T_OOM},
	{"large_upload", large_upload, 0},
	{"answer_headers", answer_headers, 0},
	{"failures", failures, 0},
	{"nobody_there", nobody_there, 0},
	{"never_twice", never_twice, 0},
	{"addresses", addresses, 0},
	{"rebound", rebound, 0},
	{"slow_names", slow_names, 0},
	{"too_late", too_late, 0},
	{"forged_header", forged_header, 0},
	{"stream_big", stream_big, T_OOM},
	{"stream_ends", stream_ends, 0},
	{"cancel", cancel, 0},
	{"parallel", parallel, 0},
	{"close_under_load", close_under_load, 0},
	{"open_close", open_close, T_OOM},
	{NULL, NULL, 0},
};
