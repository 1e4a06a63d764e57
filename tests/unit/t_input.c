#include "tests/t.h"
#include "daemon/recado/input.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MAX 5000

static int fds[2];

static int begin(struct rcd_input *in, struct rcd_sv text, int stop_fd)
{
	if (pipe2(fds, O_CLOEXEC) != 0 || write(fds[1], text.p, text.n) != (ssize_t)text.n)
		return -1;
	rcd_input_init(in, fds[0], stop_fd, MAX);
	return 0;
}

static int lines(void)
{
	static char text[32000];
	struct rcd_err err = {0};
	struct rcd_input in;
	struct rcd_sv line;
	size_t n = 0;
	int ret = 0;

	n += (size_t)snprintf(text, 64, "one\r\n\ntwo");
	text[n++] = '\0';
	text[n++] = '\n';
	memset(text + n, 'a', MAX);
	n += MAX;
	text[n++] = '\n';
	memset(text + n, 'b', 3 * MAX);
	n += 3 * MAX - 10;
	n += (size_t)snprintf(text + n, 64, "\nlast");
	T_INT(begin(&in, (struct rcd_sv){text, n}, -1), 0);
	(void)close(fds[1]);
	T_DO(rcd_input_line(&in, &line, &err) - 1, err);
	T_OK(rcd_sv_is(line, "one"));
	T_INT(rcd_input_line(&in, &line, &err), 1);
	T_INT(line.n, 0);
	T_INT(rcd_input_line(&in, &line, &err), 1);
	T_OK(rcd_sv_eq(line, (struct rcd_sv){"two\0", 4}));
	T_INT(rcd_input_line(&in, &line, &err), 1);
	T_INT(line.n, MAX);
	T_INT(rcd_input_line(&in, &line, &err), -1);
	T_INT(err.code, RCD_LIMIT);
	T_STR(err.msg, "a line of more than 5000 bytes");
	T_INT(rcd_input_line(&in, &line, &err), 1);
	T_OK(rcd_sv_is(line, "last"));
	T_INT(rcd_input_line(&in, &line, &err), 0);
	T_INT(rcd_input_line(&in, &line, &err), 0);
out:
	rcd_input_done(&in);
	(void)close(fds[0]);
	return ret;
}

/* A line that never ends is told once, and no more of it is kept than of any other. */
static int endless(void)
{
	static char text[3 * MAX];
	struct rcd_err err = {0};
	struct rcd_input in;
	struct rcd_sv line;
	int ret = 0;

	memset(text, 'x', sizeof(text));
	T_INT(begin(&in, (struct rcd_sv){text, sizeof(text)}, -1), 0);
	(void)close(fds[1]);
	T_INT(rcd_input_line(&in, &line, &err), -1);
	T_INT(err.code, RCD_LIMIT);
	T_INT(rcd_input_line(&in, &line, &err), 0);
out:
	rcd_input_done(&in);
	(void)close(fds[0]);
	return ret;
}

static int stopped(void)
{
	int stop = eventfd(0, EFD_CLOEXEC), ret = 0;
	struct rcd_err err = {0};
	struct rcd_input in;
	struct rcd_sv line;

	T_INT(begin(&in, RCD_SV("begun"), stop), 0);
	T_INT(eventfd_write(stop, 1), 0);
	T_INT(rcd_input_line(&in, &line, &err), 0);
	T_INT(rcd_input_line(&in, &line, &err), 0);
out:
	rcd_input_done(&in);
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)close(stop);
	return ret;
}

const struct t_case t_cases[] = {
	{"lines", lines, 0},
	{"endless", endless, 0},
	{"stopped", stopped, 0},
	{NULL, NULL, 0},
};
