/* recado kb: what the business knows, beside its knowledge folder. */

#include "daemon/recado/kb.h"

#include "base/json.h"
#include "daemon/place.h"
#include "daemon/semantic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOUND 5

static const char *name_origin(const char *source)
{
	if (!rcd_source_added(source))
		return "folder";
	return rcd_source_shown(source) == source ? "url" : "added";
}

/* --- list --------------------------------------------------------------------------------- */

static int list_sources(struct rcd_kb *kb)
{
	struct rcd_source *s = NULL;
	struct rcd_err err;
	struct rcd_buf b;
	size_t n = 0;

	if (rcd_source_list(kb->db, RCD_KB_TENANT, &s, &n, &err) != 0)
		return rcd_cli_fail(kb->cli, "%s", err.msg);
	rcd_buf_init(&b, 16 << 20);
	if (kb->cli->json) {
		json_t *all = json_array();

		for (size_t i = 0; i < n; i++)
			(void)json_array_append_new(all,
			                            json_pack("{s:o s:s s:I}", "source",
			                                      rcd_json_str(rcd_sv(rcd_source_shown(s[i].name))),
			                                      "origin", name_origin(s[i].name), "bytes",
			                                      (json_int_t)s[i].size));
		rcd_json_text(all, &b);
		rcd_buf_ch(&b, '\n');
	}
	for (size_t i = 0; i < n && !kb->cli->json; i++)
		rcd_buf_fmt(&b, "%-7s %10" PRId64 "  %s\n", name_origin(s[i].name), s[i].size,
		            rcd_source_shown(s[i].name));
	rcd_sources_free(s, n);
	return kb->cli->json ? rcd_cli_print(kb->cli, &b) : rcd_cli_show(kb->cli, &b);
}

/* --- remove ------------------------------------------------------------------------------- */

/* name/ means all of an added folder. */
static bool is_meant(const char *source, const char *name)
{
	size_t n = strlen(name);

	if (!rcd_source_added(source))
		return false;
	return strcmp(rcd_source_shown(source), name) == 0 ||
	       (n > 1 && name[n - 1] == '/' && strncmp(rcd_source_shown(source), name, n) == 0);
}

static int remove_source(struct rcd_kb *kb, const char *name)
{
	struct rcd_source *s = NULL;
	struct rcd_err err;
	size_t n = 0, gone = 0;
	bool in_folder = false;
	int ret = rcd_source_list(kb->db, RCD_KB_TENANT, &s, &n, &err);

	for (size_t i = 0; ret == 0 && i < n; i++) {
		in_folder = in_folder || strcmp(s[i].name, name) == 0;
		if (!is_meant(s[i].name, name))
			continue;
		ret = rcd_source_replace(kb->db, RCD_KB_TENANT, &s[i], NULL, 0, &err);
		gone++;
	}
	rcd_sources_free(s, n);
	if (ret != 0)
		return rcd_cli_fail(kb->cli, "%s", err.msg);
	if (gone == 0 && in_folder)
		return rcd_cli_fail(kb->cli, "%s is a file of %s: remove it there", name,
		                    kb->conf->knowledge_dir);
	if (gone == 0)
		return rcd_cli_fail(kb->cli, "nothing was added as %s: see recado kb list", name);
	printf(kb->cli->json ? "{\"removed\":%zu}\n" : "%zu removed\n", gone);
	return RCD_EXIT_OK;
}

/* --- search ------------------------------------------------------------------------------- */

static void add_found(struct rcd_buf *b, const struct rcd_passage *p)
{
	rcd_buf_fmt(b, "%.4f  %s", p->score, rcd_source_shown(p->source));
	if (p->page > 0)
		rcd_buf_fmt(b, ", Página %" PRId64, p->page);
	if (p->heading[0] != '\0')
		rcd_buf_fmt(b, ", %s", p->heading);
	if (p->similarity > 0)
		rcd_buf_fmt(b, " (similarity %.2f)", p->similarity);
	rcd_buf_fmt(b, "\n%s\n\n", p->text);
}

static json_t *make_found_json(const struct rcd_passage *p)
{
	return json_pack("{s:o s:s s:o s:I s:f s:f s:o}", "source",
	                 rcd_json_str(rcd_sv(rcd_source_shown(p->source))), "origin",
	                 name_origin(p->source), "heading", rcd_json_str(rcd_sv(p->heading)), "page",
	                 (json_int_t)p->page, "score", p->score, "similarity", p->similarity, "text",
	                 rcd_json_str(rcd_sv(p->text)));
}

static int print_found(const struct rcd_kb *kb, const struct rcd_passage *p, size_t n)
{
	struct rcd_buf b;

	rcd_buf_init(&b, 4 << 20);
	if (kb->cli->json) {
		json_t *all = json_array();

		for (size_t i = 0; i < n; i++)
			(void)json_array_append_new(all, make_found_json(&p[i]));
		rcd_json_text(all, &b);
		rcd_buf_ch(&b, '\n');
	} else if (n == 0) {
		rcd_buf_str(&b, "nothing passes the floor: the knowledge has no answer to that\n");
	} else {
		for (size_t i = 0; i < n; i++)
			add_found(&b, &p[i]);
	}
	return kb->cli->json ? rcd_cli_print(kb->cli, &b) : rcd_cli_show(kb->cli, &b);
}

/* Searches as a turn does: with embeddings too, when a key is set and the daemon has built an
 * index. */
