/* One contact: recado contact show | export | forget | optout | optin PHONE. */

#include "daemon/recado/cmd.h"

#include "base/clock.h"
#include "base/file.h"
#include "daemon/recado/contact_named.h"
#include "daemon/tenant.h"
#include "memory/memory.h"
#include "store/suppression.h"

#include <stdio.h>
#include <string.h>

#define FETCH_MS 60000 /* one file from an object store */

struct call {
	struct rcd_cli *cli;
	struct rcd_conf *conf;
	struct rcd_db *db;
	int64_t id;
	const char *folder;
	enum rcd_scope scope;
};

/* --- show -------------------------------------------------------------------------------- */

static size_t count_rows(const json_t *all, const char *section)
{
	return json_array_size(json_object_get(all, section));
}

static void add_card(struct rcd_buf *b, const json_t *card)
{
	static const char *const fields[] = {"name", "email", "notes"};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct rcd_sv rest = rcd_json_sv(card, fields[i]), line;

		while (rest.n > 0 && rcd_sv_cut(&rest, '\n', &line))
			rcd_buf_fmt(b, "%-11s %.*s\n", fields[i], RCD_SV_ARG(line));
	}
}

/* Prints the opt-outs of the contact, those in force and those taken back. */
static void add_wishes(struct rcd_buf *b, const json_t *all)
{
	const json_t *s;
	size_t i;

	json_array_foreach (json_object_get(all, "suppressions"), i, s) {
		const json_t *until = json_object_get(s, "until_ms");
		const struct rcd_sv scope = rcd_json_sv(s, "scope"), source = rcd_json_sv(s, "source"),
							reason = rcd_json_sv(s, "reason");
		char from[RCD_TIME_TEXT], to[RCD_TIME_TEXT] = "";

		rcd_time_text(json_integer_value(json_object_get(s, "since_ms")), from);
		if (json_is_integer(until))
			rcd_time_text(json_integer_value(until), to);
		rcd_buf_fmt(b, "%-11s %.*s from %s%s%s (%.*s: %.*s)\n",
		            rcd_sv_is(scope, "text") ? "wants" : "suppressed",
		            RCD_SV_ARG(rcd_sv_is(scope, "text") ? RCD_SV("voice notes") : scope), from,
		            to[0] != '\0' ? " to " : "", to, RCD_SV_ARG(source), RCD_SV_ARG(reason));
	}
}

static void add_known(struct rcd_buf *b, const json_t *all)
{
	const json_t *c = json_array_get(json_object_get(all, "contact"), 0), *f;
	const struct rcd_sv phone = rcd_json_sv(c, "phone"), first = rcd_json_sv(c, "first_name"),
						summary = rcd_json_sv(json_array_get(json_object_get(all, "summary"), 0),
	                                          "text");
	char since[RCD_TIME_TEXT], last[RCD_TIME_TEXT];
	size_t i;

	rcd_time_text(json_integer_value(json_object_get(c, "first_ms")), since);
	rcd_time_text(json_integer_value(json_object_get(c, "last_ms")), last);
	rcd_buf_fmt(b, "%.*s  %.*s\n", RCD_SV_ARG(phone), RCD_SV_ARG(first));
	rcd_buf_fmt(
		b, "from %s to %s: %zu messages, %zu conversations, %zu spoken answers, %zu attachments\n",
		since, last, count_rows(all, "messages"), count_rows(all, "conversations"),
		count_rows(all, "spoken"), count_rows(all, "attachments"));
	add_wishes(b, all);
	add_card(b, json_array_get(json_object_get(all, "card"), 0));
	json_array_foreach (json_object_get(all, "facts"), i, f) {
		const struct rcd_sv kind = rcd_json_sv(f, "kind"), value = rcd_json_sv(f, "value"),
							quote = rcd_json_sv(f, "quote");

		rcd_buf_fmt(b, "%-11.*s %.*s  (\"%.*s\")\n", RCD_SV_ARG(kind), RCD_SV_ARG(value),
		            RCD_SV_ARG(quote));
	}
	if (summary.n > 0)
		rcd_buf_fmt(b, "\n%.*s\n", RCD_SV_ARG(summary));
}

