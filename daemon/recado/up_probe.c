#include "daemon/recado/up.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int drop_probe(int *fd)
{
	close(*fd);
	*fd = -1;
	return -1;
}

int rcd_up_probe_start(int port, int *fd)
{
	static const char ask[] = "GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n";
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return -1;
	/* on loopback connect and write complete or fail at once */
	if (connect(*fd, (const struct sockaddr *)&a, sizeof(a)) != 0 ||
	    send(*fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof(ask) - 1) ||
	    fcntl(*fd, F_SETFL, O_NONBLOCK) != 0)
		return drop_probe(fd);
	return 0;
}

int rcd_up_probe_read(int *fd)
{
	char text[16]; /* the status line arrives in one piece */
	ssize_t n = recv(*fd, text, sizeof(text) - 1, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	(void)drop_probe(fd);
	if (n < 12 || memcmp(text, "HTTP/1.", 7) != 0)
		return -1;
	return (text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0');
}
