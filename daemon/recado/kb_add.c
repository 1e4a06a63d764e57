/* recado kb add: documents from wherever they are into the knowledge. */

#include "daemon/recado/kb.h"

#include "base/json.h"
#include "knowledge/document.h"
#include "knowledge/folder.h"
#include "knowledge/page.h"
#include "knowledge/vectors_json.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAR 24
#define FILES 5000

/* One document that is to be added. */
struct item {
	char *source; /* what it will be called */
	char *path;   /* NULL: it is a URL */
	size_t passages, vectors;
	bool has_vectors;   /* of another system */
	struct rcd_err err; /* code RCD_OK: it is in */
};

struct add {
	struct rcd_kb *kb;
	struct rcd_http *http; /* NULL: there is no URL */
	const char *prefix;    /* of the sources of a folder */
	struct item *item;
	size_t n;
};

static int add_item(struct add *a, char *source, const char *path, struct rcd_err *err)
{
	struct item *more = a->n < FILES ? realloc(a->item, (a->n + 1) * sizeof(*more)) : NULL;
	char *copy = path != NULL ? strdup(path) : NULL;

	if (more != NULL)
		a->item = more;
	if (source == NULL || more == NULL || (path != NULL && copy == NULL)) {
		free(source);
		free(copy);
		return a->n == FILES ? rcd_fail(err, RCD_LIMIT, 0, "more than %d documents at once", FILES)
		                     : rcd_fail_nomem(err);
	}
	more[a->n++] = (struct item){.source = source, .path = copy};
	return 0;
}

static char *join_path(const char *a, const char *b, const char *c)
{
	char *out = NULL;

	return asprintf(&out, "%s%s%s", a, b, c) < 0 ? NULL : out;
}

static int on_file(void *arg, const struct rcd_folder_file *file, struct rcd_err *err)
{
	struct add *a = arg;

	if (file->why != NULL) {
		(void)fprintf(stderr, "recado kb: %s is left out: %s\n", file->name, file->why);
		return 0;
	}
	return add_item(a, join_path(a->prefix, "/", file->name), file->path, err);
}

/* The last part of a path, "loja" of "/srv/loja/". */
static char *get_own_name(const char *path)
{
	size_t n = strlen(path), from;

	while (n > 1 && path[n - 1] == '/')
		n--;
	for (from = n; from > 0 && path[from - 1] != '/';)
		from--;
	return rcd_sv_dup((struct rcd_sv){path + from, n - from});
}

static bool is_url(const char *what)
{
	return strstr(what, "://") != NULL;
}

static int find_items(struct add *a, const char *what, const char *name, struct rcd_err *err)
{
	char *own = NULL, *source = NULL;
	struct stat st;
	int ret;

	if (is_url(what))
		return add_item(a, name != NULL ? join_path(RCD_SOURCE_FILE, name, "") : strdup(what), NULL,
		                err);
	if (stat(what, &st) != 0)
		return rcd_fail_errno(err, "%s", what);
	own = name != NULL ? strdup(name) : get_own_name(what);
	source = own != NULL ? join_path(RCD_SOURCE_FILE, own, "") : NULL;
	free(own);
	if (source == NULL)
		return rcd_fail_nomem(err);
	if (!S_ISDIR(st.st_mode))
		return add_item(a, source, what, err);
	a->prefix = source;
	ret = rcd_folder_each(what, on_file, a, err);
	free(source);
	if (ret == 0 && a->n == 0)
		ret = rcd_fail(err, RCD_NOENT, 0, "there is no document in %s", what);
	return ret;
}

/* --- one document ------------------------------------------------------------------------- */

/* FIFOs, devices and what else is no document would be waited for. */
static int open_file(const char *path, int *fd, struct rcd_source *src, struct rcd_err *err)
{
	struct stat st;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0 || fstat(*fd, &st) != 0)
		return rcd_fail_errno(err, "it cannot be read");
	if (!S_ISREG(st.st_mode))
		return rcd_fail(err, RCD_INVAL, 0, "it is no file");
	src->size = st.st_size;
	src->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return 0;
}

static int open_page(struct add *a, const char *url, int *fd, struct rcd_source *src, char *name,
                     size_t n, struct rcd_err *err)
{
	struct rcd_page page;

	if (rcd_page_fetch(a->http, url, RCD_PEER_PUBLIC, &page, err) != 0)
		return -1;
	*fd = page.fd;
	src->size = page.bytes;
	(void)snprintf(name, n, "%s", page.name);
	return 0;
}

static int take_vectors(const struct rcd_kb *kb, struct item *item, const json_t *file,
                        struct rcd_err *err)
{
	const struct rcd_openai_conf *openai = &kb->conf->openai;
	const struct rcd_embedding_kind kind = {RCD_KB_TENANT, openai->embedding_model,
	                                        openai->embedding_dimensions};

