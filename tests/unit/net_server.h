#ifndef RCD_TEST_NET_SERVER_H
#define RCD_TEST_NET_SERVER_H

/* An HTTP server of raw sockets that can misbehave: one thread for each connection, the
 * path says what it does (the table at the end). It allocates nothing, so that it takes no
 * part in a run with failing allocations. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
	int fd, port;
	int connections, requests, posts, open; /* __atomic */
};

static struct server server;

struct call {
	int fd, nth; /* nth request of its connection, from 1 */
	char head[16384];
	size_t head_n;
	char body[65536];
	size_t body_n, body_len;
};

static bool put(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

static bool say(int fd, const char *text)
{
	return put(fd, text, strlen(text));
}

/* Until the client hangs up. */
static bool wait_end(int fd)
{
	char c[256];

	while (recv(fd, c, sizeof(c), 0) > 0)
		;
	return false;
}

static bool answer(int fd, const char *head, const char *body, size_t n)
{
	char text[1024];
	int k = snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", head, n);

	return put(fd, text, (size_t)k) && put(fd, body, n);
}

static bool do_ok(struct call *c)
{
	return answer(c->fd, "200 OK\r\nContent-Type: text/plain", "hello", 5);
}

/* Head and body as they came. */
static bool do_echo(struct call *c)
{
	char text[128];
	int k = snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
	                 c->head_n + c->body_n);

	return put(c->fd, text, (size_t)k) && put(c->fd, c->head, c->head_n) &&
	       put(c->fd, c->body, c->body_n);
}

/* The line behind "X-Answer: " goes into the head of the answer. */
static bool do_header(struct call *c)
{
	const char *at = strstr(c->head, "X-Answer: ");
	char text[8192];
	size_t n = at != NULL ? strcspn(at + 10, "\r\n") : 0;

	(void)snprintf(text, sizeof(text), "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n%.*s\r\n\r\n",
	               (int)n, at != NULL ? at + 10 : "");
	return say(c->fd, text);
}

static bool do_redirect(struct call *c)
{
	return answer(c->fd, "302 Found\r\nLocation: /ok", "", 0);
}

