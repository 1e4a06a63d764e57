#include "daemon/conf_parts.h"

#include "base/crypto.h"
#include "base/file.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Building a configuration: defaults, file, overrides, environment, secrets; then the whole is
 * checked (conf_check.c). Every step goes on after an error, so that all of them are told. */

#define WHERE_N 4200 /* a path, a colon, a line */
#define NAME_N 128

/* --- the file ----------------------------------------------------------------------- */

static const char *format_place(const struct rcd_load *l, unsigned line, char out[WHERE_N])
{
	(void)snprintf(out, WHERE_N, "%s:%u", l->conf->file, line);
	return out;
}

static struct rcd_sv text_of(const config_setting_t *s)
{
	return rcd_sv(config_setting_get_string(s)); /* absent when it is none */
}

static bool is_string(const config_setting_t *s)
{
	return config_setting_type(s) == CONFIG_TYPE_STRING;
}

static int put_list(const struct rcd_option *o, const config_setting_t *s, struct rcd_setting *to,
                    struct rcd_err *err)
{
	struct rcd_sv item[65]; /* one more than rcd_setting_list takes */
	int n = config_setting_length(s);

	if (n > 65)
		n = 65;
	for (int i = 0; i < n; i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned)i);

		item[i] = is_string(e) ? text_of(e) : (struct rcd_sv){NULL, 0};
	}
	return rcd_setting_list(o, item, (size_t)n, to, err);
}

static int put_ladder(const config_setting_t *s, struct rcd_ladder *l, struct rcd_err *err)
{
	if (!config_setting_is_list(s) && !config_setting_is_array(s))
		return rcd_fail(err, RCD_INVAL, 0, "a ladder must be a list: [ \"chat\", \"assistant\" ]");
	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned)i);

		if (rcd_ladder_add(l, is_string(e) ? text_of(e) : (struct rcd_sv){NULL, 0}, err) != 0)
			return -1;
	}
	return 0;
}

/* What a member of a route may be; known: its names. */
static const char *form_of(const char *name, const char *const *known)
{
	if (name == known[0])
		return "a text";
	return name == known[1] ? "\"rest\" or \"twiml\"" : "true or false";
}

static int put_route_part(const config_setting_t *s, struct rcd_route *r, struct rcd_err *err)
{
	static const char *const known[] = {"path", "reply", "deprecated", "text", "audio"};
	const char *name = config_setting_name(s);

	if (strcmp(name, "path") == 0 && is_string(s)) {
		r->path = (char *)(uintptr_t)config_setting_get_string(s); /* borrowed */
	} else if (strcmp(name, "reply") == 0 && is_string(s) &&
	           (rcd_sv_is(text_of(s), rcd_reply_name[0]) ||
	            rcd_sv_is(text_of(s), rcd_reply_name[1]))) {
		r->twiml = rcd_sv_is(text_of(s), rcd_reply_name[1]);
	} else if (strcmp(name, "deprecated") == 0 && config_setting_type(s) == CONFIG_TYPE_BOOL) {
		r->deprecated = config_setting_get_bool(s);
	} else if (strcmp(name, "text") == 0 || strcmp(name, "audio") == 0) {
		return put_ladder(s, name[0] == 't' ? &r->text : &r->audio, err);
	} else {
		const char *near = rcd_nearest_word(name, known, 5);

		if (strcmp(near, name) != 0)
			return rcd_fail(err, RCD_INVAL, 0, "does not know \"%.40s\" (nearest: \"%s\")", name,
			                near);
		return rcd_fail(err, RCD_INVAL, 0, "%s must be %s", near, form_of(near, known));
	}
	return 0;
}

static int put_route(const config_setting_t *s, struct rcd_route *r, struct rcd_err *err)
{
	*r = (struct rcd_route){0};
	if (config_setting_type(s) != CONFIG_TYPE_GROUP)
		return rcd_fail(err, RCD_INVAL, 0, "must be a list of groups, { path = \"…\"; }");
	for (int i = 0; i < config_setting_length(s); i++)
		if (put_route_part(config_setting_get_elem(s, (unsigned)i), r, err) != 0)
			return -1;
	if (r->path == NULL)
		return rcd_fail(err, RCD_INVAL, 0, "has a route without a path");
	return rcd_route_check(r->path, err);
}

