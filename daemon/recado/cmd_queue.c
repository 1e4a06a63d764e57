/* What could not be done: recado queue list, retry, drop. */

#include "daemon/recado/cmd.h"

#include "base/clock.h"
#include "base/json.h"
#include "daemon/tenant.h"
#include "store/dead.h"
#include "store/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MOST 1000

static json_t *make_letter_json(const struct rcd_dead *d)
{
	return json_pack("{s:I s:s s:I s:I s:I s:i s:s s:o}", "id", (json_int_t)d->id, "kind", d->kind,
	                 "turn", (json_int_t)d->turn_id, "died_ms", (json_int_t)d->died_ms, "retry_ms",
	                 (json_int_t)d->retry_ms, "code", d->code, "why", d->why, "sender",
	                 rcd_json_str(rcd_sv(d->sender)));
}

static int make_list_json(const struct rcd_cli *cli, const struct rcd_stats *s,
                          const struct rcd_dead *row, size_t n)
{
	json_t *all = json_array();
	struct rcd_buf b;

	rcd_buf_init(&b, 4 << 20);
	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(all, make_letter_json(&row[i])) != 0)
			b.bad = true;
	rcd_json_text(json_pack("{s:I s:I s:I s:o}", "waiting", (json_int_t)s->jobs_waiting, "running",
	                        (json_int_t)s->jobs_running, "oldest_waiting_ms",
	                        (json_int_t)s->oldest_waiting_ms, "dead", all),
	              &b);
	rcd_buf_ch(&b, '\n');
	return rcd_cli_print(cli, &b);
}

static int list_text(const struct rcd_cli *cli, const struct rcd_stats *s,
                     const struct rcd_dead *row, size_t n)
{
	char at[RCD_TIME_TEXT];
	struct rcd_buf b;

	rcd_buf_init(&b, 4 << 20);
	rcd_buf_fmt(&b, "%" PRId64 " waiting, %" PRId64 " running, %zu dead letters\n", s->jobs_waiting,
	            s->jobs_running, n);
	for (size_t i = 0; i < n; i++) {
		rcd_time_text(row[i].died_ms, at);
		rcd_buf_fmt(&b, "%" PRId64 "  %s  %-4s  %s  %s", row[i].id, at, row[i].kind, row[i].sender,
		            row[i].why);
		if (row[i].code != 0)
			rcd_buf_fmt(&b, " (%d)", row[i].code);
		if (row[i].retry_ms > 0) {
			rcd_time_text(row[i].retry_ms, at);
			rcd_buf_fmt(&b, "; again at %s", at);
		}
		rcd_buf_ch(&b, '\n');
	}
	return rcd_cli_show(cli, &b);
}

static int list_jobs(const struct rcd_cli *cli, struct rcd_db *db)
{
	struct rcd_dead *row = NULL;
	struct rcd_stats s;
	struct rcd_err err;
	size_t n = 0;
	int status = RCD_EXIT_OK;

	if (rcd_stats(db, RCD_TENANT, &s, &err) != 0 ||
	    rcd_dead_list(db, RCD_TENANT, MOST, &row, &n, &err) != 0)
		return rcd_cli_fail(cli, "%s", err.msg);
	if (cli->json)
		status = make_list_json(cli, &s, row, n);
	else
		status = list_text(cli, &s, row, n);
	rcd_dead_rows_free(row, n);
	return status;
}

static int change_job(const struct rcd_cli *cli, struct rcd_db *db, const char *verb,
                      const char *text)
{
	bool retry = rcd_sv_is(rcd_sv(verb), "retry");
	struct rcd_err err;
	int64_t id;

	if (rcd_parse_i64(rcd_sv(text), 1, INT64_MAX, &id) != 0)
		return rcd_cli_fail(
			cli, "\"%s\" is not the number of a dead letter; `recado queue list` shows them", text);
	if ((retry ? rcd_dead_retry(db, RCD_TENANT, id, &err)
	           : rcd_dead_drop(db, RCD_TENANT, id, &err)) != 0)
		return rcd_cli_fail(cli, "%s", err.msg);
	if (cli->json)
		printf("{\"id\":%" PRId64 ",\"done\":\"%s\"}\n", id, verb);
	else
		printf(retry ? "%" PRId64 " is taken up again within 5 s\n" : "%" PRId64 " is dropped\n",
		       id);
	return RCD_EXIT_OK;
}

static bool has_arguments(const char *verb, const char *id)
{
	if (strcmp(verb, "list") == 0)
		return id == NULL;
	return (strcmp(verb, "retry") == 0 || strcmp(verb, "drop") == 0) && id != NULL;
}

int rcd_cmd_queue(struct rcd_cli *cli, int argc, char **argv)
{
	const char *verb, *id = NULL;
	struct rcd_db *db = NULL;
	struct rcd_conf *conf;
	int status;

	if (!rcd_cli_args(cli, argc, argv, 0, 2))
		return RCD_EXIT_USAGE;
	verb = optind < argc ? argv[optind] : "list";
	id = optind + 1 < argc ? argv[optind + 1] : NULL;
	if (!has_arguments(verb, id)) {
		(void)rcd_cli_fail(cli, "say list, retry ID or drop ID");
		return RCD_EXIT_USAGE;
	}
	status = rcd_cli_store(cli, &conf, &db);
	if (status != RCD_EXIT_OK)
		return status;
	status = id == NULL ? list_jobs(cli, db) : change_job(cli, db, verb, id);
	rcd_db_close(db);
	rcd_conf_free(conf);
	return status;
}
