/* The small commands that look and change nothing. */

#include "daemon/recado/cmd.h"

#include "base/clock.h"
#include "base/json.h"
#include "daemon/tenant.h"
#include "store/db.h"
#include "store/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int rcd_cmd_version(struct rcd_cli *cli, int argc, char **argv)
{
	if (!rcd_cli_args(cli, argc, argv, 0, 0))
		return RCD_EXIT_USAGE;
	printf(cli->json ? "{\"version\":\"%s\"}\n" : "recado %s\n", RCD_VERSION);
	return RCD_EXIT_OK;
}

/* --- conf ------------------------------------------------------------------------------- */

static int print_conf(const struct rcd_cli *cli, const struct rcd_conf *conf)
{
	struct rcd_buf b;

	rcd_buf_init(&b, 1 << 20);
	rcd_conf_print(conf, &b);
	return rcd_cli_print(cli, &b);
}

/* The paths of the instance. The store is a path, or a URL without its password. */
static int print_conf_json(const struct rcd_cli *cli, const struct rcd_conf *conf)
{
	struct rcd_buf b;
	struct rcd_err err;
	char *store = rcd_db_shown(conf->database_url, &err);

	rcd_buf_init(&b, 1 << 16);
	rcd_json_text(json_pack("{s:s? s:s s:s? s:s s:s s:s s:s s:s}", "file", conf->file, "state_dir",
	                        conf->state_dir, "store", store, "audio_dir", conf->audio_dir,
	                        "persona_dir", conf->persona_dir, "knowledge_dir", conf->knowledge_dir,
	                        "socket", conf->socket, "public_url", conf->public_url),
	              &b);
	rcd_buf_ch(&b, '\n');
	free(store);
	return rcd_cli_print(cli, &b);
}

int rcd_cmd_conf(struct rcd_cli *cli, int argc, char **argv)
{
	struct rcd_conf *conf;
	int status;

	if (!rcd_cli_args(cli, argc, argv, 0, 0))
		return RCD_EXIT_USAGE;
	conf = rcd_cli_conf(cli);
	if (conf == NULL)
		return RCD_EXIT_CONF;
	status = cli->json ? print_conf_json(cli, conf) : print_conf(cli, conf);
	rcd_conf_free(conf);
	return status;
}

/* --- stats ------------------------------------------------------------------------------ */

struct stat_row {
	const char *name, *label;
	int64_t value;
};

static void print_stats(const struct stat_row *row, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%-24s %" PRId64 "\n", row[i].label, row[i].value);
}

static int print_stats_json(const struct rcd_cli *cli, const struct stat_row *row, size_t n)
{
	json_t *o = json_object();
	struct rcd_buf b;

	rcd_buf_init(&b, 1 << 16);
	for (size_t i = 0; i < n; i++)
		if (json_object_set_new(o, row[i].name, json_integer(row[i].value)) != 0)
			b.bad = true;
	rcd_json_text(o, &b);
	rcd_buf_ch(&b, '\n');
	return rcd_cli_print(cli, &b);
}

int rcd_cmd_stats(struct rcd_cli *cli, int argc, char **argv)
{
	struct rcd_stats s;
	struct rcd_conf *conf;
	struct rcd_db *db;
	struct rcd_err err;
	int status;

	if (!rcd_cli_args(cli, argc, argv, 0, 0))
		return RCD_EXIT_USAGE;
	status = rcd_cli_store(cli, &conf, &db);
	if (status != RCD_EXIT_OK)
		return status;
	if (rcd_stats(db, RCD_TENANT, &s, &err) != 0)
		status = rcd_cli_fail(cli, "%s", err.msg);
	rcd_db_close(db);
	rcd_conf_free(conf);
	if (status != RCD_EXIT_OK)
		return status;
	const struct stat_row rows[] = {
		{"total_users", "users", s.total_users},
		{"total_conversations", "conversations", s.total_conversations},
		{"audio_conversations", "  by voice", s.audio_conversations},
		{"text_conversations", "  by text", s.text_conversations},
		{"messages_received", "messages received", s.messages_received},
		{"messages_sent", "messages sent", s.messages_sent},
		{"messages_rejected", "  rejected", s.messages_rejected},
		{"whatsapp_messages_today", "WhatsApp messages today", s.whatsapp.messages},
		{"whatsapp_model_calls_today", "  model calls", s.whatsapp.model_calls},
		{"sms_messages_today", "SMS messages today", s.sms.messages},
		{"sms_model_calls_today", "  model calls", s.sms.model_calls},
		{"jobs_waiting", "jobs waiting", s.jobs_waiting},
		{"jobs_running", "jobs running", s.jobs_running},
		{"oldest_waiting_ms", "oldest waits for (ms)", s.oldest_waiting_ms},
		{"ahead_abandoned", "model calls abandoned", s.ahead_abandoned},
		{"ahead_tokens", "  their tokens, about", s.ahead_tokens},
	};
	const size_t n = sizeof(rows) / sizeof(*rows);

	if (cli->json)
		return print_stats_json(cli, rows, n);
	print_stats(rows, n);
	return RCD_EXIT_OK;
}
