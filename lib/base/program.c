#include "base/program.h"

#include "base/cancel.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK 65536
#define EXIT_WAIT_MS 1000 /* from the end of its output to its exit */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

int rcd_program_input(struct rcd_sv bytes, struct rcd_err *err)
{
	int fd = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return rcd_fail_errno(err, "memory for a program's input");
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n <= 0) {
			(void)rcd_fail_errno(err, "memory for a program's input");
			(void)close(fd);
			return -1;
		}
		bytes = rcd_sv_skip(bytes, (size_t)n);
	}
	(void)lseek(fd, 0, SEEK_SET);
	(void)fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	return fd;
}

/* posix_spawn with no inherited descriptors, signal state or environment. 0 or an error number. */
static int spawn_program(pid_t *pid, const char *const *argv, int in, int out)
{
	static const char *const env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", NULL};
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int e;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	e = posix_spawn_file_actions_init(&fa);
	if (e != 0)
		return e;
	e = posix_spawnattr_init(&attr);
	if (e == 0) {
		/* what the daemon blocks or ignores must not reach the program */
		e = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
		if (e == 0)
			e = posix_spawnattr_setsigmask(&attr, &none);
		if (e == 0)
			e = posix_spawnattr_setsigdefault(&attr, &all);
		if (e == 0)
			e = posix_spawn_file_actions_adddup2(&fa, in, 0);
		if (e == 0)
			e = posix_spawn_file_actions_adddup2(&fa, out, 1);
		if (e == 0)
			e = posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
		if (e == 0) /* whatever somebody opened without O_CLOEXEC */
			e = posix_spawn_file_actions_addclosefrom_np(&fa, 3);
		if (e == 0) /* the type of argv is older than const; nothing writes to it */
			e = posix_spawnp(pid, argv[0], &fa, &attr, (char *const *)(uintptr_t)argv,
			                 (char *const *)(uintptr_t)env);
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&fa);
	return e;
}

int rcd_program_start_fd(struct rcd_program *p, const char *const *argv, int in,
                         struct rcd_err *err)
{
	int pipes[2] = {-1, -1}, e;
	pid_t pid = 0;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return rcd_fail_errno(err, "a pipe to %s", argv[0]);
	e = spawn_program(&pid, argv, in, pipes[1]);
	(void)close(pipes[1]);
	if (e != 0) {
		(void)close(pipes[0]);
		errno = e;
		return rcd_fail_errno(err, "%s", argv[0]);
	}
	*p = (struct rcd_program){pid, pipes[0]};
	return 0;
}

int rcd_program_start(struct rcd_program *p, const char *const *argv, struct rcd_sv input,
                      struct rcd_err *err)
{
	int in = rcd_program_input(input, err), ret;

	if (in < 0)
		return -1;
	ret = rcd_program_start_fd(p, argv, in, err);
	(void)close(in);
	return ret;
}

/* stop becomes readable on cancellation; -1: the work cannot be cancelled. */
static int read_some(struct rcd_program *p, int stop, void *to, size_t cap, int64_t deadline,
                     size_t *n, struct rcd_err *err)
{
	struct pollfd fd[2] = {{.fd = p->out, .events = POLLIN}, {.fd = stop, .events = POLLIN}};

	for (;;) {
		int ready = poll(fd, 2, (int)rcd_deadline_left(deadline, INT32_MAX));
		ssize_t got;

		if (ready > 0 && fd[1].revents != 0)
			return rcd_fail(err, RCD_CANCELLED, 0, "cancelled");
		if (ready == 0)
			return rcd_fail(err, RCD_TIMEOUT, 0, "it did not finish in time");
		if (ready < 0 && errno != EINTR)
			return rcd_fail_errno(err, "its output");
		if (ready < 0)
			continue;
		got = read(p->out, to, cap);
		if (got < 0 && errno != EINTR)
			return rcd_fail_errno(err, "its output");
		if (got >= 0) {
			*n = (size_t)got;
			return 0;
		}
	}
}

static void wake_reader(void *arg)
{
	const int *stop = arg;

	(void)eventfd_write(*stop, 1);
}

int rcd_program_read(struct rcd_program *p, void *to, size_t cap, int64_t deadline, size_t *n,
                     struct rcd_err *err)
{
	int stop = rcd_cancel_mine() != NULL ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
	struct rcd_cancel_wait sign;
	int ret;

	if (rcd_cancel_wait_begin(&sign, wake_reader, &stop))
		ret = read_some(p, stop, to, cap, deadline, n, err);
	else
		ret = rcd_fail(err, RCD_CANCELLED, 0, "cancelled");
	rcd_cancel_wait_end(&sign);
	close_fd(&stop);
	return ret;
}

/* True when it exits within ms. Without pidfd_open the caller can only wait without a limit, so the
 * answer is true then. */
static bool wait_for_exit(pid_t pid, int ms)
{
	int64_t until = rcd_deadline_in(ms);
	struct pollfd fd = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	int ready;

	if (fd.fd < 0)
		return true;
	do
		ready = poll(&fd, 1, (int)rcd_deadline_left(until, ms));
	while (ready < 0 && errno == EINTR);
	(void)close(fd.fd);
	return ready > 0;
}

int rcd_program_end(struct rcd_program *p, bool kill_it)
{
	int status = -1;
	pid_t pid = p->pid;

	close_fd(&p->out);
	p->pid = 0;
	if (pid <= 0)
		return -1;
	if (kill_it || !wait_for_exit(pid, EXIT_WAIT_MS))
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int read_all(struct rcd_program *p, int64_t deadline, struct rcd_buf *out,
                    struct rcd_err *err)
{
	for (;;) {
		char *at = rcd_buf_room(out, CHUNK);
		size_t n = 0;

		if (at == NULL)
			return out->over
			           ? rcd_fail(err, RCD_LIMIT, 0, "it writes more than %zu bytes", out->max)
			           : rcd_fail_nomem(err);
		if (rcd_program_read(p, at, CHUNK, deadline, &n, err) != 0)
			return -1;
		if (n == 0)
			return 0;
		out->n += n;
	}
}

int rcd_program_run(const char *const *argv, int in, int64_t deadline, struct rcd_buf *out,
                    struct rcd_err *err)
{
	struct rcd_program p = {0, -1};
	int ret;

	if (rcd_program_start_fd(&p, argv, in, err) != 0)
		return -1;
	ret = read_all(&p, deadline, out, err);
	(void)rcd_program_end(&p, ret != 0);
	return ret;
}
