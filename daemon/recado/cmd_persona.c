/* Who answers, as the model reads it: recado persona show | list | diff | test. */

#include "daemon/recado/cmd.h"

#include "base/clock.h"
#include "daemon/recado/contact_named.h"
#include "daemon/recado/lines.h"
#include "daemon/recado/persona_look.h"
#include "daemon/tenant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call {
	struct rcd_cli *cli;
	struct rcd_conf *conf;
	struct rcd_db *db;
	struct rcd_sv name;
	char **arg;
	int n;
};

/* --- show -------------------------------------------------------------------------------- */

static int show_current(struct call *c)
{
	struct rcd_persona_look look;
	struct rcd_err err = {0};
	int status = RCD_EXIT_OK;
	struct rcd_buf b;

	rcd_buf_init(&b, RCD_MAX_JSON);
	if (rcd_persona_look(&c->conf->turn, c->conf->persona_dir, &look, &err) != 0) {
		status = rcd_cli_fail(c->cli, "%s", err.msg);
	} else if (c->cli->json) {
		rcd_json_text(rcd_persona_json(&look), &b);
		rcd_buf_ch(&b, '\n');
		status = rcd_cli_print(c->cli, &b);
	} else {
		rcd_persona_print(&look);
		printf("\n%.*s", (int)look.told.n, look.told.p);
	}
	rcd_persona_look_done(&look);
	return status;
}

/* --- the versions ------------------------------------------------------------------------ */

static int list_versions(struct call *c)
{
	struct rcd_persona_version *row = NULL;
	struct rcd_err err = {0};
	size_t n = 0;

	if (rcd_persona_list(c->db, RCD_TENANT, c->name, &row, &n, &err) != 0)
		return rcd_cli_fail(c->cli, "%s", err.msg);
	for (size_t i = 0; i < n; i++) {
		char when[RCD_TIME_TEXT];

		rcd_time_text(row[i].imported_ms, when);
		printf("%.*s  %s  %7zu bytes  %lld answers\n", RCD_PERSONA_SHORT, row[i].hash, when,
		       strlen(row[i].text), (long long)row[i].turns);
	}
	rcd_persona_rows_free(row, n);
	return RCD_EXIT_OK;
}

/* The text of the version with this hash prefix; NULL when none or several match. */
static const char *find_version(const struct rcd_persona_version *row, size_t n, const char *hash)
{
	const char *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (rcd_sv_starts(rcd_sv(row[i].hash), rcd_sv(hash))) {
			if (found != NULL)
				return NULL;
			found = row[i].text;
		}
	return found;
}

/* The newest version against the files, one against them, or two against each other. */
static int diff_versions(struct call *c)
{
	struct rcd_persona_version *row = NULL;
	struct rcd_buf files;
	struct rcd_err err = {0};
	const char *a, *b;
	int status = RCD_EXIT_OK;
	size_t n = 0;

	rcd_buf_init(&files, RCD_MAX_PROMPT);
	if (rcd_persona_list(c->db, RCD_TENANT, c->name, &row, &n, &err) != 0 ||
	    rcd_persona_read(c->conf->persona_dir, &files, NULL, &err) != 0) {
		rcd_buf_free(&files);
		rcd_persona_rows_free(row, n);
		return rcd_cli_fail(c->cli, "%s", err.msg);
	}
	a = n > 0 ? row[0].text : "";
	b = files.p != NULL ? files.p : "";
	if (c->n > 0)
		a = find_version(row, n, c->arg[0]);
	if (c->n > 1)
		b = find_version(row, n, c->arg[1]);
	if (a == NULL || b == NULL)
		status =
			rcd_cli_fail(c->cli,
		                 "%s: not the beginning of exactly one version; see recado persona list",
		                 c->arg[a == NULL ? 0 : 1]);
	else if (rcd_lines_diff(rcd_sv(a), rcd_sv(b), stdout, &err) != 0)
		status = rcd_cli_fail(c->cli, "%s", err.msg);
	rcd_buf_free(&files);
	rcd_persona_rows_free(row, n);
	return status;
}