static int search_passages(struct rcd_kb *kb, const char *words)
{
	struct rcd_daemon_semantic semantic;
	struct rcd_http *http = NULL;
	struct rcd_passage *p = NULL;
	struct rcd_err err;
	size_t n = 0;
	int ret, status;

	if (rcd_http_open(&http, &err) != 0)
		return rcd_cli_fail(kb->cli, "%s", err.msg);
	ret = rcd_semantic_open(&semantic, kb->conf, &kb->conf->openai, RCD_KB_TENANT, http, &err);
	if (ret == 0)
		ret = rcd_knowledge_search(kb->db, RCD_KB_TENANT,
		                           semantic.search.vectors != NULL ? &semantic.search : NULL,
		                           rcd_sv(words), FOUND, &p, &n, &err);
	status = ret == 0 ? print_found(kb, p, n) : rcd_cli_fail(kb->cli, "%s", err.msg);
	rcd_passages_free(p, n);
	rcd_http_abort(http);
	rcd_http_close(http);
	rcd_semantic_close(&semantic);
	return status;
}

/* --- reindex ------------------------------------------------------------------------------ */

static void print_left_out(void *arg, const char *name, const struct rcd_err *why)
{
	(void)rcd_cli_fail(arg, "%s is left out: %s", name, why->msg);
}

static int reindex_all(struct rcd_kb *kb)
{
	struct rcd_knowledge_folder folder = {.dir = kb->conf->knowledge_dir,
	                                      .extract = &kb->extract,
	                                      .anew = true,
	                                      .note = print_left_out,
	                                      .arg = (void *)(uintptr_t)kb->cli};
	int changed = 0, skipped = 0, ret;
	struct rcd_err err;

	ret = rcd_knowledge_sync(kb->db, RCD_KB_TENANT, &folder, &changed, &skipped, &err);
	rcd_knowledge_folder_done(&folder);
	if (ret != 0)
		return rcd_cli_fail(kb->cli, "%s", err.msg);
	printf(kb->cli->json ? "{\"files\":%d,\"left_out\":%d}\n" : "%d files read, %d left out\n",
	       changed, skipped);
	return RCD_EXIT_OK;
}

/* --- all of them -------------------------------------------------------------------------- */

static int open_kb(struct rcd_kb *kb)
{
	struct rcd_err err;
	int status = rcd_cli_store(kb->cli, &kb->conf, &kb->db);

	if (status != RCD_EXIT_OK)
		return status;
	kb->extract.unsandboxed = kb->conf->unsandboxed;
	if (rcd_place_extract(kb->extractor, sizeof(kb->extractor), &err) == 0)
		kb->extract.program = kb->extractor;
	return RCD_EXIT_OK;
}

/* Joins the arguments, so that a question needs no quotes. */
static char *has_all_words(int n, char **word)
{
	struct rcd_buf b;

	rcd_buf_init(&b, RCD_MAX_TEXT);
	for (int i = 0; i < n; i++) {
		rcd_buf_str(&b, i > 0 ? " " : "");
		rcd_buf_str(&b, word[i]);
	}
	return rcd_buf_take(&b, NULL);
}

static int run_verb(struct rcd_kb *kb, const char *what, int n, char **arg, const char *name)
{
	char *words;
	int status;

	if (strcmp(what, "list") == 0)
		return list_sources(kb);
	if (strcmp(what, "reindex") == 0)
		return reindex_all(kb);
	if (strcmp(what, "remove") == 0)
		return remove_source(kb, arg[0]);
	if (strcmp(what, "add") == 0)
		return rcd_kb_add(kb, arg[0], name);
	words = has_all_words(n, arg);
	status = words != NULL ? search_passages(kb, words)
	                       : rcd_cli_fail(kb->cli, "that is too much to look for");
	free(words);
	return status;
}

/* Whether this command takes so many arguments. */
static bool has_arguments(const char *what, int n, const char *name)
{
	if (name != NULL && strcmp(what, "add") != 0)
		return false;
	if (strcmp(what, "list") == 0 || strcmp(what, "reindex") == 0)
		return n == 0;
	if (strcmp(what, "search") == 0)
		return n > 0;
	return (strcmp(what, "add") == 0 || strcmp(what, "remove") == 0) && n == 1;
}

int rcd_cmd_kb(struct rcd_cli *cli, int argc, char **argv)
{
	static const struct option opts[] = {{"name", required_argument, NULL, 'n'}, RCD_CLI_LONG};
	struct rcd_kb kb = {.cli = cli};
	const char *name = NULL;
	int c, status;

	while ((c = getopt_long(argc, argv, RCD_CLI_SHORT "n:", opts, NULL)) != -1)
		if (c == 'n')
			name = optarg;
		else if (!rcd_cli_opt(cli, c))
			return RCD_EXIT_USAGE;
	if (optind == argc || !has_arguments(argv[optind], argc - optind - 1, name)) {
		(void)rcd_cli_fail(cli, "say: recado kb %s", cli->cmd->args);
		return RCD_EXIT_USAGE;
	}
	if (name != NULL && (name[0] == '\0' || strstr(name, "://") != NULL)) {
		(void)rcd_cli_fail(cli, "a name is neither empty nor a URL");
		return RCD_EXIT_USAGE;
	}
	status = open_kb(&kb);
	if (status == RCD_EXIT_OK)
		status = run_verb(&kb, argv[optind], argc - optind - 1, argv + optind + 1, name);
	rcd_db_close(kb.db);
	rcd_conf_free(kb.conf);
	return status;
}
