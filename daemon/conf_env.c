#include "daemon/conf_parts.h"

#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What comes from the environment and from files of secrets. An empty variable counts as
 * none; where a variable and a file disagree, the variable wins. */

#define TOO_OPEN 0137 /* any of these bits is beyond 0640 */

static const char *read_variable(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

void rcd_load_env(struct rcd_load *l)
{
	for (size_t i = 0; i < rcd_n_options; i++) {
		const struct rcd_option *o = &rcd_options[i];
		const char *v = o->env != NULL ? read_variable(o->env) : NULL;
		struct rcd_err err = {0};
		char where[64];

		if (v == NULL)
			continue;
		(void)snprintf(where, sizeof(where), "$%s", o->env);
		rcd_load_done(l, i, where, rcd_setting_text(o, rcd_sv(v), &l->own->set[i], &err), &err);
	}
	if (read_variable("ASSISTANT_ID") != NULL)
		rcd_load_warn(l, "$ASSISTANT_ID",
		              "has no effect: OpenAI shut the Assistants API down on 2026-08-26; "
		              "openai.assistant_model and persona_dir replace it");
}

static struct rcd_secret *format_place(struct rcd_load *l, size_t i)
{
	return (struct rcd_secret *)(void *)((char *)l->conf + rcd_secrets[i].at);
}

/* White space alone is no secret: the service is installed with empty files to be filled. */
static void report_done(struct rcd_load *l, size_t i, const char *from)
{
	if (!rcd_secret_set(format_place(l, i)))
		return;
	l->own->secret_from[i] = strdup(from);
	if (l->own->secret_from[i] == NULL)
		rcd_load_error(l, from, "out of memory");
}

static bool from_env(struct rcd_load *l, size_t i)
{
	const char *v = read_variable(rcd_secrets[i].env);
	struct rcd_err err = {0};
	char from[64];

	if (v == NULL)
		return false;
	(void)snprintf(from, sizeof(from), "$%s", rcd_secrets[i].env);
	if (rcd_secret_put(format_place(l, i), rcd_sv(v), &err) != 0)
		rcd_load_error(l, from, "%s", err.msg);
	else
		report_done(l, i, from);
	return true;
}

static void warn_mode(struct rcd_load *l, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & TOO_OPEN) != 0)
		rcd_load_warn(l, path, "mode %04o lets others at a secret: chmod 0640",
		              (unsigned)(st.st_mode & 07777));
}

/* True when there was such a file, good or bad. */
static bool from_file(struct rcd_load *l, size_t i, const char *dir)
{
	struct rcd_err err = {0};
	char *path = NULL;
	bool found = true;

	if (asprintf(&path, "%s/%s", dir, rcd_secrets[i].name) < 0) {
		rcd_load_error(l, NULL, "out of memory");
		return true;
	}
	if (rcd_secret_read(format_place(l, i), path, &err) == 0) {
		warn_mode(l, path);
		report_done(l, i, path);
	} else if (err.code == RCD_NOENT) {
		found = false;
	} else {
		rcd_load_error(l, rcd_secrets[i].name, "%s", err.msg);
	}
	free(path);
	return found;
}

void rcd_load_secrets(struct rcd_load *l)
{
	const char *credentials = read_variable("CREDENTIALS_DIRECTORY");
	const char *dir = rcd_load_get(l, "secrets_dir")->str;

	for (size_t i = 0; i < RCD_N_SECRETS; i++)
		if (!from_env(l, i) && !(credentials != NULL && from_file(l, i, credentials)))
			(void)from_file(l, i, dir);
}

/* unsetenv only forgets the place; /proc/PID/environ would still show it. */
static void scrub_value(const char *name)
{
	char *v = getenv(name);

	if (v != NULL)
		rcd_wipe(v, strlen(v));
	(void)unsetenv(name);
}

void rcd_conf_scrub_env(void)
{
	for (size_t i = 0; i < RCD_N_SECRETS; i++)
		scrub_value(rcd_secrets[i].env);
	scrub_value("DATABASE_URL"); /* may hold a password */
}