	item->has_vectors = true;
	return rcd_vectors_json(kb->db, &kind, file, &item->vectors, err);
}

static int add_one(struct add *a, struct item *item, const char *url, struct rcd_err *err)
{
	struct rcd_source src = {.name = item->source};
	struct rcd_document doc;
	char name[96] = "";
	int fd = -1, ret;

	if (item->path == NULL)
		ret = open_page(a, url, &fd, &src, name, sizeof(name), err);
	else
		ret = open_file(item->path, &fd, &src, err);
	if (ret == 0)
		ret = rcd_document_read(&a->kb->extract, fd, item->path != NULL ? item->path : name, &doc,
		                        err);
	if (fd >= 0)
		(void)close(fd);
	if (ret != 0)
		return -1;
	if (doc.cut.n == 0)
		ret = rcd_fail(err, RCD_PROTO, 0, "there is no text in it");
	else
		ret = rcd_source_replace(a->kb->db, RCD_KB_TENANT, &src, doc.cut.p, doc.cut.n, err);
	item->passages = doc.cut.n;
	if (ret == 0 && doc.json != NULL)
		ret = take_vectors(a->kb, item, doc.json, err);
	rcd_document_done(&doc);
	return ret;
}

/* --- what the person sees ----------------------------------------------------------------- */

static void show_bar(const struct add *a, size_t done)
{
	size_t full = a->n > 0 ? BAR * done / a->n : BAR;
	const char *name = done < a->n ? a->item[done].source : "";
	struct rcd_sv shown = {name, rcd_utf8_cut(rcd_sv(name), 40)};

	fprintf(stderr, "\r[%.*s%.*s] %zu/%zu %.*s\033[K", (int)full, "########################",
	        (int)(BAR - full), "........................", done, a->n, RCD_SV_ARG(shown));
	if (done == a->n)
		fputs("\r\033[K", stderr);
}

static int print_json(const struct add *a)
{
	json_t *all = json_array();
	struct rcd_buf b;

	rcd_buf_init(&b, 8 << 20);
	for (size_t i = 0; i < a->n; i++) {
		const struct item *it = &a->item[i];
		json_t *o = json_pack("{s:o s:I}", "source",
		                      rcd_json_str(rcd_sv(rcd_source_shown(it->source))), "passages",
		                      (json_int_t)(it->err.code == RCD_OK ? it->passages : 0));

		if (it->has_vectors)
			(void)json_object_set_new(o, "vectors", json_integer((json_int_t)it->vectors));
		if (it->err.code != RCD_OK)
			(void)json_object_set_new(o, "error", rcd_json_str(rcd_sv(it->err.msg)));
		(void)json_array_append_new(all, o);
	}
	rcd_json_text(all, &b);
	rcd_buf_ch(&b, '\n');
	return rcd_cli_print(a->kb->cli, &b);
}

static void print_added(const struct rcd_kb *kb, const struct item *it)
{
	rcd_cli_put(rcd_sv(rcd_source_shown(it->source)), true);
	printf(": %zu passage%s", it->passages, it->passages == 1 ? "" : "s");
	if (it->vectors > 0)
		printf(", %zu with the file's vectors", it->vectors);
	else if (it->has_vectors)
		printf(", no vectors: the file names none of %s with %d numbers",
		       kb->conf->openai.embedding_model, kb->conf->openai.embedding_dimensions);
	putchar('\n');
}

static int print_report(const struct add *a)
{
	int status = a->kb->cli->json ? print_json(a) : RCD_EXIT_OK;

	for (size_t i = 0; i < a->n; i++) {
		const struct item *it = &a->item[i];

		if (it->err.code != RCD_OK)
			status = rcd_cli_fail(a->kb->cli, "%s: %s", it->path != NULL ? it->path : it->source,
			                      it->err.msg);
		else if (!a->kb->cli->json)
			print_added(a->kb, it);
	}
	return status;
}

int rcd_kb_add(struct rcd_kb *kb, const char *what, const char *name)
{
	struct add a = {.kb = kb};
	bool bar = !kb->cli->json && isatty(STDERR_FILENO);
	struct rcd_err err;
	int status;

	if (find_items(&a, what, name, &err) != 0 ||
	    (is_url(what) && rcd_http_open(&a.http, &err) != 0)) {
		status = rcd_cli_fail(kb->cli, "%s", err.msg);
	} else {
		for (size_t i = 0; i < a.n; i++) {
			if (bar)
				show_bar(&a, i);
			if (add_one(&a, &a.item[i], what, &err) != 0)
				a.item[i].err = err;
		}
		if (bar)
			show_bar(&a, a.n);
		status = print_report(&a);
	}
	rcd_http_abort(a.http);
	rcd_http_close(a.http);
	for (size_t i = 0; i < a.n; i++) {
		free(a.item[i].source);
		free(a.item[i].path);
	}
	free(a.item);
	return status;
}
