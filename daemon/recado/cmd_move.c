/* recado migrate-to: this instance's store, whole, into another database. */

#include "daemon/recado/cmd.h"

#include "base/json.h"
#include "daemon/lock.h"
#include "store/copy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct move {
	struct rcd_copied table[RCD_MAX_TABLES];
	size_t n;
	int64_t mended;
	char *to; /* as it may be shown */
};

static void print_progress(void *arg, const char *table, int64_t done, int64_t all)
{
	(void)arg;
	fprintf(stderr, "\r%s: %" PRId64 " of %" PRId64 "%s", table, done, all, done < all ? "" : "\n");
}

static int print_json(const struct rcd_cli *cli, const struct move *m, bool moved)
{
	json_t *tables = json_array();
	struct rcd_buf b;

	rcd_buf_init(&b, 1 << 16);
	for (size_t i = 0; i < m->n; i++) {
		const struct rcd_copied *t = &m->table[i];

		if (json_array_append_new(tables, json_pack("{s:s s:I s:I s:s s:s s:b}", "table", t->table,
		                                            "rows", t->rows_from, "copied", t->rows_to,
		                                            "sha256", t->hash_from, "sha256_copied",
		                                            t->hash_to, "same", t->same)) != 0)
			b.bad = true;
	}
	rcd_json_text(json_pack("{s:b s:s s:I s:o}", "moved", moved, "to", m->to, "mended", m->mended,
	                        "tables", tables),
	              &b);
	rcd_buf_ch(&b, '\n');
	return rcd_cli_print(cli, &b);
}

static void print_tables(const struct move *m)
{
	printf("%-14s %12s %12s  %s\n", "table", "rows", "copied", "sha256 of both");
	for (size_t i = 0; i < m->n; i++) {
		const struct rcd_copied *t = &m->table[i];

		printf("%-14s %12" PRId64 " %12" PRId64 "  %s\n", t->table, t->rows_from, t->rows_to,
		       t->same ? t->hash_to : "DIFFERENT");
	}
}

static void print_what_next(const struct move *m, const struct rcd_conf *conf)
{
	if (m->mended > 0)
		printf("%" PRId64 " rows had text that is not UTF-8; U+FFFD stands there now.\n",
		       m->mended);
	printf("\nAll of it is in %s. Now set DATABASE_URL (or database_url in recado.conf) to the\n"
	       "URL you gave and start recadod. The old store and the media files, %s\n"
	       "and below %s, stay where they are.\n",
	       m->to, conf->audio_dir, conf->state_dir);
}

static int copy_store(const struct rcd_conf *conf, const char *url, struct move *m,
                      struct rcd_err *err)
{
	const struct rcd_copy how = {.progress = isatty(STDERR_FILENO) ? print_progress : NULL};
	const struct rcd_db_conf here = {.url = conf->database_url, .readers = 1},
							 there = {.url = url, .readers = 1};
	struct rcd_db *from = NULL, *to = NULL;
	int ret = -1;

	m->to = rcd_db_shown(url, err);
	if (m->to != NULL && rcd_db_open(&from, &here, err) == 0 && rcd_db_migrate(url, err) == 0 &&
	    rcd_db_open(&to, &there, err) == 0)
		ret = rcd_copy_store(from, to, &how, m->table, &m->n, &m->mended, err);
	rcd_db_close(to);
	rcd_db_close(from);
	return ret;
}

static int run_move(const struct rcd_cli *cli, const struct rcd_conf *conf, const char *url)
{
	char *path = rcd_db_path(conf->database_url, RCD_UNREAD_ERR);
	struct move m = {.to = NULL};
	struct rcd_err err;
	int fd = -1, ret, status = RCD_EXIT_OK;

	/* a store on a server is shared: a daemon on another machine cannot be detected here */
	if (path == NULL)
		return rcd_cli_fail(cli, "only a store that is a SQLite file can be moved");
	free(path);
	if (rcd_lock_state(conf->state_dir, false, 0, &fd, &err) != 0)
		return rcd_cli_fail(cli, "%s", err.msg);
	ret = copy_store(conf, url, &m, &err);
	if (ret != 0)
		status = rcd_cli_fail(cli, "%s", err.msg);
	if (m.n > 0 && !cli->json)
		print_tables(&m);
	if (cli->json && m.to != NULL && print_json(cli, &m, ret == 0) != RCD_EXIT_OK)
		status = RCD_EXIT_FAILED;
	if (ret == 0 && !cli->json)
		print_what_next(&m, conf);
	if (fd >= 0)
		(void)close(fd);
	free(m.to);
	return status;
}

int rcd_cmd_move(struct rcd_cli *cli, int argc, char **argv)
{
	static const struct option opts[] = {RCD_CLI_LONG};
	struct rcd_conf *conf;
	int c, status;

	while ((c = getopt_long(argc, argv, RCD_CLI_SHORT, opts, NULL)) != -1)
		if (!rcd_cli_opt(cli, c))
			return RCD_EXIT_USAGE;
	if (argc - optind != 1) {
		fputs("recado migrate-to: one URL is needed\n", stderr);
		return RCD_EXIT_USAGE;
	}
	conf = rcd_cli_conf(cli);
	if (conf == NULL)
		return RCD_EXIT_CONF;
	status = run_move(cli, conf, argv[optind]);
	rcd_conf_free(conf);
	return status;
}
