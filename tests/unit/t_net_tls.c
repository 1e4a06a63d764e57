#include "base/clock.h"
#include "net/http.h"
#include "tests/t.h"
#include "tests/unit/net_server.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

/* The client against nginx: TLS, HTTP/2, and behind it the server that misbehaves. */

extern char **environ;

/* --- what stands in the way of a test ---------------------------------------------------- */

static const char *trusted; /* a CA file, NULL for the system's */

/* Takes the place of libcurl's: the client has no setting for another CA. */
CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy)
{
	CURLMcode (*real)(CURLM *, CURL *);

	*(void **)&real = dlsym(RTLD_NEXT, "curl_multi_add_handle");
	if (trusted != NULL)
		(void)curl_easy_setopt(easy, CURLOPT_CAINFO, trusted);
	return real(multi, easy);
}

int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(strcmp(host, "other.test") == 0 ? "127.0.0.1" : host, port, hints, out);
}

/* --- nginx -------------------------------------------------------------------------------- */

static int spawn(char *const argv[], pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	int rc;

	(void)posix_spawn_file_actions_init(&fa);
	(void)posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(pid, argv[0], &fa, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&fa);
	return rc;
}

static int make_certificate(char cert[300])
{
	char key[300];
	char *argv[] = {"openssl",  "req",
	                "-x509",    "-newkey",
	                "rsa:2048", "-nodes",
	                "-keyout",  key,
	                "-out",     cert,
	                "-subj",    "/CN=localhost",
	                "-addext",  "subjectAltName=IP:127.0.0.1",
	                "-days",    "2",
	                NULL};
	int status = -1;
	pid_t pid;

	(void)snprintf(cert, 300, "%s/cert.pem", t_dir());
	(void)snprintf(key, sizeof(key), "%s/key.pem", t_dir());
	return spawn(argv, &pid) == 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

static int free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = 0;

	if (bind(fd, (struct sockaddr *)&a, n) == 0 && getsockname(fd, (struct sockaddr *)&a, &n) == 0)
		port = ntohs(a.sin_port);
	(void)close(fd);
	return port;
}

static bool listening(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	                        .sin_port = htons((uint16_t)port),
	                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool up = connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;

	(void)close(fd);
	return up;
}

static int write_conf(const char *path, const char *extra, int port)
{
	const char *d = t_dir();
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return -1;
	(void)fprintf(f,
	              "daemon off; master_process off; pid %s/pid; error_log %s/log;\n"
	              "events { worker_connections 4096; }\n"
	              "http { access_log %s/access; client_body_temp_path %s/b; proxy_temp_path %s/p;\n"
	              "fastcgi_temp_path %s/f; uwsgi_temp_path %s/u; scgi_temp_path %s/s;\n"
	              "log_format x '$server_protocol $connection'; access_log %s/proto x;\n"
	              "server { listen 127.0.0.1:%d ssl http2; ssl_certificate %s/cert.pem;\n"
	              "ssl_certificate_key %s/key.pem; client_max_body_size 0; %s\n"
	              "location / { proxy_pass http://127.0.0.1:%d; proxy_http_version 1.1;\n"
	              "proxy_buffering off; proxy_request_buffering off; } } }\n",
	              d, d, d, d, d, d, d, d, d, port, d, d, extra, server.port);
	return fclose(f);
}

struct bench {
	struct rcd_http *http;
	pid_t nginx;
	int port;
	char cert[300];
};

