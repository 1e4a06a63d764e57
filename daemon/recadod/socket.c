#include "daemon/recadod/socket.h"

#include "base/file.h"
#include "base/sv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

static int get_inherited(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int64_t p, n;

	if (pid == NULL || fds == NULL || rcd_parse_i64(rcd_sv(pid), 1, INT32_MAX, &p) != 0 ||
	    rcd_parse_i64(rcd_sv(fds), 1, 64, &n) != 0 || p != getpid())
		return 0;
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return 1;
}

static int set_flags(int fd, struct rcd_err *err)
{
	int type = 0;
	socklen_t n = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &type, &n) != 0 || type == 0)
		return rcd_fail(err, RCD_INVAL, 0, "descriptor %d is not a listening socket", fd);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return rcd_fail_errno(err, "descriptor %d", fd);
	return 0;
}

/* A socket file without a listener is left from a predecessor that died. */
static int remove_stale(const struct sockaddr_un *a, struct rcd_err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), alive;

	if (fd < 0)
		return rcd_fail_errno(err, "socket");
	alive = connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0;
	(void)close(fd);
	if (alive)
		return rcd_fail(err, RCD_BUSY, 0, "%s: another recadod answers there; stop it first",
		                a->sun_path);
	if (unlink(a->sun_path) != 0 && errno != ENOENT)
		return rcd_fail_errno(err, "%s", a->sun_path);
	return 0;
}

static int make_socket(const char *path, struct rcd_err *err)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	const char *slash = strrchr(path, '/');
	int fd;

	if (strlen(path) >= sizeof(a.sun_path))
		return rcd_fail(err, RCD_LIMIT, 0, "%s: a socket's path is at most %zu bytes", path,
		                sizeof(a.sun_path) - 1);
	memcpy(a.sun_path, path, strlen(path));
	if (slash != NULL && slash != path) {
		char *dir = rcd_sv_dup((struct rcd_sv){path, (size_t)(slash - path)});
		int ret = dir != NULL ? rcd_make_dirs(dir, 0750, err) : rcd_fail_nomem(err);

		free(dir);
		if (ret != 0)
			return -1;
	}
	if (remove_stale(&a, err) != 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return rcd_fail_errno(err, "socket");
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || chmod(path, 0660) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		(void)rcd_fail_errno(err, "%s", path);
		(void)close(fd);
		return -1;
	}
	return fd;
}

int rcd_socket_open(const char *path, int *fd, int *inherited, struct rcd_err *err)
{
	int got = 3;

	*inherited = get_inherited();
	if (!*inherited && (got = make_socket(path, err)) < 0)
		return -1;
	if (set_flags(got, err) != 0)
		return -1;
	*fd = got;
	return 0;
}
