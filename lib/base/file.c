#include "base/file.h"

#include "base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int rcd_make_dirs(const char *path, mode_t mode, struct rcd_err *err)
{
	char *copy = strdup(path);
	int ret = 0;

	if (copy == NULL)
		return rcd_fail_nomem(err);
	for (char *at = copy + 1; ret == 0 && *at != '\0'; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(copy, mode) != 0 && errno != EEXIST)
			ret = rcd_fail_errno(err, "cannot make the folder %s", copy);
		*at = '/';
	}
	if (ret == 0 && mkdir(copy, mode) != 0 && errno != EEXIST)
		ret = rcd_fail_errno(err, "cannot make the folder %s", copy);
	free(copy);
	return ret;
}

static int copy_parent_path(const char *path, char **out, struct rcd_err *err)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		*out = strdup(".");
	else if (slash == path)
		*out = strdup("/");
	else
		*out = strndup(path, (size_t)(slash - path));
	return *out != NULL ? 0 : rcd_fail_nomem(err);
}

void rcd_file_keep_owner(int fd, const char *path)
{
	struct rcd_err err;
	struct stat st;
	char *dir = NULL;
	bool found;

	if (geteuid() != 0)
		return;
	found = lstat(path, &st) == 0 && S_ISREG(st.st_mode);
	if (!found && copy_parent_path(path, &dir, &err) == 0)
		found = stat(dir, &st) == 0;
	free(dir);
	if (found && fchown(fd, st.st_uid, st.st_gid) != 0)
		return;
}

static int open_tmp(struct rcd_file *f, mode_t mode, struct rcd_err *err)
{
	char *dir = NULL;
	int ret = -1;

	f->fd = open(f->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (f->fd >= 0)
		return 0;
	if (errno != ENOENT)
		return rcd_fail_errno(err, "%s", f->tmp);
	if (copy_parent_path(f->path, &dir, err) == 0 && rcd_make_dirs(dir, 0750, err) == 0) {
		f->fd = open(f->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
		ret = f->fd >= 0 ? 0 : rcd_fail_errno(err, "%s", f->tmp);
	}
	free(dir);
	return ret;
}

int rcd_file_begin(struct rcd_file *f, const char *path, mode_t mode, struct rcd_err *err)
{
	char salt[17];

	*f = (struct rcd_file){.fd = -1};
	rcd_random_hex(salt, 8);
	f->path = strdup(path);
	if (asprintf(&f->tmp, "%s.%s.tmp", path, salt) < 0)
		f->tmp = NULL;
	if (f->path == NULL || f->tmp == NULL) {
		rcd_file_drop(f);
		return rcd_fail_nomem(err);
	}
	if (open_tmp(f, mode, err) != 0) {
		rcd_file_drop(f);
		return -1;
	}
	rcd_file_keep_owner(f->fd, path);
	return 0;
}

int rcd_file_add(struct rcd_file *f, const void *p, size_t n, struct rcd_err *err)
{
	const char *at = p;

	while (n > 0) {
		ssize_t put = write(f->fd, at, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return rcd_fail_errno(err, "%s", f->tmp);
		at += put;
		n -= (size_t)put;
	}
	return 0;
}

static int sync_parent(const char *path, struct rcd_err *err)
{
	char *dir = NULL;
	int fd, ret = 0;

	if (copy_parent_path(path, &dir, err) != 0)
		return -1;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		ret = rcd_fail_errno(err, "%s", dir);
	if (fd >= 0)
		(void)close(fd);
	free(dir);
	return ret;
}

int rcd_file_commit(struct rcd_file *f, struct rcd_err *err)
{
	int ret = 0;

	if (f->fd < 0 || f->tmp == NULL)
		return rcd_fail(err, RCD_INVAL, 0, "no file was begun");
	if (fsync(f->fd) != 0)
		ret = rcd_fail_errno(err, "%s", f->tmp);
	else if (rename(f->tmp, f->path) != 0)
		ret = rcd_fail_errno(err, "cannot rename %s", f->tmp);
	else {
		f->tmp[0] = '\0'; /* nothing left to unlink */
		ret = sync_parent(f->path, err);
	}
	rcd_file_drop(f);
	return ret;
}

void rcd_file_drop(struct rcd_file *f)
{
	if (f->fd > 0)
		(void)close(f->fd);
	if (f->fd > 0 && f->tmp != NULL && f->tmp[0] != '\0')
		(void)unlink(f->tmp);
	free(f->tmp);
	free(f->path);
	*f = (struct rcd_file){.fd = -1};
}

int rcd_file_write(const char *path, struct rcd_sv bytes, mode_t mode, struct rcd_err *err)
{
	struct rcd_file f;

	if (rcd_file_begin(&f, path, mode, err) != 0)
		return -1;
	if (rcd_file_add(&f, bytes.p, bytes.n, err) != 0) {
		rcd_file_drop(&f);
		return -1;
	}
	return rcd_file_commit(&f, err);
}

int rcd_file_read(const char *path, size_t max, struct rcd_buf *out, struct rcd_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = -1;
	size_t total = 0;

	if (fd < 0)
		return rcd_fail_errno(err, "%s", path);
	for (;;) {
		char *at = rcd_buf_room(out, 4096);
		ssize_t n;

		if (at == NULL) {
			ret = out->over ? rcd_fail(err, RCD_LIMIT, 0, "%s: more than %zu bytes", path, max)
			                : rcd_fail_nomem(err);
			break;
		}
		n = read(fd, at, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			ret = rcd_fail_errno(err, "%s", path);
			break;
		}
		out->n += (size_t)n;
		at[n] = '\0';
		total += (size_t)n;
		if (total > max) {
			ret = rcd_fail(err, RCD_LIMIT, 0, "%s: more than %zu bytes", path, max);
			break;
		}
		if (n == 0) {
			ret = 0;
			break;
		}
	}
	(void)close(fd);
	return ret;
}