/* 1: what it takes is not installed. */
static int begin(struct bench *b, const char *extra, struct rcd_err *err)
{
	char conf[300];
	char *argv[] = {"nginx", "-c", conf, "-p", (char *)t_dir(), NULL};

	(void)setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	if (access("/usr/sbin/nginx", X_OK) != 0 || access("/usr/bin/openssl", X_OK) != 0)
		return 1;
	(void)snprintf(conf, sizeof(conf), "%s/nginx.conf", t_dir());
	b->port = free_port();
	if (server_start() != 0 || make_certificate(b->cert) != 0 ||
	    write_conf(conf, extra, b->port) != 0 || spawn(argv, &b->nginx) != 0)
		return rcd_fail(err, RCD_IO, 0, "nginx does not start");
	for (int i = 0; i < 500 && !listening(b->port); i++)
		(void)usleep(10000);
	trusted = b->cert;
	return rcd_http_open(&b->http, err);
}

static void finish(struct bench *b)
{
	rcd_http_close(b->http);
	if (b->nginx > 0) {
		(void)kill(b->nginx, SIGKILL);
		(void)waitpid(b->nginx, NULL, 0);
	}
}

#define BEGIN(b, extra)                                                                            \
	do {                                                                                           \
		int t_rc = begin(&(b), (extra), &err);                                                     \
		if (t_rc == 1)                                                                             \
			goto out;                                                                              \
		T_DO(t_rc, err);                                                                           \
	} while (0)

static const char *url_of(const struct bench *b, const char *path, char out[256])
{
	(void)snprintf(out, 256, "https://127.0.0.1:%d%s", b->port, path);
	return out;
}

/* How many lines of nginx's log begin with text, and how many connections they came over. */
static int logged(const char *text, int *connections)
{
	char path[300], line[64], last[64] = "";
	FILE *f;
	int n = 0;

	(void)snprintf(path, sizeof(path), "%s/proto", t_dir());
	f = fopen(path, "r");
	*connections = 0;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, text, strlen(text)) == 0)
			n++;
		*connections += strcmp(line, last) != 0;
		memcpy(last, line, sizeof(last));
	}
	if (f != NULL)
		(void)fclose(f);
	return n;
}

/* The same once there are want of them: nginx writes after it has answered. */
static int lines(const char *text, int want, int *connections)
{
	int n = 0;

	for (int i = 0; i < 300 && (n = logged(text, connections)) < want; i++)
		(void)usleep(10000);
	return n;
}

/* --- cases ---------------------------------------------------------------------------------- */

static int certificates(void)
{
	struct rcd_http_res res = {.status = 0};
	struct rcd_err err = {0};
	struct bench b = {0};
	char url[256];
	struct rcd_http_req req = {.url = url};
	int ret = 0;

	BEGIN(b, "");
	trusted = NULL;
	(void)url_of(&b, "/ok", url);
	T_INT(rcd_http_do(b.http, &req, &res, &err), -1); /* nobody vouches for it */
	T_INT(err.code, RCD_DOWN);
	T_OK(!res.sent);
	trusted = b.cert;
	(void)snprintf(url, sizeof(url), "https://other.test:%d/ok", b.port);
	T_INT(rcd_http_do(b.http, &req, &res, &err), -1); /* somebody else's */
	T_INT(err.code, RCD_DOWN);
	T_OK(!res.sent);
	T_INT(server_count(&server.requests), 0);
	req.peer = RCD_PEER_PUBLIC;
	(void)url_of(&b, "/ok", url);
	T_INT(rcd_http_do(b.http, &req, &res, &err), -1);
	T_INT(err.code, RCD_DENIED);
	req.peer = RCD_PEER_ANY;
	T_DO(rcd_http_do(b.http, &req, &res, &err), err);
	T_STR(res.body.p, "hello");
	rcd_http_res_free(&res);
	req.peer = RCD_PEER_PUBLIC; /* the kept connection does not help */
	T_INT(rcd_http_do(b.http, &req, &res, &err), -1);
	T_INT(err.code, RCD_DENIED);
	T_INT(server_count(&server.requests), 1);
out:
	rcd_http_res_free(&res);
	finish(&b);
	return ret;
}