static int show_contact(struct call *c)
{
	json_t *all = NULL;
	struct rcd_err err = {0};
	struct rcd_buf b;

	if (rcd_contact_export(c->db, RCD_TENANT, c->id, &all, &err) != 0)
		return rcd_cli_fail(c->cli, "%s", err.msg);
	rcd_buf_init(&b, SIZE_MAX / 2);
	if (!c->cli->json) {
		add_known(&b, all);
		json_decref(all);
		return rcd_cli_show(c->cli, &b);
	}
	rcd_json_text(all, &b);
	rcd_buf_ch(&b, '\n');
	return rcd_cli_print(c->cli, &b);
}

/* --- the media ----------------------------------------------------------------------------- */

static int open_media(const struct call *c, struct rcd_http **http, struct rcd_blob_store *blobs,
                      struct rcd_err *err)
{
	if (rcd_http_open(http, err) != 0)
		return -1;
	rcd_blob_open(blobs, &c->conf->blobs, *http);
	return 0;
}

/* --- export ------------------------------------------------------------------------------ */

/* A missing file is no error: voice notes are deleted after some days. */
static int copy_file(const struct call *c, const struct rcd_blob_store *blobs, const char *to,
                     const char *prefix, const char *name, struct rcd_err *err)
{
	char key[RCD_BLOB_KEY], path[2200];
	const char *slash = strrchr(name, '/');
	struct rcd_buf bytes;
	int ret;

	(void)snprintf(key, sizeof(key), "%s%s", prefix, name);
	(void)snprintf(path, sizeof(path), "%s/%s/%s", c->folder, to, slash != NULL ? slash + 1 : name);
	rcd_buf_init(&bytes, RCD_MAX_MEDIA + 8192);
	ret = rcd_blob_read(blobs, key, rcd_deadline_in(FETCH_MS), &bytes, err);
	if (ret == 0)
		ret = rcd_file_write(path, rcd_buf_view(&bytes), 0600, err);
	else if (err->code == RCD_NOENT)
		ret = 0;
	rcd_buf_free(&bytes);
	return ret;
}

static int copy_all(const struct call *c, const struct rcd_blob_store *blobs, const json_t *all,
                    struct rcd_err *err)
{
	const json_t *f;
	size_t i;

	json_array_foreach (json_object_get(all, "spoken"), i, f) {
		const char *name = json_string_value(json_object_get(f, "name"));

		if (copy_file(c, blobs, "spoken", RCD_BLOB_AUDIO, name, err) != 0)
			return -1;
	}
	json_array_foreach (json_object_get(all, "attachments"), i, f) {
		const char *path = json_string_value(json_object_get(f, "path"));

		if (path != NULL && copy_file(c, blobs, "attachments", "", path, err) != 0)
			return -1;
	}
	return 0;
}

static int write_all(const struct call *c, json_t *all, struct rcd_err *err)
{
	char path[2200];
	struct rcd_buf b;
	int ret;

	rcd_buf_init(&b, SIZE_MAX / 2);
	rcd_json_text(json_incref(all), &b);
	(void)snprintf(path, sizeof(path), "%s/contact.json", c->folder);
	ret = b.bad ? rcd_fail_nomem(err) : rcd_file_write(path, rcd_buf_view(&b), 0600, err);
	rcd_buf_free(&b);
	return ret;
}

static int export_contact(struct call *c)
{
	struct rcd_blob_store blobs;
	struct rcd_http *http = NULL;
	json_t *all = NULL;
	struct rcd_err err = {0};
	int ret = rcd_contact_export(c->db, RCD_TENANT, c->id, &all, &err);

	if (ret == 0)
		ret = write_all(c, all, &err);
	if (ret == 0)
		ret = open_media(c, &http, &blobs, &err);
	if (ret == 0)
		ret = copy_all(c, &blobs, all, &err);
	rcd_http_close(http);
	json_decref(all);
	if (ret != 0)
		return rcd_cli_fail(c->cli, "%s", err.msg);
	printf("%s/contact.json and the files it names\n", c->folder);
	return RCD_EXIT_OK;
}

/* --- forget ------------------------------------------------------------------------------ */

static void print_note(void *arg, int64_t turn_id, const char *text)
{
	(void)turn_id;
	(void)rcd_cli_fail(arg, "%s", text);
}

