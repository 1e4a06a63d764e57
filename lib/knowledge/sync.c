#include "base/file.h"
#include "base/limits.h"
#include "knowledge/cut.h"
#include "knowledge/knowledge.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH 8
#define FILES 5000

struct walk {
	struct rcd_db *db;
	int64_t tenant;
	struct rcd_source *known; /* what the store has; size -1 once it was seen on disk */
	size_t n_known;
	int files, changed, skipped;
};

static bool readable(const char *name)
{
	struct rcd_sv n = rcd_sv(name);

	return rcd_sv_ends(n, RCD_SV(".md")) || rcd_sv_ends(n, RCD_SV(".txt"));
}

/* Marks name as seen; true when it is known with this size and time. */
static bool unchanged(struct walk *w, const struct rcd_source *now)
{
	for (size_t i = 0; i < w->n_known; i++) {
		struct rcd_source *k = &w->known[i];
		bool same;

		if (strcmp(k->name, now->name) != 0)
			continue;
		same = k->size == now->size && k->mtime_ns == now->mtime_ns;
		k->size = -1;
		return same;
	}
	return false;
}

static int replace(struct walk *w, const struct rcd_source *src, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_passages cut;
	int ret;

	if (rcd_sv_starts(text, RCD_SV("\xEF\xBB\xBF")))
		text = rcd_sv_skip(text, 3);
	if (rcd_cut(text, &cut, err) != 0)
		return -1;
	ret = rcd_source_replace(w->db, w->tenant, src, cut.p, cut.n, err);
	if (ret == 0 && cut.n > 0) /* an empty file leaves no trace, and would count every time */
		w->changed++;
	rcd_passages_done(&cut);
	return ret;
}

/* A file that cannot be taken must not hide the others: it is counted, not fatal. */
static int take_file(struct walk *w, const char *path, const char *name, const struct stat *st, struct rcd_err *err)
{
	char *copy = strdup(name);
	struct rcd_source src = {.name = copy,
	                         .size = st->st_size,
	                         .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec};
	struct rcd_err why = {0};
	struct rcd_buf text;
	int ret = 0;

	rcd_buf_init(&text, RCD_MAX_KNOWLEDGE_FILE + 8192);
	if (copy == NULL)
		ret = rcd_fail_nomem(&why);
	else if (++w->files > FILES || st->st_size > RCD_MAX_KNOWLEDGE_FILE)
		w->skipped++;
	else if (!unchanged(w, &src)) {
		ret = rcd_file_read(path, RCD_MAX_KNOWLEDGE_FILE, &text, &why);
		if (ret == 0 && rcd_utf8_ok(rcd_buf_view(&text)) &&
		    (text.n == 0 || memchr(text.p, 0, text.n) == NULL))
			ret = replace(w, &src, rcd_buf_view(&text), &why);
		else if (ret == 0 || why.code != RCD_NOMEM) {
			w->skipped++; /* what it said before it became unreadable is no longer so */
			ret = rcd_source_replace(w->db, w->tenant, &src, NULL, 0, &why);
		}
	}
	rcd_buf_free(&text);
	free(copy);
	if (ret != 0 && err != NULL)
		*err = why;
	return ret;
}

static int walk(struct walk *w, const char *root, const char *below, int depth, struct rcd_err *err);

static int visit(struct walk *w, const char *root, const char *below, const char *entry, int depth,
                 struct rcd_err *err)
{
	char *path = NULL, *name = NULL;
	struct stat st;
	int ret = 0;

	if (asprintf(&name, "%s%s%s", below, below[0] != '\0' ? "/" : "", entry) < 0)
		return rcd_fail_nomem(err);
	if (asprintf(&path, "%s/%s", root, name) < 0) {
		free(name);
		return rcd_fail_nomem(err);
	}
	/* a symbolic link could lead anywhere: only what lies here is the business's knowledge */
	if (lstat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode) && depth < DEPTH)
			ret = walk(w, root, name, depth + 1, err);
		else if (S_ISREG(st.st_mode) && readable(entry))
			ret = take_file(w, path, name, &st, err);
	}
	free(path);
	free(name);
	return ret;
}

static int walk(struct walk *w, const char *root, const char *below, int depth, struct rcd_err *err)
{
	char *path = NULL;
	struct dirent *e;
	int ret = 0;
	DIR *d;

	if (asprintf(&path, "%s/%s", root, below) < 0)
		return rcd_fail_nomem(err);
	d = opendir(path);
	if (d == NULL && errno != ENOENT)
		ret = rcd_fail_errno(err, "%s", path);
	while (d != NULL && ret == 0 && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			ret = visit(w, root, below, e->d_name, depth, err);
	if (d != NULL)
		(void)closedir(d);
	free(path);
	return ret;
}

static int forget_gone(struct walk *w, struct rcd_err *err)
{
	for (size_t i = 0; i < w->n_known; i++) {
		if (w->known[i].size < 0)
			continue;
		if (rcd_source_replace(w->db, w->tenant, &w->known[i], NULL, 0, err) != 0)
			return -1;
		w->changed++;
	}
	return 0;
}

int rcd_knowledge_sync(struct rcd_db *db, int64_t tenant, const char *dir, int *changed, int *skipped,
                       struct rcd_err *err)
{
	struct walk w = {.db = db, .tenant = tenant};
	int ret;

	if (rcd_source_list(db, tenant, &w.known, &w.n_known, err) != 0)
		return -1;
	ret = walk(&w, dir, "", 0, err);
	if (ret == 0)
		ret = forget_gone(&w, err);
	rcd_sources_free(w.known, w.n_known);
	if (ret == 0) {
		*changed = w.changed;
		*skipped = w.skipped;
	}
	return ret;
}