static int requests(void)
{
	static char audio[30000];
	const struct rcd_http_part part = {.name = "file",
	                                   .filename = "a.ogg",
	                                   .type = "audio/ogg",
	                                   .data = {audio, sizeof(audio)}};
	struct rcd_secret key = {0};
	struct rcd_http_res res = {.status = 0};
	struct rcd_err err = {0};
	struct bench b = {0};
	char url[256];
	struct rcd_http_req req = {.url = url,
	                           .body = RCD_SV("{}"),
	                           .body_type = "application/json",
	                           .key_header = "xi-api-key: ",
	                           .key = &key};
	int ret = 0, connections;

	memset(audio, 'a', sizeof(audio));
	BEGIN(b, "");
	T_DO(rcd_secret_put(&key, RCD_SV("k-123"), &err), err);
	(void)url_of(&b, "/echo", url);
	T_DO(rcd_http_do(b.http, &req, &res, &err), err);
	T_OK(memmem(res.body.p, res.body.n, "xi-api-key: k-123\r\n", 19) != NULL);
	T_OK(rcd_sv_ends(rcd_buf_view(&res.body), RCD_SV("\r\n\r\n{}")));
	rcd_http_res_free(&res);
	req = (struct rcd_http_req){.url = url, .parts = &part, .n_parts = 1};
	T_DO(rcd_http_do(b.http, &req, &res, &err), err);
	T_OK(memmem(res.body.p, res.body.n, audio, sizeof(audio)) != NULL || res.body.n >= 30000);
	T_INT(lines("HTTP/1.1", 2, &connections), 2); /* nothing here may go out twice */
	rcd_http_res_free(&res);
	req.repeatable = true;
	T_DO(rcd_http_do(b.http, &req, &res, &err), err);
	T_OK(memmem(res.body.p, res.body.n, audio, sizeof(audio)) != NULL || res.body.n >= 30000);
out:
	rcd_http_res_free(&res);
	rcd_secret_wipe(&key);
	finish(&b);
	return ret;
}

static int broken(void)
{
	static const struct {
		const char *path;
		enum rcd_code code;
	} row[] = {
		{"/cut", RCD_DOWN},           {"/cut-chunked", RCD_DOWN}, {"/reset-body", RCD_DOWN},
		{"/body-stall", RCD_TIMEOUT}, {"/nothing", RCD_TIMEOUT},  {"/drip", RCD_TIMEOUT},
		{"/big", RCD_LIMIT},          {"/endless", RCD_LIMIT},
	};
	struct rcd_http_res res = {.status = 0};
	struct rcd_err err = {0};
	struct bench b = {0};
	char url[256];
	int ret = 0, connections;

	BEGIN(b, "");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rcd_http_req req = {.url = url_of(&b, row[i].path, url),
		                           .first_ms = 500,
		                           .idle_ms = 300,
		                           .max_body = 1000000,
		                           .deadline = rcd_deadline_in(900)};
		if (row[i].code != RCD_TIMEOUT)
			req.first_ms = req.idle_ms = 10000, req.deadline = 0;
		if (rcd_http_do(b.http, &req, &res, &err) == 0)
			T_FAIL("%s succeeds", row[i].path);
		if (err.code != row[i].code || !res.sent)
			T_FAIL("%s: %s (%s)", row[i].path, rcd_code_name(err.code), err.msg);
	}
	/* nginx gets rid of the last one when somebody reads from the connection again */
	T_DO(rcd_http_do(b.http, &(struct rcd_http_req){.url = url_of(&b, "/ok", url)}, &res, &err),
	     err);
	/* only those streams were given up, not the connection they shared */
	T_INT(lines("HTTP/2.0", 9, &connections), 9);
	T_INT(connections, 1);
out:
	rcd_http_res_free(&res);
	finish(&b);
	return ret;
}

struct caller {
	struct bench *b;
	const char *path;
	bool post;
	enum rcd_code code;
	int status, rounds;
	char msg[192];
};