static int forget_contact(struct call *c)
{
	const struct rcd_forget what = {.tenant = RCD_TENANT,
	                                .contact_id = c->id,
	                                .until_ms = rcd_now_ms()};
	struct rcd_memory_env env = {.openai = &c->conf->openai,
	                             .db = c->db,
	                             .note = print_note,
	                             .note_arg = c->cli};
	struct rcd_blob_store blobs;
	struct rcd_err err = {0};
	int ret = open_media(c, &env.http, &blobs, &err);

	if (ret == 0) {
		env.blobs = &blobs;
		ret = rcd_memory_forget(&env, &what, &err);
	}
	rcd_http_close(env.http);
	if (ret != 0)
		return rcd_cli_fail(c->cli, "%s", err.msg);
	puts("forgotten");
	return RCD_EXIT_OK;
}

/* --- optout, optin ------------------------------------------------------------------------ */

static int change_wish(struct call *c, bool on)
{
	const struct rcd_suppress in = {.tenant = RCD_TENANT,
	                                .contact_id = c->id,
	                                .scope = c->scope,
	                                .on = on,
	                                .source = RCD_BY_OPERATOR,
	                                .reason = "command"};
	struct rcd_suppressed now;
	struct rcd_err err = {0};

	if (rcd_suppression_set(c->db, NULL, &in, NULL, &err) != 0 ||
	    rcd_suppression_get(c->db, RCD_TENANT, c->id, false, &now, &err) != 0)
		return rcd_cli_fail(c->cli, "%s", err.msg);
	if (c->cli->json)
		printf("{\"scope\":\"%s\",\"suppressed\":%s}\n", rcd_scope_name[c->scope],
		       now.on[c->scope] ? "true" : "false");
	else
		printf("%s: %s\n", rcd_scope_name[c->scope],
		       now.on[c->scope] ? "suppressed" : "not suppressed");
	return RCD_EXIT_OK;
}

static int opt_out(struct call *c)
{
	return change_wish(c, true);
}

static int opt_in(struct call *c)
{
	return change_wish(c, false);
}

/* ----------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*run)(struct call *c);
	int args;
} verbs[] = {{"show", show_contact, 2},
             {"export", export_contact, 3},
             {"forget", forget_contact, 2},
             {"optout", opt_out, 2},
             {"optin", opt_in, 2}};

static int run_verb(struct call *c, int (*verb)(struct call *), const char *who)
{
	struct rcd_err err = {0};
	int status = rcd_cli_store(c->cli, &c->conf, &c->db);

	if (status != RCD_EXIT_OK)
		return status;
	status = rcd_contact_named(c->db, RCD_TENANT, who, &c->id, &err) == 0
	             ? verb(c)
	             : rcd_cli_fail(c->cli, "%s", err.msg);
	rcd_db_close(c->db);
	rcd_conf_free(c->conf);
	return status;
}

/* false: there is no such scope. */
static bool read_scope(struct call *c, const char *name)
{
	for (int i = 0; i < RCD_N_SCOPES; i++)
		if (strcmp(name, rcd_scope_name[i]) == 0) {
			c->scope = (enum rcd_scope)i;
			return true;
		}
	rcd_cli_fail(c->cli, "scope \"%s\" is none of all, marketing, audio, text", name);
	return false;
}

static bool read_options(struct call *c, int argc, char **argv)
{
	static const struct option opts[] = {{"scope", required_argument, NULL, 'S'}, RCD_CLI_LONG};
	int o;

	while ((o = getopt_long(argc, argv, RCD_CLI_SHORT, opts, NULL)) != -1)
		if (o == 'S' ? !read_scope(c, optarg) : !rcd_cli_opt(c->cli, o))
			return false;
	return true;
}

int rcd_cmd_contact(struct rcd_cli *cli, int argc, char **argv)
{
	struct call c = {.cli = cli, .scope = RCD_SCOPE_ALL};

	if (!read_options(&c, argc, argv) || !rcd_cli_args(cli, argc, argv, 2, 3))
		return RCD_EXIT_USAGE;
	c.folder = argv[optind + 2];
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(argv[optind], verbs[i].name) == 0 && argc - optind == verbs[i].args)
			return run_verb(&c, verbs[i].run, argv[optind + 1]);
	rcd_cli_fail(cli, "usage: recado contact %s", cli->cmd->args);
	return RCD_EXIT_USAGE;
}