/* Every bad route is told with its own line; the list as a whole is judged when all are good. */
static void put_routes(struct rcd_load *l, size_t at, const config_setting_t *s)
{
	struct rcd_route route[RCD_MAX_ROUTES + 1]; /* one more: too many, says rcd_setting_routes */
	int n = config_setting_length(s), bad = 0, rc;
	struct rcd_err err = {0};
	char where[WHERE_N];

	for (int i = 0; i < n && i <= RCD_MAX_ROUTES; i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned)i);

		if (put_route(e, &route[i], &err) != 0) {
			rcd_load_done(l, at, format_place(l, config_setting_source_line(e), where), -1, &err);
			bad++;
		}
	}
	if (bad > 0)
		return;
	if (n > RCD_MAX_ROUTES)
		n = RCD_MAX_ROUTES + 1;
	rc = rcd_setting_routes(&rcd_options[at], route, (size_t)n, &l->own->set[at], &err);
	rcd_load_done(l, at, format_place(l, config_setting_source_line(s), where), rc, &err);
}

static json_t *plain_value(const config_setting_t *s)
{
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return json_integer(config_setting_get_int64(s));
	case CONFIG_TYPE_BOOL:
		return json_boolean(config_setting_get_bool(s));
	case CONFIG_TYPE_STRING:
		return rcd_json_str(text_of(s));
	default:
		return NULL;
	}
}

static int put_groups(const struct rcd_option *o, const config_setting_t *s, struct rcd_setting *to,
                      struct rcd_err *err)
{
	json_t *groups = json_array(), *group;

	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned)i);

		if (json_array_append_new(groups, group = json_object()) != 0)
			break;
		for (int k = 0; config_setting_is_group(e) && k < config_setting_length(e); k++) {
			const config_setting_t *m = config_setting_get_elem(e, (unsigned)k);

			if (json_object_set_new(group, config_setting_name(m), plain_value(m)) == 0)
				continue;
			json_decref(groups);
			return rcd_fail(err, RCD_INVAL, 0, "%.40s must be a text or a whole number",
			                config_setting_name(m));
		}
	}
	return rcd_setting_groups(o, groups, to, err);
}

static int put_scalar(const struct rcd_option *o, const config_setting_t *s, struct rcd_setting *to,
                      struct rcd_err *err)
{
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return rcd_setting_int(o, config_setting_get_int64(s), to, err);
	case CONFIG_TYPE_FLOAT:
		return rcd_setting_real(o, config_setting_get_float(s), to, err);
	case CONFIG_TYPE_BOOL:
		return rcd_setting_bool(o, config_setting_get_bool(s) != 0, to, err);
	case CONFIG_TYPE_STRING:
		return rcd_setting_str(o, text_of(s), to, err);
	default:
		return rcd_setting_must_be(o, err);
	}
}

static void put_setting(struct rcd_load *l, size_t at, const config_setting_t *s, const char *where)
{
	const struct rcd_option *o = &rcd_options[at];
	struct rcd_err err = {0};
	int rc;

	if (o->type == RCD_OPT_ROUTES && config_setting_is_list(s)) {
		put_routes(l, at, s);
		return;
	}
	if (o->type == RCD_OPT_LIST && (config_setting_is_list(s) || config_setting_is_array(s)))
		rc = put_list(o, s, &l->own->set[at], &err);
	else if (o->type == RCD_OPT_GROUPS && config_setting_is_list(s))
		rc = put_groups(o, s, &l->own->set[at], &err);
	else
		rc = put_scalar(o, s, &l->own->set[at], &err);
	rcd_load_done(l, at, where, rc, &err);
}

static void report_unknown(struct rcd_load *l, const char *name, const char *where)
{
	const struct rcd_secret_option *secret = rcd_secret_find(name);

	if (secret != NULL)
		rcd_load_error(l, where,
		               "%.80s is a secret and does not belong into this file: put it into a file "
		               "%s in secrets_dir or into $%s",
		               name, secret->name, secret->env);
	else if (rcd_option_is_group(name))
		rcd_load_error(l, where, "%.80s is a group: %.80s: { … };", name, name);
	else
		rcd_load_error(l, where, "no setting is named %.80s (nearest: %s)", name,
		               rcd_option_nearest(name));
}

/* Only names of groups lead deeper: hostile nesting ends at the first unknown one. */
static void walk_group(struct rcd_load *l, const config_setting_t *group, const char *prefix)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		char name[NAME_N], where[WHERE_N];
		int at;

		(void)snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix != '\0' ? "." : "",
		               config_setting_name(s));
		(void)format_place(l, config_setting_source_line(s), where);
		at = rcd_option_find(name);
		if (at >= 0)
			put_setting(l, (size_t)at, s, where);
		else if (config_setting_is_group(s) && rcd_option_is_group(name))
			walk_group(l, s, name);
		else
			report_unknown(l, name, where);
	}
}

static void parse_text(struct rcd_load *l, struct rcd_sv text)
{
	struct rcd_err err = {0};
	char where[WHERE_N];
	config_t config;
	int line = 0;

	if (rcd_conf_scan(text, &line, &err) != 0) {
		rcd_load_error(l, format_place(l, (unsigned)line, where), "%s", err.msg);
		return;
	}
	config_init(&config);
	if (config_read_string(&config, text.p) == CONFIG_TRUE)
		walk_group(l, config_root_setting(&config), "");
	else
		rcd_load_error(l, format_place(l, (unsigned)config_error_line(&config), where), "%s",
		               config_error_text(&config));
	config_destroy(&config);
}