static void *call(void *arg)
{
	struct caller *c = arg;
	struct rcd_http_res res;
	struct rcd_err err = {0};
	char url[256];
	struct rcd_http_req req = {.url = url_of(c->b, c->path, url),
	                           .connect_ms = 20000,
	                           .deadline = rcd_deadline_in(40000),
	                           .first_ms = 40000};

	if (c->post)
		req.body = RCD_SV("x=1");
	for (int i = 0; i < c->rounds && err.code == RCD_OK; i++) {
		(void)rcd_http_do(c->b->http, &req, &res, &err);
		rcd_http_res_free(&res);
	}
	c->code = err.code;
	c->status = res.status;
	memcpy(c->msg, err.msg, sizeof(c->msg));
	return NULL;
}

/* A slow reader holds up its own stream only, and gets every byte in the end. */
static int slow_reader(void)
{
	struct rcd_http_stream *s = NULL;
	struct rcd_http_res res;
	struct rcd_err err = {0};
	struct bench b = {0};
	char url[256], p[30000];
	struct rcd_http_req req = {.url = url};
	size_t n = 0, total = 0;
	int ret = 0;

	BEGIN(b, "");
	(void)url_of(&b, "/big", url);
	T_DO(rcd_http_begin(b.http, &req, &s, &res, &err), err);
	(void)usleep(300000);
	for (int i = 0; i < 5; i++) {
		struct caller c = {.b = &b, .path = "/ok", .rounds = 1};

		(void)call(&c);
		T_INT(c.code, RCD_OK);
	}
	do {
		T_DO(rcd_http_read(s, p, sizeof(p), &n, &err), err);
		for (size_t i = 0; i < n; i++)
			if (p[i] != (char)((total + i) % 4096 % 251))
				T_FAIL("wrong byte at %zu", total + i);
		total += n;
	} while (n > 0);
	T_INT(total, BIG);
out:
	rcd_http_end(s);
	finish(&b);
	return ret;
}

#define CROWD 200

/* posts of four callers POST, which must neither fail nor arrive twice. lost: how many of
 * the others may fail. */
static int crowd(const char *extra, const char *path, int posts, int lost)
{
	static struct caller c[CROWD];
	static pthread_t t[CROWD];
	struct rcd_err err = {0};
	struct bench b = {0};
	int ret = 0;

	BEGIN(b, extra);
	for (int i = 0; i < CROWD; i++) {
		c[i] = (struct caller){.b = &b, .path = path, .post = i % 4 < posts, .rounds = 5};
		T_INT(pthread_create(&t[i], NULL, call, &c[i]), 0);
	}
	for (int i = 0; i < CROWD; i++)
		(void)pthread_join(t[i], NULL);
	for (int i = 0; i < CROWD; i++) {
		if (c[i].code == RCD_DOWN && !c[i].post && lost-- > 0)
			continue;
		if (c[i].code != RCD_OK || c[i].status != 200)
			T_FAIL("%d: %s, status %d", i, c[i].msg, c[i].status);
	}
	T_INT(server_count(&server.posts), CROWD / 4 * posts * 5);
out:
	finish(&b);
	return ret;
}

static int parallel(void)
{
	return crowd("", "/slow", 0, 0);
}

/* A server that says goodbye after every 20 requests, as nginx does after 1000. */
static int goodbyes(void)
{
	return crowd("keepalive_requests 20;", "/ok", 4, 0);
}

/* By HTTP/2 it closes with requests unread, which takes answers away that are on their way. */
static int goodbyes_mixed(void)
{
	return crowd("keepalive_requests 20;", "/ok", 2, 5);
}

const struct t_case t_cases[] = {
	{"certificates", certificates, 0},     {"requests", requests, 0}, {"broken", broken, 0},
	{"slow_reader", slow_reader, 0},       {"parallel", parallel, 0}, {"goodbyes", goodbyes, 0},
	{"goodbyes_mixed", goodbyes_mixed, 0}, {NULL, NULL, 0},
};
