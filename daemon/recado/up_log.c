#include "daemon/recado/up.h"

#include "base/clock.h"
#include "daemon/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Acts as recadod's journal: a pipe named by JOURNAL_STREAM, so that its lines begin with their
 * level. All are written to the file with their time; errors go to the terminal too. */

/* path.3 becomes path.4 …, path itself path.1. */
static void rename_old(const char *path)
{
	char from[64], to[64];

	for (int n = RCD_UP_LOG_KEEP; n > 0; n--) {
		(void)snprintf(to, sizeof(to), "%s.%d", path, n);
		(void)snprintf(from, sizeof(from), n > 1 ? "%s.%d" : "%s", path, n - 1);
		(void)rename(from, to);
	}
}

static int open_file(struct rcd_up_log *log)
{
	struct stat st;
	int fd = open(RCD_UP_LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd < 0 || fstat(fd, &st) != 0)
		return -1;
	if (log->file_fd >= 0)
		(void)close(log->file_fd);
	log->file_fd = fd;
	log->size = st.st_size;
	return 0;
}

/* When no new file can be opened, the old one keeps growing. */
static void rotate_log(struct rcd_up_log *log)
{
	rename_old(RCD_UP_LOG);
	if (open_file(log) != 0)
		log->size = 0;
}

bool rcd_up_log_rotate_nginx(void)
{
	struct stat st;

	if (stat(RCD_UP_NGINX_LOG, &st) != 0 || st.st_size < RCD_UP_LOG_MAX)
		return false;
	rename_old(RCD_UP_NGINX_LOG);
	return true;
}

int rcd_up_log_open(struct rcd_up_log *log, struct rcd_err *err)
{
	char name[64];
	struct stat st;
	int fd[2];

	if (open_file(log) != 0)
		return rcd_fail_errno(err, "cannot write " RCD_UP_LOG);
	if (pipe2(fd, O_CLOEXEC) != 0)
		return rcd_fail_errno(err, "no pipe");
	log->read_fd = fd[0];
	/* away from 3, where a child finds its socket */
	log->write_fd = fcntl(fd[1], F_DUPFD_CLOEXEC, 10);
	close(fd[1]);
	if (log->write_fd < 0 || fstat(log->write_fd, &st) != 0 ||
	    fcntl(log->read_fd, F_SETFL, O_NONBLOCK) != 0)
		return rcd_fail_errno(err, "no pipe");
	(void)snprintf(name, sizeof(name), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	if (setenv("JOURNAL_STREAM", name, 1) != 0)
		return rcd_fail_nomem(err);
	return 0;
}

void rcd_up_log_close(struct rcd_up_log *log)
{
	int *const fds[] = {&log->read_fd, &log->write_fd, &log->file_fd};

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static void append_one_line(struct rcd_up_log *log, const char *p, size_t n)
{
	int level = RCD_WARN; /* no level: a line of a sanitizer, the loader or another program */
	char when[RCD_TIME_TEXT];

	if (n > 3 && p[0] == '<' && p[1] >= '0' && p[1] <= '7' && p[2] == '>') {
		level = p[1] - '0';
		p += 3;
		n -= 3;
	}
	rcd_time_text(rcd_now_ms(), when);
	if (log->size >= RCD_UP_LOG_MAX)
		rotate_log(log);
	log->size += (off_t)n + 21;
	dprintf(log->file_fd, "%s %.*s\n", when, (int)n, p);
	if (level <= RCD_WARN)
		dprintf(STDERR_FILENO, "%.*s\n", (int)n, p);
}

static void count_whole_lines(struct rcd_up_log *log)
{
	char *from = log->line, *end = log->line + log->n, *nl;

	while ((nl = memchr(from, '\n', (size_t)(end - from))) != NULL) {
		append_one_line(log, from, (size_t)(nl - from));
		from = nl + 1;
	}
	if (from == log->line && log->n == sizeof(log->line)) { /* longer than any of ours */
		append_one_line(log, from, log->n);
		from = end;
	}
	log->n = (size_t)(end - from);
	memmove(log->line, from, log->n);
}

void rcd_up_log_relay(struct rcd_up_log *log)
{
	for (;;) {
		ssize_t n = read(log->read_fd, log->line + log->n, sizeof(log->line) - log->n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		log->n += (size_t)n;
		count_whole_lines(log);
	}
}
