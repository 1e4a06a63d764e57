#include "knowledge/vectors.h"

#include "knowledge/vec.h"
#include "store/passage.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* a file beside ours that nobody has written to for so long is of the dead */
#define LEFT_OVER_S 600

/* A file that somebody may still search when the next one has taken its place. */
struct generation {
	struct rcd_vindex *index;
	int users;
};

struct rcd_vectors {
	char *path;
	char model[RCD_MAX_MODEL];
	int64_t tenant, dimensions;
	pthread_mutex_t lock;   /* of what follows */
	struct stat seen;       /* the file that was looked at last, good or bad */
	struct generation *now; /* NULL: none that is ours and sound */
};

int rcd_vectors_open(struct rcd_vectors **out, const struct rcd_vectors_conf *conf,
                     struct rcd_err *err)
{
	struct rcd_vectors *v;

	if (strlen(conf->kind.model) >= RCD_MAX_MODEL || conf->kind.dimensions < 1 ||
	    conf->kind.dimensions > RCD_MAX_DIMENSIONS)
		return rcd_fail(err, RCD_INVAL, 0,
		                "no index for a model with such a name or %lld dimensions",
		                (long long)conf->kind.dimensions);
	v = calloc(1, sizeof(*v));
	if (v == NULL || (v->path = strdup(conf->path)) == NULL) {
		free(v);
		return rcd_fail_nomem(err);
	}
	(void)snprintf(v->model, sizeof(v->model), "%s", conf->kind.model);
	v->tenant = conf->kind.tenant;
	v->dimensions = conf->kind.dimensions;
	(void)pthread_mutex_init(&v->lock, NULL);
	*out = v;
	return 0;
}

/* --- generations --------------------------------------------------------------------------- */

static void release_generation(struct generation *g)
{
	if (g != NULL && --g->users == 0) {
		(void)rcd_vindex_close(g->index);
		free(g);
	}
}

static bool is_ours(const struct rcd_vectors *v, const struct rcd_vindex_about *a)
{
	return a->tenant == v->tenant && (int64_t)a->dimensions == v->dimensions &&
	       strcmp(a->model, v->model) == 0;
}

static struct generation *load_generation(const struct rcd_vectors *v)
{
	struct generation *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	if (rcd_vindex_open(&g->index, v->path, RCD_UNREAD_ERR) != 0 ||
	    !is_ours(v, rcd_vindex_about(g->index))) {
		(void)rcd_vindex_close(g->index);
		free(g);
		return NULL;
	}
	g->users = 1;
	return g;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The newest, to be given back; NULL: none. One that is bad is not read again and again. */
static struct generation *acquire_generation(struct rcd_vectors *v)
{
	struct generation *g;
	struct stat st = {0};

	(void)pthread_mutex_lock(&v->lock);
	(void)stat(v->path, &st);
	if (!is_same_file(&st, &v->seen)) {
		release_generation(v->now);
		v->now = load_generation(v);
		v->seen = st;
	}
	g = v->now;
	if (g != NULL)
		g->users++;
	(void)pthread_mutex_unlock(&v->lock);
	return g;
}

static void return_generation(struct rcd_vectors *v, struct generation *g)
{
	(void)pthread_mutex_lock(&v->lock);
	release_generation(g);
	(void)pthread_mutex_unlock(&v->lock);
}

struct rcd_vectors *rcd_vectors_close(struct rcd_vectors *v)
{
	if (v == NULL)
		return NULL;
	release_generation(v->now);
	(void)pthread_mutex_destroy(&v->lock);
	free(v->path);
	free(v);
	return NULL;
}

bool rcd_vectors_any(struct rcd_vectors *v)
{
	struct generation *g = acquire_generation(v);
	bool any = g != NULL && rcd_vindex_about(g->index)->rows > 0;

	if (g != NULL)
		return_generation(v, g);
	return any;
}

int rcd_vectors_search(struct rcd_vectors *v, const float *query, size_t max,
                       struct rcd_near near[RCD_MAX_NEAR], size_t *n, struct rcd_err *err)
{
	struct generation *g = acquire_generation(v);
	int ret;

	*n = 0;
	if (g == NULL)
		return 0;
	ret = rcd_vindex_search(g->index, query, max, near, n, err);
	return_generation(v, g);
	return ret;
}

/* --- making the file ----------------------------------------------------------------------- */

struct build {
	const struct rcd_vectors *v;
	struct rcd_vindex_writer *w;
	int64_t rows;
};

static int on_begin(void *arg, int64_t version, int64_t rows, struct rcd_err *err)
{
	struct build *b = arg;
	struct rcd_vindex_about about = {.tenant = b->v->tenant,
	                                 .version = version,
	                                 .dimensions = (uint32_t)b->v->dimensions,
	                                 .rows = (uint64_t)rows};

	memcpy(about.model, b->v->model, sizeof(about.model));
	b->rows = 0;
	rcd_vindex_drop(b->w); /* of a try that did not come to its end */
	b->w = NULL;
	return rcd_vindex_begin(&b->w, b->v->path, &about, err);
}

/* A damaged row is one passage that only full text finds, until it is made again. */
static int on_row(void *arg, const struct rcd_embedding *e, struct rcd_err *err)
{
	struct rcd_err why = {0};
	struct build *b = arg;
	int ret = rcd_vindex_add(b->w, e->passage_id, e->bits, e->codes, e->scale, &why);

	b->rows += ret == 0;
	if (ret != 0 && why.code == RCD_PROTO)
		return 0;
	if (ret != 0)
		*err = why;
	return ret;
}

/* What processes that died left beside the file while they wrote the next. */
static void remove_leftovers(const struct rcd_vectors *v)
{
	const char *slash = strrchr(v->path, '/');
	const char *name = slash != NULL ? slash + 1 : v->path;
	char *dir = slash != NULL ? strndup(v->path, (size_t)(slash - v->path)) : strdup(".");
	DIR *d = dir != NULL ? opendir(dir) : NULL;
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		struct rcd_sv entry = rcd_sv(e->d_name);
		struct stat st;

		if (rcd_sv_starts(entry, rcd_sv(name)) && rcd_sv_ends(entry, RCD_SV(".tmp")) &&
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_mtime < time(NULL) - LEFT_OVER_S)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d != NULL)
		(void)closedir(d);
	free(dir);
}

static bool is_up_to_date(struct rcd_vectors *v, int64_t version)
{
	struct generation *g = acquire_generation(v);
	bool yes = g != NULL && rcd_vindex_about(g->index)->version == version;

	if (g != NULL)
		return_generation(v, g);
	return yes;
}

int rcd_vectors_build(struct rcd_vectors *v, struct rcd_db *db, int64_t *rows, struct rcd_err *err)
{
	const struct rcd_embedding_kind kind = {v->tenant, v->model, v->dimensions};
	struct build b = {.v = v};
	int64_t version;

	*rows = -1;
	if (rcd_knowledge_version(db, v->tenant, &version, err) != 0)
		return -1;
	if (is_up_to_date(v, version))
		return 0;
	remove_leftovers(v);
	if (rcd_embedding_each(db, &kind, on_begin, on_row, &b, err) != 0) {
		rcd_vindex_drop(b.w);
		return -1;
	}
	if (rcd_vindex_commit(b.w, err) != 0)
		return -1;
	*rows = b.rows;
	return 0;
}
