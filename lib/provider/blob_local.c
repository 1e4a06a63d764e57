/* Media as files of this machine. */

#include "provider/blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_served(const char *key)
{
	return rcd_sv_starts(rcd_sv(key), RCD_SV(RCD_BLOB_AUDIO));
}

/* NULL when memory is short. */
static char *make_path(const struct rcd_blob_store *s, const char *key)
{
	bool audio = is_served(key);
	char *path;

	if (asprintf(&path, "%s/%s", audio ? s->conf->audio_dir : s->conf->state_dir,
	             audio ? key + strlen(RCD_BLOB_AUDIO) : key) < 0)
		return NULL;
	return path;
}

static int begin_file(struct rcd_blob *w, struct rcd_err *err)
{
	const mode_t mode = is_served(w->key) ? 0644 : 0640;
	char *path = make_path(w->store, w->key);
	int ret = path != NULL ? rcd_file_begin(&w->file, path, mode, err) : rcd_fail_nomem(err);

	free(path);
	return ret;
}

static int add_bytes(struct rcd_blob *w, const void *p, size_t n, struct rcd_err *err)
{
	return rcd_file_add(&w->file, p, n, err);
}

static int commit_file(struct rcd_blob *w, struct rcd_err *err)
{
	return rcd_file_commit(&w->file, err);
}

static void drop_file(struct rcd_blob *w)
{
	rcd_file_drop(&w->file);
}

static int read_file(const struct rcd_blob_store *s, const char *key, int64_t deadline,
                     struct rcd_buf *out, struct rcd_err *err)
{
	char *path = make_path(s, key);
	int ret;

	(void)deadline;
	if (path == NULL)
		return rcd_fail_nomem(err);
	if (access(path, F_OK) != 0)
		ret = rcd_fail(err, RCD_NOENT, errno, "there is no %s", key);
	else
		ret = rcd_file_read(path, out->max, out, err);
	free(path);
	return ret;
}

static int remove_file(const struct rcd_blob_store *s, const char *key, struct rcd_err *err)
{
	char *path = make_path(s, key);
	int ret = 0;

	if (path == NULL)
		return rcd_fail_nomem(err);
	if (unlink(path) != 0 && errno != ENOENT)
		ret = rcd_fail_errno(err, "cannot remove %s", path);
	free(path);
	return ret;
}

static bool is_older(int dir, const char *name, int64_t before_ms)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       (int64_t)st.st_mtime * 1000 < before_ms;
}

static int visit_files(const struct rcd_blob_store *s, const char *prefix, int64_t before_ms,
                       rcd_blob_each_fn *fn, void *arg, struct rcd_err *err)
{
	char *path = make_path(s, prefix);
	DIR *d = path != NULL ? opendir(path) : NULL;
	struct dirent *e;
	int ret = 0;

	if (path == NULL)
		ret = rcd_fail_nomem(err);
	else if (d == NULL && errno != ENOENT)
		ret = rcd_fail_errno(err, "cannot list %s", path);
	free(path);
	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && is_older(dirfd(d), e->d_name, before_ms) &&
		    fn(arg, e->d_name) != 0)
			break;
	if (d != NULL)
		(void)closedir(d);
	return ret;
}

static int make_link(const struct rcd_blob_store *s, const char *method, const char *key,
                     char origin[RCD_BLOB_ORIGIN], struct rcd_buf *target, struct rcd_err *err)
{
	(void)s;
	(void)method;
	(void)origin;
	(void)target;
	return rcd_fail(err, RCD_NOENT, 0, "%s is not in an object store", key);
}

const struct rcd_blob_driver rcd_blob_local = {
	.begin = begin_file,
	.add = add_bytes,
	.commit = commit_file,
	.drop = drop_file,
	.read = read_file,
	.remove = remove_file,
	.each = visit_files,
	.link = make_link,
};