static void load_file(struct rcd_load *l)
{
	struct rcd_err err = {0};
	struct rcd_buf text;

	if (l->conf->file == NULL)
		return;
	rcd_buf_init(&text, RCD_MAX_CONF_FILE);
	rcd_buf_str(&text, "");
	if (rcd_file_read(l->conf->file, RCD_MAX_CONF_FILE, &text, &err) != 0)
		rcd_load_error(l, NULL, "%s", err.msg);
	else
		parse_text(l, rcd_buf_view(&text));
	/* somebody may have put a key into it */
	if (text.p != NULL)
		rcd_wipe(text.p, text.n);
	rcd_buf_free(&text);
}

/* --- defaults and overrides --------------------------------------------------------- */

static void load_defaults(struct rcd_load *l)
{
	struct rcd_err err = {0};

	for (size_t i = 0; i < rcd_n_options; i++)
		rcd_load_done(l, i, NULL,
		              rcd_setting_text(&rcd_options[i], rcd_sv(rcd_options[i].def), &l->own->set[i],
		                               &err),
		              &err);
}

/* "name=value", or "name?=value": only where the file says nothing. */
static void apply_override(struct rcd_load *l, const char *text)
{
	struct rcd_sv value = rcd_sv(text), left;
	bool soft, cut = rcd_sv_cut(&value, '=', &left) && value.p != NULL;
	struct rcd_err err = {0};
	char name[NAME_N];
	int at;

	soft = rcd_sv_ends(left, RCD_SV("?"));
	(void)snprintf(name, sizeof(name), "%.*s", (int)(left.n - soft), left.p);
	at = cut ? rcd_option_find(name) : -1;
	if (!cut)
		rcd_load_error(l, NULL, "an override is written name=value");
	else if (at < 0)
		report_unknown(l, name, "override");
	else if (!soft || l->own->set[at].where == NULL)
		rcd_load_done(l, (size_t)at, "override",
		              rcd_setting_text(&rcd_options[at], value, &l->own->set[at], &err), &err);
}

/* --- the whole ---------------------------------------------------------------------- */

/* The file's folder as it was written: "." for a bare name. */
static char *folder_of(const char *file)
{
	const char *slash = file != NULL ? strrchr(file, '/') : NULL;

	if (slash == NULL)
		return strdup(".");
	return rcd_sv_dup((struct rcd_sv){file, slash == file ? 1 : (size_t)(slash - file)});
}

static struct rcd_conf *new_conf(const char *file)
{
	struct rcd_conf *c = calloc(1, sizeof(*c));
	struct rcd_conf_own *own;

	if (c == NULL)
		return NULL;
	own = calloc(1, sizeof(*own) + rcd_n_options * sizeof(own->set[0]));
	c->own = own;
	c->dir = folder_of(file);
	c->file = file != NULL ? strdup(file) : NULL;
	if (own == NULL || c->dir == NULL || (file != NULL && c->file == NULL))
		return rcd_conf_free(c);
	return c;
}

int rcd_conf_load(struct rcd_conf **out, const char *file, const char *const *overrides,
                  rcd_conf_note_fn *fn, void *arg)
{
	struct rcd_load l = {new_conf(file), NULL, fn, arg, 0};

	if (l.conf == NULL) {
		rcd_load_error(&l, NULL, "out of memory");
		return -1;
	}
	l.own = l.conf->own;
	load_defaults(&l);
	if (l.errors > 0) /* no memory: there is nothing to judge by */
		goto out;
	load_file(&l);
	for (; overrides != NULL && *overrides != NULL; overrides++)
		apply_override(&l, *overrides);
	rcd_load_env(&l);
	rcd_conf_check(&l);
out:
	if (l.errors > 0) {
		l.conf = rcd_conf_free(l.conf);
		return -1;
	}
	rcd_conf_fill(&l);
	*out = l.conf;
	return 0;
}

struct rcd_conf *rcd_conf_free(struct rcd_conf *c)
{
	struct rcd_conf_own *own;

	if (c == NULL)
		return NULL;
	own = c->own;
	for (size_t i = 0; own != NULL && i < rcd_n_options; i++)
		rcd_setting_free(&own->set[i]);
	for (size_t i = 0; i < RCD_N_SECRETS; i++) {
		rcd_secret_wipe((struct rcd_secret *)(void *)((char *)c + rcd_secrets[i].at));
		if (own != NULL)
			free(own->secret_from[i]);
	}
	free(own);
	free(c->file);
	free(c->dir);
	free(c);
	return NULL;
}
