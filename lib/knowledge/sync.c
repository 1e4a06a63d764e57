#include "base/clock.h"
#include "base/limits.h"
#include "knowledge/document.h"
#include "knowledge/folder.h"
#include "knowledge/knowledge.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 5000
#define TOO_MANY "more than 5000 files are not read"
#define DOCUMENTS_MS 10000 /* in one sync; the caller has other things to do */

struct rcd_left_out {
	char *name;
	int64_t size, mtime_ns;
};

struct sync {
	struct rcd_db *db;
	int64_t tenant;
	struct rcd_knowledge_folder *folder;
	struct rcd_source *known; /* what the store has; size -1 once it was seen on disk */
	size_t n_known;
	int64_t documents_until; /* rcd_mono_ms(): later ones wait for the next sync */
	int files, changed, skipped;
};

bool rcd_source_added(const char *name)
{
	return strncmp(name, RCD_SOURCE_FILE, strlen(RCD_SOURCE_FILE)) == 0 ||
	       strstr(name, "://") != NULL;
}

const char *rcd_source_shown(const char *name)
{
	size_t n = strlen(RCD_SOURCE_FILE);

	return strncmp(name, RCD_SOURCE_FILE, n) == 0 ? name + n : name;
}

/* --- what was left out before ------------------------------------------------------------- */

static bool is_left_out(const struct rcd_knowledge_folder *f, const struct rcd_source *now)
{
	for (size_t i = 0; i < f->n_left_out; i++)
		if (strcmp(f->left_out[i].name, now->name) == 0)
			return f->left_out[i].size == now->size && f->left_out[i].mtime_ns == now->mtime_ns;
	return false;
}

static int note_left_out(struct rcd_knowledge_folder *f, const struct rcd_source *now,
                         const struct rcd_err *why, struct rcd_err *err)
{
	struct rcd_left_out *more, *at = NULL;

	if (f->note != NULL)
		f->note(f->arg, now->name, why);
	for (size_t i = 0; i < f->n_left_out && at == NULL; i++)
		if (strcmp(f->left_out[i].name, now->name) == 0)
			at = &f->left_out[i];
	if (at == NULL) {
		more = realloc(f->left_out, (f->n_left_out + 1) * sizeof(*more));
		if (more == NULL)
			return rcd_fail_nomem(err);
		f->left_out = more;
		at = &more[f->n_left_out];
		at->name = strdup(now->name);
		if (at->name == NULL)
			return rcd_fail_nomem(err);
		f->n_left_out++;
	}
	at->size = now->size;
	at->mtime_ns = now->mtime_ns;
	return 0;
}

void rcd_knowledge_folder_done(struct rcd_knowledge_folder *f)
{
	for (size_t i = 0; i < f->n_left_out; i++)
		free(f->left_out[i].name);
	free(f->left_out);
	f->left_out = NULL;
	f->n_left_out = 0;
}

/* --- one file ----------------------------------------------------------------------------- */

/* Marks name as seen; true when it is known with this size and time. */
static bool is_unchanged(struct sync *s, const struct rcd_source *now)
{
	for (size_t i = 0; i < s->n_known; i++) {
		struct rcd_source *k = &s->known[i];
		bool same;

		if (strcmp(k->name, now->name) != 0)
			continue;
		same = !s->folder->anew && k->size == now->size && k->mtime_ns == now->mtime_ns;
		k->size = -1;
		return same;
	}
	return false;
}

static int read_file(const struct sync *s, const struct rcd_folder_file *file,
                     struct rcd_document *doc, struct rcd_err *why)
{
	const struct rcd_extract_conf *how = rcd_mono_ms() < s->documents_until ? s->folder->extract
	                                                                        : NULL;
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), ret;

	if (fd < 0)
		return rcd_fail_errno(why, "it cannot be read");
	ret = rcd_document_read(how, fd, file->name, doc, why);
	(void)close(fd);
	return ret;
}

