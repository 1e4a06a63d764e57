/* Checks who owns the folder. Root would write into it and run what it configures on behalf of
 * anybody who can change it, through a symbolic link into any file of the machine. */

#include "daemon/recado/up.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_owner(const char *path, uid_t uid, struct rcd_err *err)
{
	const struct passwd *user = getpwuid(uid);

	if (user == NULL)
		return rcd_fail(err, RCD_DENIED, 0,
		                "%.80s belongs to user %u, and root does not run in it: "
		                "chown it to root",
		                path, (unsigned)uid);
	return rcd_fail(err, RCD_DENIED, 0,
	                "%.80s belongs to %.32s, and root does not run in it: "
	                "runuser -u %.32s -- recado up …",
	                path, user->pw_name, user->pw_name);
}

/* Checks one path, which may be missing. inner: part of the instance, not a parent of it. */
static int check_one(const char *path, bool inner, bool folder, struct rcd_err *err)
{
	const mode_t shared = S_IWOTH | (inner ? S_IWGRP : 0);
	struct stat st;

	if ((inner ? lstat(path, &st) : stat(path, &st)) != 0)
		return errno == ENOENT ? 0 : rcd_fail_errno(err, "cannot look at %.80s", path);
	if (st.st_uid != 0)
		return fail_owner(path, st.st_uid, err);
	if (folder ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
		return rcd_fail(err, RCD_DENIED, 0,
		                "%.80s is not a %s of its own (a link?), and root does not "
		                "follow it: remove it",
		                path, folder ? "folder" : "file");
	if ((st.st_mode & shared) != 0 && (inner || (st.st_mode & S_ISVTX) == 0))
		return rcd_fail(err, RCD_DENIED, 0,
		                "others may write in %.80s, and root does not run in it: "
		                "chmod go-w",
		                path);
	return 0;
}

/* The owner of a parent folder could replace everything below it. */
static int check_way(char *real, struct rcd_err *err)
{
	int ret = check_one("/", false, true, err);

	for (char *p = real + 1; ret == 0 && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		ret = check_one(real, false, true, err);
		*p = '/';
	}
	return ret == 0 ? check_one(real, false, true, err) : ret;
}

/* The real path of the part that exists. */
static char *resolve_path(const char *dir)
{
	char *path = strdup(dir), *real = NULL, *slash;

	while (path != NULL && (real = realpath(path, NULL)) == NULL && errno == ENOENT &&
	       (slash = strrchr(path, '/')) != NULL)
		slash[slash == path] = '\0';
	if (real == NULL && path != NULL && errno == ENOENT)
		real = realpath(".", NULL);
	free(path);
	return real;
}

int rcd_up_check_way(const char *dir, struct rcd_err *err)
{
	char *real;
	int ret;

	if (geteuid() != 0)
		return 0;
	real = resolve_path(dir);
	if (real == NULL)
		return errno == ENOMEM ? rcd_fail_nomem(err)
		                       : rcd_fail_errno(err, "cannot go to the folder %.80s", dir);
	ret = check_way(real, err);
	free(real);
	return ret;
}

int rcd_up_check_parts(struct rcd_err *err)
{
	static const char *const folder[] = {".", "run", "run/nginx", "log", "static", RCD_UP_AUDIO};
	static const char *const file[] = {RCD_UP_CONF,       "recado.db", "recado.db-wal",
	                                   "recado.db-shm",   "run/lock",  "run/nginx.pid",
	                                   RCD_UP_NGINX_CONF, RCD_UP_LOG,  RCD_UP_NGINX_LOG};
	int ret = 0;

	if (geteuid() != 0)
		return 0;
	for (size_t i = 0; ret == 0 && i < sizeof(folder) / sizeof(*folder); i++)
		ret = check_one(folder[i], true, true, err);
	for (size_t i = 0; ret == 0 && i < sizeof(file) / sizeof(*file); i++)
		ret = check_one(file[i], true, false, err);
	return ret;
}