/* --- the whole prompt -------------------------------------------------------------------- */

static size_t print_tools(const json_t *offer)
{
	struct rcd_buf b;
	size_t n;

	if (json_array_size(offer) == 0)
		return 0;
	rcd_buf_init(&b, RCD_MAX_JSON);
	rcd_json_text(json_deep_copy(offer), &b);
	n = b.n;
	printf("--- tools, %zu bytes, ~%zu tokens\n%.*s\n", n, rcd_tokens(n),
	       RCD_SV_ARG(rcd_buf_view(&b)));
	rcd_buf_free(&b);
	return n;
}

static void print_prompt(const json_t *prompt, const json_t *offer)
{
	const json_t *m;
	size_t i, all = 0;

	json_array_foreach (prompt, i, m) {
		const struct rcd_sv role = rcd_json_sv(m, "role"), text = rcd_json_sv(m, "content");

		all += text.n;
		printf("--- %.*s, %zu bytes, ~%zu tokens\n", RCD_SV_ARG(role), text.n, rcd_tokens(text.n));
		rcd_cli_put(text, false);
		putchar('\n');
	}
	all += print_tools(offer);
	printf("---\n");
	rcd_persona_print_size(all, "in all");
}

/* What a contact's next message, or a stranger's first, would be answered from. */
static int test_contact(struct call *c)
{
	const struct rcd_turn_env env = {.conf = &c->conf->turn,
	                                 .openai = &c->conf->openai,
	                                 .db = c->db};
	struct rcd_job job = {.tenant = RCD_TENANT, .key = "whatsapp:"};
	struct rcd_tools *tools = NULL;
	json_t *prompt = NULL;
	struct rcd_err err = {0};
	struct rcd_buf b;
	int status = RCD_EXIT_OK;

	if ((c->n > 0 && rcd_contact_named(c->db, RCD_TENANT, c->arg[0], &job.contact_id, &err) != 0) ||
	    rcd_tools_open(&tools, &c->conf->tools, &err) != 0 ||
	    rcd_turn_prompt(&env, &job, RCD_SV("Olá!"), &prompt, &err) != 0) {
		status = rcd_cli_fail(c->cli, "%s", err.msg);
	} else if (c->cli->json) {
		rcd_buf_init(&b, RCD_MAX_JSON);
		rcd_json_text(json_pack("{s:O, s:o}", "messages", prompt, "tools",
		                        json_deep_copy(rcd_tools_schemas(tools))),
		              &b);
		rcd_buf_ch(&b, '\n');
		status = rcd_cli_print(c->cli, &b);
	} else {
		print_prompt(prompt, rcd_tools_schemas(tools));
	}
	json_decref(prompt);
	rcd_tools_close(tools);
	return status;
}

/* ----------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*run)(struct call *c);
	int most; /* arguments */
} verbs[] = {{"show", show_current, 0},
             {"list", list_versions, 0},
             {"diff", diff_versions, 2},
             {"test", test_contact, 1}};

int rcd_cmd_persona(struct rcd_cli *cli, int argc, char **argv)
{
	struct call c = {.cli = cli};
	int status;

	if (!rcd_cli_args(cli, argc, argv, 0, 3))
		return RCD_EXIT_USAGE;
	c.arg = argv + optind + 1;
	c.n = argc - optind - 1;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(argc > optind ? argv[optind] : "show", verbs[i].name) != 0 ||
		    c.n > verbs[i].most)
			continue;
		status = rcd_cli_store(cli, &c.conf, &c.db);
		if (status != RCD_EXIT_OK)
			return status;
		c.name = rcd_persona_name(c.conf->persona_dir);
		status = verbs[i].run(&c);
		rcd_db_close(c.db);
		rcd_conf_free(c.conf);
		return status;
	}
	rcd_cli_fail(cli, "usage: recado persona %s", cli->cmd->args);
	return RCD_EXIT_USAGE;
}