static int take_changed(struct sync *s, const struct rcd_folder_file *file,
                        const struct rcd_source *src, struct rcd_err *err)
{
	struct rcd_document doc = {.cut = {0}};
	struct rcd_err why = {0};
	int ret;

	if (file->why != NULL) {
		(void)rcd_fail(&why, RCD_INVAL, 0, "%s", file->why);
	} else if (read_file(s, file, &doc, &why) == 0 && doc.cut.n > 0) {
		ret = rcd_source_replace(s->db, s->tenant, src, doc.cut.p, doc.cut.n, err);
		s->changed += ret == 0;
		rcd_document_done(&doc);
		return ret;
	} else if (why.code == RCD_OK) {
		rcd_document_done(&doc);
		(void)rcd_fail(&why, RCD_INVAL, 0, "there is no text in it%s",
		               src->size > 0 ? " (a scan, or pictures?)" : "");
	}
	if (why.code == RCD_BUSY) /* another time; until then what the store has is the best there is */
		return 0;
	if (why.code == RCD_NOMEM)
		return rcd_fail_nomem(err);
	s->skipped++; /* what it said before it became unreadable is no longer so */
	if (note_left_out(s->folder, src, &why, err) != 0)
		return -1;
	return rcd_source_replace(s->db, s->tenant, src, NULL, 0, err);
}

/* A file that cannot be taken must not hide the others: it is counted, not fatal. */
static int take_file(void *arg, const struct rcd_folder_file *file, struct rcd_err *err)
{
	struct sync *s = arg;
	char *name = strdup(file->name);
	struct rcd_source src = {.name = name,
	                         .size = file->st.st_size,
	                         .mtime_ns = (int64_t)file->st.st_mtim.tv_sec * 1000000000 +
	                                     file->st.st_mtim.tv_nsec};
	struct rcd_err why;
	int ret = 0;

	if (name == NULL)
		return rcd_fail_nomem(err);
	s->files += file->why == NULL;
	if (s->files > FILES) {
		if (is_left_out(s->folder, &src))
			s->skipped++;
		else
			ret = take_changed(s,
			                   &(struct rcd_folder_file){file->path, file->name, file->st,
			                                             TOO_MANY},
			                   &src, err);
	} else if (rcd_source_added(name)) { /* the source of that name is another */
		s->skipped++;
		(void)rcd_fail(&why, RCD_INVAL, 0,
		               "its name looks like that of an added document; rename it");
		ret = is_left_out(s->folder, &src) ? 0 : note_left_out(s->folder, &src, &why, err);
	} else if (!is_unchanged(s, &src)) {
		if (is_left_out(s->folder, &src))
			s->skipped++;
		else
			ret = take_changed(s, file, &src, err);
	}
	free(name);
	return ret;
}

static int remove_gone(struct sync *s, struct rcd_err *err)
{
	for (size_t i = 0; i < s->n_known; i++) {
		if (s->known[i].size < 0 || rcd_source_added(s->known[i].name))
			continue;
		if (rcd_source_replace(s->db, s->tenant, &s->known[i], NULL, 0, err) != 0)
			return -1;
		s->changed++;
	}
	return 0;
}

int rcd_knowledge_sync(struct rcd_db *db, int64_t tenant, struct rcd_knowledge_folder *folder,
                       int *changed, int *skipped, struct rcd_err *err)
{
	struct sync s = {.db = db,
	                 .tenant = tenant,
	                 .folder = folder,
	                 .documents_until = folder->anew ? INT64_MAX : rcd_deadline_in(DOCUMENTS_MS)};
	int ret;

	if (rcd_source_list(db, tenant, &s.known, &s.n_known, err) != 0)
		return -1;
	ret = rcd_folder_each(folder->dir, take_file, &s, err);
	if (ret == 0)
		ret = remove_gone(&s, err);
	rcd_sources_free(s.known, s.n_known);
	if (ret == 0) {
		*changed = s.changed;
		*skipped = s.skipped;
	}
	return ret;
}
