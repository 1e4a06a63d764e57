/* The S3 client against a store that is none, or an enemy's: answers that are huge, endless, of
 * another length than they say, or that never go on. */

#include "base/clock.h"
#include "net/s3.h"
#include "tests/t.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct enemy {
	int fd;
	const char *head, *piece; /* the piece is said over and over, */
	int times;                /* -1: without end */
	_Atomic int asked;
	_Atomic long long sent;
	pthread_t thread;
	char endpoint[64];
	struct rcd_s3_conf s3;
	struct rcd_http *http;
};

static void answer(struct enemy *e, int fd)
{
	char request[8192];
	ssize_t n = recv(fd, request, sizeof(request), 0);

	atomic_fetch_add(&e->asked, 1);
	if (n > 0)
		n = send(fd, e->head, strlen(e->head), MSG_NOSIGNAL);
	for (int i = 0; n > 0 && i != e->times; i++) {
		n = send(fd, e->piece, strlen(e->piece), MSG_NOSIGNAL);
		if (n > 0)
			atomic_fetch_add(&e->sent, n);
	}
	(void)close(fd);
}

static void *serve(void *arg)
{
	struct enemy *e = arg;
	int fd;

	while ((fd = accept(e->fd, NULL, NULL)) >= 0)
		answer(e, fd);
	return NULL;
}

static int open_enemy(struct enemy *e, const char *head, const char *piece, int times,
                      struct rcd_err *err)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);

	*e = (struct enemy){.fd = socket(AF_INET, SOCK_STREAM, 0),
	                    .head = head,
	                    .piece = piece,
	                    .times = times};
	if (e->fd < 0 || bind(e->fd, (const struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(e->fd, 8) != 0 || getsockname(e->fd, (struct sockaddr *)&a, &n) != 0 ||
	    pthread_create(&e->thread, NULL, serve, e) != 0)
		return rcd_fail_errno(err, "a server");
	(void)snprintf(e->endpoint, sizeof(e->endpoint), "http://127.0.0.1:%d", ntohs(a.sin_port));
	e->s3 = (struct rcd_s3_conf){.endpoint = e->endpoint,
	                             .region = "us-east-1",
	                             .key_id = "k",
	                             .bucket = "bucket"};
	if (rcd_secret_put(&e->s3.secret, RCD_SV("secret"), err) != 0)
		return -1;
	return rcd_http_open(&e->http, err);
}

static void close_enemy(struct enemy *e)
{
	(void)rcd_http_close(e->http);
	(void)shutdown(e->fd, SHUT_RDWR);
	(void)pthread_join(e->thread, NULL);
	(void)close(e->fd);
	rcd_secret_wipe(&e->s3.secret);
}

static const char *large(void)
{
	static char text[65537];

	memset(text, 'x', sizeof(text) - 1);
	return text;
}

static int count(void *arg, const struct rcd_s3_object *o)
{
	int *n = arg;

	(void)o;
	(*n)++;
	return 0;
}

#define ITEM                                                                                       \
	"<Contents><Key>a</Key><LastModified>2026-11-21T13:05:09.000Z</LastModified></Contents>"
#define LISTING "<ListBucketResult><IsTruncated>true</IsTruncated>" ITEM "</ListBucketResult>"

/* Each call with each answer: an error in time, and no more taken than an answer may have. */
static int answers(void)
{
	static const struct {
		const char *head;
		int times;
	} row[] = {
		{"HTTP/1.1 200 OK\r\n\r\n", -1}, /* without end */
		{"HTTP/1.1 500 No\r\n\r\n", -1},
		{"HTTP/1.1 403 No\r\nContent-Length: 99999999999\r\n\r\n", -1},
		{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", -1},
		{"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", 1}, /* less than it says */
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", -1},
		{"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 1},
		{"HTTP/1.1 200 OK\r\nX-Header: ", -1}, /* a header without end */
	};
	int ret = 0, n = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int64_t began = rcd_mono_ms();
		struct rcd_err err = {0};
		struct enemy e;
		int put, list;
		long long sent;

		T_DO(open_enemy(&e, row[i].head, large(), row[i].times, &err), err);
		put = rcd_s3_put(e.http, &e.s3, "a.ogg", "audio/ogg", RCD_SV("x"), rcd_deadline_in(20000),
		                 &err);
		list = rcd_s3_list(e.http, &e.s3, "", rcd_deadline_in(20000), count, &n, &err);
		sent = atomic_load(&e.sent);
		close_enemy(&e);
		if (put == 0 || list == 0 || n != 0 || err.msg[0] == '\0' ||
		    rcd_mono_ms() - began > 30000 || sent > 64LL * 1024 * 1024)
			T_FAIL("row %zu: put %d, list %d, %d objects, %lld bytes, %s", i, put, list, n, sent,
			       err.msg);
	}
out:
	return ret;
}

/* An object's bytes are a stream: what is cut short is no end. */
static int object_cut_short(void)
{
	struct rcd_http_stream *s = NULL;
	struct rcd_err err = {0};
	struct enemy e;
	char piece[4096];
	size_t n = 1, all = 0;
	int ret = 0, got;

	T_DO(open_enemy(&e, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", large(), 1, &err),
	     err);
	got = rcd_s3_get(e.http, &e.s3, "a.ogg", rcd_deadline_in(20000), &s, &err);
	while (got == 0 && n > 0) {
		got = rcd_http_read(s, piece, sizeof(piece), &n, &err);
		all += got == 0 ? n : 0;
	}
	(void)rcd_http_end(s);
	close_enemy(&e);
	T_INT(got, -1);
	T_OK(all <= 65536 && err.code != RCD_OK);
out:
	return ret;
}

static int listing_in_a_circle(void)
{
	struct rcd_err err = {0};
	struct enemy e;
	char head[128];
	int ret = 0, n = 0, got, asked;

	(void)snprintf(head, sizeof(head),
	               "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
	               sizeof(LISTING) - 1);
	T_DO(open_enemy(&e, head, LISTING, 1, &err), err);
	got = rcd_s3_list(e.http, &e.s3, "", rcd_deadline_in(20000), count, &n, &err);
	asked = atomic_load(&e.asked);
	close_enemy(&e);
	T_INT(got, -1);
	T_INT(err.code, RCD_PROTO);
	T_INT(asked, 2);
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"answers", answers, 0},
	{"object_cut_short", object_cut_short, 0},
	{"listing_in_a_circle", listing_in_a_circle, 0},
	{NULL, NULL, 0},
};
