#ifndef RCD_TESTS_PEER_H
#define RCD_TESTS_PEER_H

/* A scripted peer on loopback: a thread that reads one request per connection, keeps it, and
 * answers with the next bytes of its script, whatever they are. It allocates nothing, so that
 * failing allocations are all the code's own. The sandbox simulates providers that behave;
 * this one is for those that do not. */

#include "tests/t.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEER_MAX 24

struct peer {
	int fd, port;
	char url[64]; /* http://127.0.0.1:port */
	pthread_t thread;
	bool runs;
	/* the answers, in order; beyond the last one connections are closed at once. NULL: reads
	 * the request and closes without an answer; "" holds the connection until the end. */
	const char *answer[PEER_MAX];
	size_t answer_n[PEER_MAX]; /* 0: strlen */
	char got[PEER_MAX][32768]; /* the requests, NUL-terminated */
	size_t got_n[PEER_MAX];
	int n; /* requests so far */
};

static size_t peer_body_at(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");

	return end != NULL ? (size_t)(end - text) + 4 : 0;
}

static bool peer_whole(const char *text, size_t n)
{
	size_t at = peer_body_at(text);
	const char *len = strcasestr(text, "\r\ncontent-length:");

	return at > 0 && (len == NULL || n >= at + strtoul(len + 17, NULL, 10));
}

static void peer_read(struct peer *p, int fd, int i)
{
	char *text = p->got[i];
	size_t n = 0;

	while (n < sizeof(p->got[i]) - 1 && !peer_whole(text, n)) {
		ssize_t got = recv(fd, text + n, sizeof(p->got[i]) - 1 - n, 0);

		if (got <= 0)
			break;
		n += (size_t)got;
		text[n] = '\0';
	}
	p->got_n[i] = n;
}

static void *peer_run(void *arg)
{
	struct peer *p = arg;
	int held[PEER_MAX], n_held = 0, fd;

	while ((fd = accept(p->fd, NULL, NULL)) >= 0) {
		int i = __atomic_load_n(&p->n, __ATOMIC_ACQUIRE);
		const char *a = i < PEER_MAX ? p->answer[i] : NULL;

		if (i < PEER_MAX) {
			peer_read(p, fd, i);
			__atomic_store_n(&p->n, i + 1, __ATOMIC_RELEASE);
		}
		if (a != NULL && a[0] == '\0' && p->answer_n[i] == 0) {
			held[n_held++] = fd;
			continue;
		}
		if (a != NULL)
			(void)send(fd, a, p->answer_n[i] > 0 ? p->answer_n[i] : strlen(a), MSG_NOSIGNAL);
		(void)shutdown(fd, SHUT_WR);
		(void)close(fd);
	}
	while (n_held > 0)
		(void)close(held[--n_held]);
	return NULL;
}

static int peer_start(struct peer *p)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->fd < 0 || bind(p->fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(p->fd, 16) != 0 ||
	    getsockname(p->fd, (struct sockaddr *)&a, &n) != 0)
		return -1;
	p->port = ntohs(a.sin_port);
	(void)snprintf(p->url, sizeof(p->url), "http://127.0.0.1:%d", p->port);
	p->runs = pthread_create(&p->thread, NULL, peer_run, p) == 0;
	return p->runs ? 0 : -1;
}

static void peer_stop(struct peer *p)
{
	if (p->fd > 0)
		(void)shutdown(p->fd, SHUT_RDWR);
	if (p->runs)
		(void)pthread_join(p->thread, NULL);
	if (p->fd > 0)
		(void)close(p->fd);
	*p = (struct peer){0};
}

static inline int peer_count(struct peer *p)
{
	return __atomic_load_n(&p->n, __ATOMIC_ACQUIRE);
}

static inline const char *peer_body(struct peer *p, int i)
{
	return p->got[i] + peer_body_at(p->got[i]);
}

#define PEER_HEAD(status, type)                                                                    \
	"HTTP/1.1 " status "\r\nConnection: close\r\nContent-Type: " type "\r\n"
/* ends with the connection */
#define PEER_JSON(status) PEER_HEAD(status, "application/json") "\r\n"

#endif
