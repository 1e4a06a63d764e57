#include "knowledge/folder.h"

#include "knowledge/kind.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define DEPTH 8

struct walk {
	const char *root;
	rcd_folder_fn *fn;
	void *arg;
};

static int walk_folder(const struct walk *w, const char *below, int depth, struct rcd_err *err);

/* NULL: it is read. */
static const char *why_not(const char *entry, const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return "folders are read 8 deep; move its files up";
	if (S_ISLNK(st->st_mode))
		return "it is a symbolic link; copy the file itself";
	if (!S_ISREG(st->st_mode))
		return "it is no regular file";
	return rcd_kind_readable(rcd_sv(entry))
	           ? NULL
	           : "files of this ending are not read; save it as PDF, DOCX, XLSX, ODT, PPTX, HTML, "
	             "CSV, TXT or MD";
}

static int visit_entry(const struct walk *w, const char *below, const char *entry, int depth,
                       struct rcd_err *err)
{
	char *path = NULL, *name = NULL;
	struct stat st;
	int ret = 0;

	if (asprintf(&name, "%s%s%s", below, below[0] != '\0' ? "/" : "", entry) < 0)
		return rcd_fail_nomem(err);
	if (asprintf(&path, "%s/%s", w->root, name) < 0) {
		free(name);
		return rcd_fail_nomem(err);
	}
	if (lstat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode) && depth < DEPTH)
			ret = walk_folder(w, name, depth + 1, err);
		else
			ret = w->fn(w->arg, &(struct rcd_folder_file){path, name, st, why_not(entry, &st)},
			            err);
	}
	free(path);
	free(name);
	return ret;
}

static int walk_folder(const struct walk *w, const char *below, int depth, struct rcd_err *err)
{
	char *path = NULL;
	struct dirent *e;
	int ret = 0;
	DIR *d;

	if (asprintf(&path, "%s/%s", w->root, below) < 0)
		return rcd_fail_nomem(err);
	d = opendir(path);
	if (d == NULL && errno != ENOENT)
		ret = rcd_fail_errno(err, "%s", path);
	while (d != NULL && ret == 0 && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			ret = visit_entry(w, below, e->d_name, depth, err);
	if (d != NULL)
		(void)closedir(d);
	free(path);
	return ret;
}

int rcd_folder_each(const char *dir, rcd_folder_fn *fn, void *arg, struct rcd_err *err)
{
	const struct walk w = {dir, fn, arg};

	return walk_folder(&w, "", 0, err);
}
