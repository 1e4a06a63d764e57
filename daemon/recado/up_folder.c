#include "daemon/recado/up.h"

#include "daemon/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

void rcd_up_set(struct rcd_up_set *set, int port)
{
	size_t n = 0;

	set->list[n++] = "state_dir?=.";
	set->list[n++] = "run_dir?=run";
	if (port > 0) {
		(void)snprintf(set->public_url, sizeof(set->public_url), "public_url?=http://127.0.0.1:%d",
		               port);
		set->list[n++] = set->public_url;
	}
	set->list[n] = NULL;
}

static int make_dir(const char *path, mode_t mode, struct rcd_err *err)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	return rcd_fail_errno(err, "cannot make the folder %s", path);
}

static int make_all_dirs(char *path, struct rcd_err *err)
{
	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (make_dir(path, 0755, err))
			return -1;
		*p = '/';
	}
	return make_dir(path, 0750, err);
}

static int lock_folder(int *out, struct rcd_err *err)
{
	char owner[16] = "";
	int fd = open("run/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd < 0)
		return rcd_fail_errno(err, "cannot write in the folder: run/lock");
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		ssize_t n = read(fd, owner, sizeof(owner) - 1);

		owner[n > 0 ? n : 0] = '\0';
		close(fd);
		return rcd_fail(err, RCD_BUSY, 0,
		                "another `recado up` (process %s) runs this folder: "
		                "stop it first, or take another folder",
		                owner);
	}
	(void)snprintf(owner, sizeof(owner), "%d", (int)getpid());
	if (ftruncate(fd, 0) != 0 || write(fd, owner, strlen(owner)) < 0) {
		close(fd);
		return rcd_fail_errno(err, "cannot write run/lock");
	}
	*out = fd;
	return 0;
}

int rcd_up_enter(const char *dir, int *lock_fd, struct rcd_err *err)
{
	static const char *const below[] = {"run", "run/nginx", "log", "static", RCD_UP_AUDIO};
	char *path = strdup(dir);
	int rc = -1;

	if (path == NULL)
		return rcd_fail_nomem(err);
	if (rcd_up_check_way(dir, err) || make_all_dirs(path, err))
		goto out;
	if (chdir(dir) != 0) {
		rcd_fail_errno(err, "cannot go to the folder %s", dir);
		goto out;
	}
	if (rcd_up_check_way(".", err) || rcd_up_check_parts(err))
		goto out;
	for (size_t i = 0; i < sizeof(below) / sizeof(*below); i++)
		if (make_dir(below[i], 0750, err))
			goto out;
	rc = lock_folder(lock_fd, err);
out:
	free(path);
	return rc;
}

/* --- what is there at the first start --------------------------------------------------- */

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static int write_defaults(struct rcd_err *err)
{
	struct rcd_buf text;
	int fd, rc = -1;

	fd = open(RCD_UP_CONF, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return errno == EEXIST ? 0 : rcd_fail_errno(err, "cannot write " RCD_UP_CONF);
	rcd_buf_init(&text, 1 << 20);
	rcd_conf_defaults(&text);
	if (text.bad)
		rcd_fail_nomem(err);
	else if (write_all(fd, text.p, text.n) != 0)
		rcd_fail_errno(err, "cannot write " RCD_UP_CONF);
	else
		rc = 0;
	rcd_buf_free(&text);
	close(fd);
	if (rc != 0)
		unlink(RCD_UP_CONF);
	return rc;
}

static int copy_file(const char *from, const char *to, struct rcd_err *err)
{
	int in = -1, out = -1, rc = -1;
	struct stat st;
	ssize_t n = 1;

	in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (in < 0 || fstat(in, &st) != 0) {
		rcd_fail_errno(err, "cannot read %s", from);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		rc = 0;
		goto out;
	}
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	while (out >= 0 && n > 0)
		n = sendfile(out, in, NULL, 1 << 20);
	if (out < 0 || n < 0) {
		rcd_fail_errno(err, "cannot write %s", to);
		goto out;
	}
	rc = 0;
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return rc;
}

static int copy_files(const char *from, const char *to, struct rcd_err *err)
{
	char a[PATH_MAX], b[PATH_MAX];
	const struct dirent *e;
	int rc = 0;
	DIR *d = opendir(from);

	if (d == NULL)
		return rcd_fail_errno(err, "cannot read %s", from);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (snprintf(a, sizeof(a), "%s/%s", from, e->d_name) >= (int)sizeof(a) ||
		    snprintf(b, sizeof(b), "%s/%s", to, e->d_name) >= (int)sizeof(b))
			rc = rcd_fail(err, RCD_LIMIT, 0, "the path of %s is too long", from);
		else
			rc = copy_file(a, b, err);
	}
	closedir(d);
	return rc;
}

/* An existing folder, even an empty one, is left alone. */
static int copy_sample(const char *dir, const char *installed, const char *source,
                       struct rcd_err *err)
{
	char from[PATH_MAX];

	if (access(dir, F_OK) == 0)
		return 0;
	if (rcd_place_shared(installed, source, from, sizeof(from), err) || make_dir(dir, 0750, err))
		return -1;
	return copy_files(from, dir, err);
}

int rcd_up_fill(struct rcd_err *err)
{
	if (write_defaults(err) ||
	    copy_sample("persona", "persona/exemplo", "etc/persona/exemplo", err))
		return -1;
	return copy_sample("knowledge", "knowledge", "etc/knowledge", err);
}

/* --- the two sockets -------------------------------------------------------------------- */

int rcd_up_listen(int *out, struct rcd_err *err)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = RCD_UP_SOCKET};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t mask;
	int rc;

	if (fd < 0)
		return rcd_fail_errno(err, "no socket");
	unlink(RCD_UP_SOCKET); /* of an earlier run: the lock says that nobody uses it */
	mask = umask(0117);
	rc = bind(fd, (const struct sockaddr *)&a, sizeof(a));
	umask(mask);
	if (rc != 0 || listen(fd, 1024) != 0) {
		rcd_fail_errno(err, "cannot listen on " RCD_UP_SOCKET);
		close(fd);
		return -1;
	}
	*out = fd;
	return 0;
}

int rcd_up_port_free(int port, struct rcd_err *err)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, rc = 0;

	if (fd < 0)
		return rcd_fail_errno(err, "no socket");
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* as nginx does, so that connections of an earlier run that linger do not count */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 1) != 0) {
		if (errno == EADDRINUSE)
			rc = rcd_fail(err, RCD_BUSY, errno,
			              "port %d is in use: take another with --port, or "
			              "see whose it is: ss -ltnp 'sport = :%d'",
			              port, port);
		else
			rc = rcd_fail_errno(err,
			                    "cannot listen on 127.0.0.1:%d (ports from 1024 on need no "
			                    "rights)",
			                    port);
	}
	close(fd);
	return rc;
}
