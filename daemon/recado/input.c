#include "daemon/recado/input.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define PIECE 4096

void rcd_input_init(struct rcd_input *in, int fd, int stop_fd, size_t max)
{
	*in = (struct rcd_input){.fd = fd, .stop_fd = stop_fd, .max = max};
	rcd_buf_init(&in->rest, max + 2 * PIECE);
}

void rcd_input_done(struct rcd_input *in)
{
	rcd_buf_free(&in->rest);
}

/* More bytes into rest: 1; 0 at the end. */
static int read_more(struct rcd_input *in, struct rcd_err *err)
{
	struct pollfd p[2] = {{.fd = in->fd, .events = POLLIN}, {.fd = in->stop_fd, .events = POLLIN}};
	char piece[PIECE];
	ssize_t n;

	do {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return rcd_fail_errno(err, "cannot wait for a line");
		if (p[1].revents != 0) { /* what was begun is not said */
			rcd_buf_reset(&in->rest);
			return 0;
		}
		n = p[0].revents != 0 ? read(in->fd, piece, sizeof(piece)) : -1;
		if (n < 0 && p[0].revents != 0 && errno != EINTR && errno != EAGAIN)
			return rcd_fail_errno(err, "cannot read a line");
	} while (n < 0);
	rcd_buf_add(&in->rest, piece, (size_t)n);
	return in->rest.bad ? rcd_fail_nomem(err) : n > 0;
}

static void set_line(struct rcd_input *in, size_t n, struct rcd_sv *line)
{
	*line = (struct rcd_sv){in->rest.p, n};
	if (n > 0 && line->p[n - 1] == '\r')
		line->n--;
}

int rcd_input_line(struct rcd_input *in, struct rcd_sv *line, struct rcd_err *err)
{
	rcd_buf_drop(&in->rest, in->given);
	in->given = 0;
	for (;;) {
		const char *end = in->rest.n > 0 ? memchr(in->rest.p, '\n', in->rest.n) : NULL;
		size_t n = end != NULL ? (size_t)(end - in->rest.p) : in->rest.n;
		bool over = in->over || n > in->max + 1;
		int ret;

		if (end != NULL || in->ended) {
			in->given = end != NULL ? n + 1 : n;
			in->over = false;
			if (over)
				return rcd_fail(err, RCD_LIMIT, 0, "a line of more than %zu bytes", in->max);
			if (in->given == 0)
				return 0;
			set_line(in, n, line);
			return 1;
		}
		if (over) { /* it is read to its end, not kept */
			in->over = true;
			rcd_buf_drop(&in->rest, in->rest.n);
		}
		ret = read_more(in, err);
		if (ret < 0)
			return -1;
		in->ended = ret == 0;
	}
}
