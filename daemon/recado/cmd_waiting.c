/* Who waits for a person: recado waiting list, done. */

#include "daemon/recado/cmd.h"

#include "base/clock.h"
#include "base/json.h"
#include "daemon/tenant.h"
#include "store/owner.h"
#include "store/request.h"

#include <inttypes.h>
#include <stdio.h>

#define MOST 1000
#define SHOWN_BYTES 80 /* of the customer's last words */

static json_t *make_reasons_json(int64_t reasons)
{
	json_t *all = json_array();

	for (int i = 0; i < RCD_N_WAITS; i++)
		if (reasons >> i & 1)
			(void)json_array_append_new(all, json_string(rcd_waits_name(i)));
	return all;
}

static json_t *make_request_json(const struct rcd_request *r)
{
	return json_pack("{s:I s:s s:o s:o s:o s:I s:I s:I s:s s:o}", "id", (json_int_t)r->id,
	                 "channel", r->channel, "who", rcd_json_str(rcd_sv(r->sender)), "reasons",
	                 make_reasons_json(r->reasons), "detail", rcd_json_str(rcd_sv(r->detail)),
	                 "since_ms", (json_int_t)r->since_ms, "last_ms", (json_int_t)r->last_ms,
	                 "times", (json_int_t)r->times, "owner", rcd_owner_name[r->owner], "words",
	                 rcd_json_str(rcd_sv(r->words)));
}

static int make_list_json(const struct rcd_cli *cli, const struct rcd_request *row, size_t n)
{
	json_t *all = json_array();
	struct rcd_buf b;

	rcd_buf_init(&b, 16 << 20);
	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(all, make_request_json(&row[i])) != 0)
			b.bad = true;
	rcd_json_text(json_pack("{s:o}", "waiting", all), &b);
	rcd_buf_ch(&b, '\n');
	return rcd_cli_print(cli, &b);
}

/* The first line of what they wrote last. */
static struct rcd_sv get_last_words(const struct rcd_request *r)
{
	struct rcd_sv rest = rcd_sv(r->words), line;

	(void)rcd_sv_cut(&rest, '\n', &line);
	line.n = rcd_utf8_cut(line, SHOWN_BYTES);
	return line;
}

static void add_request(struct rcd_buf *b, const struct rcd_request *r)
{
	char at[RCD_TIME_TEXT];

	rcd_time_text(r->since_ms, at);
	rcd_buf_fmt(b, "%" PRId64 "  %s  %s  ", r->id, at, r->sender);
	rcd_waits_names(r->reasons, b);
	if (r->times > 1)
		rcd_buf_fmt(b, " (%" PRId64 " times)", r->times);
	if (r->owner == RCD_OWNER_PERSON)
		rcd_buf_str(b, ", a person answers");
	if (r->detail[0] != '\0')
		rcd_buf_fmt(b, ": %s", r->detail);
	if (r->words[0] != '\0')
		rcd_buf_fmt(b, "  \"%.*s\"", RCD_SV_ARG(get_last_words(r)));
	rcd_buf_ch(b, '\n');
}

static int list_text(const struct rcd_cli *cli, const struct rcd_request *row, size_t n)
{
	struct rcd_buf b;

	rcd_buf_init(&b, 4 << 20);
	rcd_buf_fmt(&b, "%zu waiting for a person\n", n);
	for (size_t i = 0; i < n; i++)
		add_request(&b, &row[i]);
	return rcd_cli_show(cli, &b);
}

static int list_waiting(const struct rcd_cli *cli, struct rcd_db *db)
{
	struct rcd_request *row = NULL;
	struct rcd_err err;
	size_t n = 0;
	int status;

	if (rcd_request_list(db, RCD_TENANT, MOST, &row, &n, &err) != 0)
		return rcd_cli_fail(cli, "%s", err.msg);
	status = cli->json ? make_list_json(cli, row, n) : list_text(cli, row, n);
	rcd_request_rows_free(row, n);
	return status;
}

static int close_request(const struct rcd_cli *cli, struct rcd_db *db, const char *text)
{
	struct rcd_err err;
	int64_t id;

	if (rcd_parse_i64(rcd_sv(text), 1, INT64_MAX, &id) != 0)
		return rcd_cli_fail(cli,
		                    "\"%s\" is not the number of a request; `recado waiting` shows them",
		                    text);
	if (rcd_request_done(db, RCD_TENANT, id, &err) != 0)
		return rcd_cli_fail(cli, "%s", err.msg);
	if (cli->json)
		printf("{\"id\":%" PRId64 ",\"done\":true}\n", id);
	else
		printf("%" PRId64 " is done\n", id);
	return RCD_EXIT_OK;
}

int rcd_cmd_waiting(struct rcd_cli *cli, int argc, char **argv)
{
	struct rcd_db *db = NULL;
	struct rcd_conf *conf;
	const char *verb, *id;
	bool done;
	int status;

	if (!rcd_cli_args(cli, argc, argv, 0, 2))
		return RCD_EXIT_USAGE;
	verb = optind < argc ? argv[optind] : "list";
	id = optind + 1 < argc ? argv[optind + 1] : NULL;
	done = rcd_sv_is(rcd_sv(verb), "done");
	if ((!done && !rcd_sv_is(rcd_sv(verb), "list")) || done != (id != NULL)) {
		(void)rcd_cli_fail(cli, "say list or done ID");
		return RCD_EXIT_USAGE;
	}
	status = rcd_cli_store(cli, &conf, &db);
	if (status != RCD_EXIT_OK)
		return status;
	status = done ? close_request(cli, db, id) : list_waiting(cli, db);
	rcd_db_close(db);
	rcd_conf_free(conf);
	return status;
}
