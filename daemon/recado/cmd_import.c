/* recado import-history: another system's contacts and turns into this instance's store. */

#include "daemon/recado/cmd.h"

#include "base/json.h"
#include "daemon/tenant.h"
#include "store/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static void print_bad(void *arg, const char *table, int64_t row, const char *why)
{
	(void)arg;
	fprintf(stderr, "%s, row %" PRId64 ": %s; skipped\n", table, row, why);
}

static void print_progress(void *arg, const char *table, int64_t done, int64_t all)
{
	(void)arg;
	fprintf(stderr, "\r%s: %" PRId64 " of %" PRId64 "%s", table, done, all, done < all ? "" : "\n");
}

static int print_json(const struct rcd_cli *cli, bool dry_run, const struct rcd_import_count *count)
{
	json_t *o = json_pack("{s:b}", "dry_run", dry_run);
	struct rcd_buf b;

	rcd_buf_init(&b, 1 << 16);
	for (int t = 0; t < RCD_FOREIGN_TABLES; t++) {
		const struct rcd_import_count *c = &count[t];

		if (json_object_set_new(o, rcd_foreign_name((enum rcd_foreign_table)t),
		                        json_pack("{s:I s:I s:I s:I s:I}", "read", c->read, "added",
		                                  c->added, "known", c->known, "bad", c->bad, "cut",
		                                  c->cut)) != 0)
			b.bad = true;
	}
	rcd_json_text(o, &b);
	rcd_buf_ch(&b, '\n');
	return rcd_cli_print(cli, &b);
}

static void print_text(bool dry_run, const struct rcd_import_count *count)
{
	for (int t = 0; t < RCD_FOREIGN_TABLES; t++) {
		const struct rcd_import_count *c = &count[t];

		printf("%-14s %" PRId64 " read, %" PRId64 " %s, %" PRId64 " known already, %" PRId64 " bad",
		       rcd_foreign_name((enum rcd_foreign_table)t), c->read, c->added,
		       dry_run ? "to add" : "added", c->known, c->bad);
		if (c->cut > 0)
			printf(", %" PRId64 " shortened", c->cut);
		printf("\n");
	}
}

static int run_import(const struct rcd_cli *cli, const struct rcd_conf *conf, const char *url,
                      bool dry_run)
{
	const struct rcd_import how = {.tenant = RCD_TENANT,
	                               .dry_run = dry_run,
	                               .bad = print_bad,
	                               .progress = isatty(STDERR_FILENO) ? print_progress : NULL};
	const struct rcd_db_conf dc = {.url = conf->database_url, .readers = 1};
	struct rcd_import_count count[RCD_FOREIGN_TABLES] = {{0}};
	struct rcd_foreign *from = NULL;
	struct rcd_db *db = NULL;
	struct rcd_err err;
	int status = RCD_EXIT_OK;

	if (rcd_foreign_open(&from, url, &err) != 0 || rcd_db_open(&db, &dc, &err) != 0 ||
	    rcd_import_history(db, from, &how, count, &err) != 0)
		status = rcd_cli_fail(cli, "%s", err.msg);
	rcd_db_close(db);
	rcd_foreign_close(from);
	if (status != RCD_EXIT_OK && count[RCD_FOREIGN_USERS].read == 0)
		return status; /* nothing was begun */
	for (int t = 0; t < RCD_FOREIGN_TABLES; t++)
		if (count[t].bad > 0)
			status = RCD_EXIT_FAILED;
	if (!cli->json)
		print_text(dry_run, count);
	else if (print_json(cli, dry_run, count) != RCD_EXIT_OK)
		status = RCD_EXIT_FAILED;
	return status;
}

int rcd_cmd_import(struct rcd_cli *cli, int argc, char **argv)
{
	static const struct option opts[] = {{"dry-run", no_argument, NULL, 'n'}, RCD_CLI_LONG};
	struct rcd_conf *conf;
	bool dry_run = false;
	int c, status;

	while ((c = getopt_long(argc, argv, RCD_CLI_SHORT "n", opts, NULL)) != -1) {
		if (c == 'n')
			dry_run = true;
		else if (!rcd_cli_opt(cli, c))
			return RCD_EXIT_USAGE;
	}
	if (argc - optind != 1) {
		fputs("recado import-history: one URL or file is needed\n", stderr);
		return RCD_EXIT_USAGE;
	}
	conf = rcd_cli_conf(cli);
	if (conf == NULL)
		return RCD_EXIT_CONF;
	status = run_import(cli, conf, argv[optind], dry_run);
	rcd_conf_free(conf);
	return status;
}