static bool do_redirect_long(struct call *c)
{
	char long_one[3000];

	memset(long_one, 'a', sizeof(long_one));
	return say(c->fd, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /") &&
	       put(c->fd, long_one, sizeof(long_one)) && say(c->fd, "\r\n\r\n");
}

static bool do_chunked(struct call *c)
{
	return say(c->fd, "HTTP/1.1 103 Early\r\nX-Request-Id: early\r\n\r\n"
	                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n") &&
	       say(c->fd, "2\r\nlo\r\n0\r\nX-Request-Id: trailer\r\n\r\n");
}

static bool do_nothing(struct call *c)
{
	return wait_end(c->fd);
}

static bool do_head_stall(struct call *c)
{
	return say(c->fd, "HTTP/1.1 200 OK\r\nContent-") && wait_end(c->fd);
}

static bool do_head_drip(struct call *c)
{
	if (!say(c->fd, "HTTP/1.1 200 OK\r\n"))
		return false;
	while (say(c->fd, "X-More: 1\r\n"))
		(void)usleep(20000);
	return false;
}

static bool do_body_stall(struct call *c)
{
	return say(c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789") &&
	       wait_end(c->fd);
}

static bool do_drip(struct call *c)
{
	bool open = say(c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");

	while (open) {
		open = say(c->fd, "x");
		(void)usleep(20000);
	}
	return false;
}

static bool do_cut(struct call *c)
{
	(void)say(c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
	return false;
}

static bool do_cut_chunked(struct call *c)
{
	(void)say(c->fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
	return false;
}

static bool reset(int fd)
{
	struct linger now = {.l_onoff = 1};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	return false;
}

static bool do_reset(struct call *c)
{
	return reset(c->fd);
}

static bool do_reset_body(struct call *c)
{
	(void)say(c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
	return reset(c->fd);
}

static bool do_garbage(struct call *c)
{
	(void)say(c->fd, "220 mail ready\r\n\r\n");
	return false;
}

static bool do_many_headers(struct call *c)
{
	if (!say(c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"))
		return false;
	for (int i = 0; i < 3000; i++)
		if (!say(c->fd, "X-Padding: 0123456789012345\r\n"))
			return false;
	return say(c->fd, "\r\n");
}

static bool do_long_header(struct call *c)
{
	bool open = say(c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Long: ");

	for (int i = 0; open && i < 20000; i++)
		open = say(c->fd, "0123456789");
	return open && say(c->fd, "\r\n\r\n");
}

/* 8 MB, whose bytes count up. */
#define BIG (8UL << 20)
static bool do_big(struct call *c)
{
	char block[4096];
	bool open = say(c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n");

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)(i % 251);
	for (size_t sent = 0; open && sent < BIG; sent += sizeof(block))
		open = put(c->fd, block, sizeof(block));
	return open;
}

static bool do_endless(struct call *c)
{
	char block[4096] = {0};
	bool open = say(c->fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");

	while (open)
		open = put(c->fd, block, sizeof(block));
	return false;
}

/* Answers the first request of a connection, breaks on the second. */
static bool do_once(struct call *c)
{
	return c->nth == 1 && do_ok(c);
}

static bool do_slow(struct call *c)
{
	(void)usleep(200000);
	return do_ok(c);
}

static const struct {
	const char *path;
	bool (*run)(struct call *c); /* false: hang up */
} routes[] = {
	{"/ok", do_ok},
	{"/echo", do_echo},
	{"/header", do_header},
	{"/redirect", do_redirect},
	{"/redirect-long", do_redirect_long},
	{"/chunked", do_chunked},
	{"/nothing", do_nothing},
	{"/head-stall", do_head_stall},
	{"/head-drip", do_head_drip},
	{"/body-stall", do_body_stall},
	{"/drip", do_drip},
	{"/cut", do_cut},
	{"/cut-chunked", do_cut_chunked},
	{"/reset", do_reset},
	{"/reset-body", do_reset_body},
	{"/garbage", do_garbage},
	{"/many-headers", do_many_headers},
	{"/long-header", do_long_header},
	{"/big", do_big},
	{"/endless", do_endless},
	{"/once", do_once},
	{"/slow", do_slow},
};

static bool read_call(struct call *c)
{
	const char *end = NULL, *length;
	size_t n = 0, want = 0;

	c->head_n = c->body_n = c->body_len = 0;
	while (end == NULL && n < sizeof(c->head) - 1) {
		ssize_t k = recv(c->fd, c->head + n, sizeof(c->head) - 1 - n, 0);

		if (k <= 0)
			return false;
		n += (size_t)k;
		c->head[n] = '\0';
		end = strstr(c->head, "\r\n\r\n");
	}
	if (end == NULL)
		return false;
	c->head_n = (size_t)(end + 4 - c->head);
	length = strcasestr(c->head, "\r\nContent-Length: ");
	if (length != NULL && length < end)
		want = strtoul(length + 18, NULL, 10);
	memcpy(c->body, c->head + c->head_n, n - c->head_n);
	c->body_n = c->body_len = n - c->head_n;
	while (c->body_len < want) { /* what does not fit is counted only */
		char *to = c->body_n < sizeof(c->body) / 2 ? c->body + c->body_n : c->body + 32768;
		ssize_t k = recv(c->fd, to, 32768, 0);

		if (k <= 0)
			return false;
		c->body_len += (size_t)k;
		if (to == c->body + c->body_n)
			c->body_n += (size_t)k;
	}
	return true;
}

static bool act(struct call *c)
{
	char path[64] = "";

	(void)sscanf(c->head, "%*s %63[^ ?]", path);
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (strcmp(routes[i].path, path) == 0)
			return routes[i].run(c);
	return answer(c->fd, "404 Not Found", "", 0);
}

static void *serve(void *arg)
{
	struct call c = {.fd = (int)(intptr_t)arg};
	bool open = true;

	(void)__atomic_add_fetch(&server.open, 1, __ATOMIC_SEQ_CST);
	while (open && read_call(&c)) {
		(void)__atomic_add_fetch(&server.requests, 1, __ATOMIC_SEQ_CST);
		if (strncmp(c.head, "POST ", 5) == 0)
			(void)__atomic_add_fetch(&server.posts, 1, __ATOMIC_SEQ_CST);
		c.nth++;
		open = act(&c);
	}
	(void)close(c.fd);
	(void)__atomic_sub_fetch(&server.open, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void *listener(void *arg)
{
	pthread_attr_t small;
	pthread_t t;
	int fd;

	(void)arg;
	(void)pthread_attr_init(&small);
	(void)pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&small, 256 * 1024);
	while ((fd = accept(server.fd, NULL, NULL)) >= 0) {
		(void)__atomic_add_fetch(&server.connections, 1, __ATOMIC_SEQ_CST);
		if (pthread_create(&t, &small, serve, (void *)(intptr_t)fd) != 0)
			(void)close(fd);
	}
	return NULL;
}

static int server_start(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	pthread_t t;

	server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server.fd < 0 || bind(server.fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(server.fd, 1024) != 0 || getsockname(server.fd, (struct sockaddr *)&a, &n) != 0)
		return -1;
	server.port = ntohs(a.sin_port);
	if (pthread_create(&t, NULL, listener, NULL) != 0)
		return -1;
	return pthread_detach(t);
}

static int server_count(const int *counter)
{
	return __atomic_load_n(counter, __ATOMIC_SEQ_CST);
}

#endif
