#include "tests/fcgi.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BEGIN = 1, PARAMS = 4, STDIN = 5, STDOUT = 6 };

static void name(struct sockaddr_un *a, const char *path)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(a->sun_path, path, strnlen(path, sizeof(a->sun_path) - 1));
}

int t_fcgi_listen(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un a;

	name(&a, path);
	(void)unlink(path);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 64) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static void record(struct rcd_buf *out, int type, struct rcd_sv body)
{
	do {
		size_t n = body.n < 65535 ? body.n : 65535;
		char head[8] = {1, (char)type, 0, 1, (char)(n >> 8), (char)n, 0, 0};

		rcd_buf_add(out, head, sizeof(head));
		rcd_buf_add(out, body.p, n);
		body = rcd_sv_skip(body, n);
	} while (body.n > 0);
}

static void length(struct rcd_buf *out, size_t n)
{
	if (n < 128)
		rcd_buf_ch(out, (char)n);
	else
		rcd_buf_add(out, (char[]){(char)(0x80 | n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n},
		            4);
}

void t_fcgi_request(struct rcd_buf *out, const char *const *params, struct rcd_sv body)
{
	static const char begin[8] = {0, 1, 0, 0, 0, 0, 0, 0}; /* responder, no keep-alive */
	struct rcd_buf p;

	rcd_buf_init(&p, 1 << 20);
	for (; *params != NULL; params += 2) {
		length(&p, strlen(params[0]));
		length(&p, strlen(params[1]));
		rcd_buf_str(&p, params[0]);
		rcd_buf_str(&p, params[1]);
	}
	if (p.bad) {
		rcd_buf_free(out);
		out->bad = true;
	}
	record(out, BEGIN, (struct rcd_sv){begin, sizeof(begin)});
	record(out, PARAMS, rcd_buf_view(&p));
	record(out, PARAMS, RCD_SV(""));
	if (body.n > 0)
		record(out, STDIN, body);
	record(out, STDIN, RCD_SV(""));
	rcd_buf_free(&p);
}

int t_fcgi_send(const char *path, struct rcd_sv bytes)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un a;

	name(&a, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    (bytes.n > 0 && send(fd, bytes.p, bytes.n, MSG_NOSIGNAL) != (ssize_t)bytes.n)) {
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	(void)shutdown(fd, SHUT_WR);
	return fd;
}

int t_fcgi_answer(int fd, struct rcd_buf *out)
{
	struct rcd_buf raw;
	size_t at = 0;
	char *p;

	rcd_buf_init(&raw, 1 << 20);
	while ((p = rcd_buf_room(&raw, 4096)) != NULL) {
		ssize_t n = recv(fd, p, 4096, 0);

		if (n <= 0)
			break;
		raw.n += (size_t)n;
	}
	while (!raw.bad && raw.n - at >= 8) {
		const unsigned char *h = (const unsigned char *)raw.p + at;
		size_t n = (size_t)h[4] << 8 | h[5];

		if (raw.n - at < 8 + n + h[6])
			break;
		if (h[1] == STDOUT)
			rcd_buf_add(out, h + 8, n);
		at += 8 + n + h[6];
	}
	rcd_buf_free(&raw);
	return out->bad ? -1 : 0;
}
