#include "daemon/conf_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The configuration as text: the effective one, and the commented default file. */

#define WIDTH 92
#define DEPTH_MAX 4

static void put_text(struct rcd_buf *out, const char *s)
{
	rcd_buf_ch(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			rcd_buf_ch(out, '\\');
		if (*s == '\n')
			rcd_buf_str(out, "\\n");
		else if (*s == '\t')
			rcd_buf_str(out, "\\t");
		else
			rcd_buf_ch(out, *s);
	}
	rcd_buf_ch(out, '"');
}

/* The fewest digits that read back as the same number, with a point in it. */
static void put_real(struct rcd_buf *out, double v)
{
	char text[40];

	(void)snprintf(text, sizeof(text), "%.15g", v);
	rcd_buf_fmt(out, "%s%s", text, strpbrk(text, ".e") != NULL ? "" : ".0");
}

static void put_list(struct rcd_buf *out, char *const *list)
{
	rcd_buf_str(out, "[");
	for (size_t i = 0; list[i] != NULL; i++) {
		rcd_buf_str(out, i == 0 ? " " : ", ");
		put_text(out, list[i]);
	}
	rcd_buf_str(out, list[0] != NULL ? " ]" : "]");
}

static void put_ladder(struct rcd_buf *out, const struct rcd_ladder *l)
{
	rcd_buf_str(out, "[");
	for (size_t i = 0; i < l->n; i++)
		rcd_buf_fmt(out, "%s\"%s\"", i == 0 ? " " : ", ", rcd_rung_name[l->rung[i]]);
	rcd_buf_str(out, " ]");
}

static void put_member(struct rcd_buf *out, const json_t *v)
{
	if (json_is_string(v))
		put_text(out, json_string_value(v));
	else
		rcd_json_canonical(v, out);
}

static void put_groups(struct rcd_buf *out, const json_t *groups, const char *mark)
{
	const char *name;
	json_t *group, *v;
	size_t i;

	rcd_buf_str(out, "(");
	json_array_foreach (groups, i, group) {
		rcd_buf_fmt(out, "%s\n%s\t{ ", i > 0 ? "," : "", mark);
		json_object_foreach (group, name, v) {
			rcd_buf_fmt(out, "%s = ", name);
			put_member(out, v);
			rcd_buf_str(out, "; ");
		}
		rcd_buf_str(out, "}");
	}
	rcd_buf_str(out, json_array_size(groups) > 0 ? "\n" : "");
	rcd_buf_fmt(out, "%s)", json_array_size(groups) > 0 ? mark : "");
}

static void put_routes(struct rcd_buf *out, const struct rcd_setting *s, const char *mark)
{
	rcd_buf_str(out, "(\n");
	for (size_t i = 0; i < s->n_routes; i++) {
		rcd_buf_fmt(out, "%s\t{ path = ", mark);
		put_text(out, s->route[i].path);
		rcd_buf_fmt(out, "; reply = \"%s\";%s\n%s\t  text = ", rcd_reply_name[s->route[i].twiml],
		            s->route[i].deprecated ? " deprecated = true;" : "", mark);
		put_ladder(out, &s->route[i].text);
		rcd_buf_str(out, "; audio = ");
		put_ladder(out, &s->route[i].audio);
		rcd_buf_fmt(out, "; }%s\n", i + 1 < s->n_routes ? "," : "");
	}
	rcd_buf_fmt(out, "%s)", mark);
}

/* A server's URL without its password. */
static void put_str(struct rcd_buf *out, const struct rcd_option *o, const char *v)
{
	bool server = strcmp(o->name, "database_url") == 0 &&
	              rcd_sv_starts(rcd_sv(v), RCD_SV("postgres"));
	char *shown = server ? rcd_db_shown(v, RCD_UNREAD_ERR) : NULL;

	if (shown == NULL && server)
		put_text(out, "postgresql://");
	else
		put_text(out, server ? shown : v);
	free(shown);
}

static void put_value(struct rcd_buf *out, const struct rcd_option *o, const struct rcd_setting *s,
                      const char *mark)
{
	switch (o->type) {
	case RCD_OPT_INT:
		rcd_buf_fmt(out, "%lld", (long long)s->i);
		break;
	case RCD_OPT_REAL:
		put_real(out, s->r);
		break;
	case RCD_OPT_BOOL:
		rcd_buf_str(out, s->i != 0 ? "true" : "false");
		break;
	case RCD_OPT_ENUM:
		put_text(out, o->words[s->i]);
		break;
	case RCD_OPT_LIST:
		put_list(out, s->list);
		break;
	case RCD_OPT_GROUPS:
		put_groups(out, s->groups, mark);
		break;
	case RCD_OPT_ROUTES:
		put_routes(out, s, mark);
		break;
	default:
		put_str(out, o, s->str);
		break;
	}
}

/* --- groups ------------------------------------------------------------------------- */

struct groups {
	struct rcd_sv open[DEPTH_MAX];
	size_t n;
	struct rcd_buf *out;
};

static void print_indent(const struct groups *g)
{
	for (size_t i = 0; i < g->n; i++)
		rcd_buf_ch(g->out, '\t');
}

static void close_groups(struct groups *g, size_t depth)
{
	while (g->n > depth) {
		g->n--;
		print_indent(g);
		rcd_buf_str(g->out, "};\n");
	}
}

/* Closes and opens what is needed for name; gives its last part. */
static const char *enter_group(struct groups *g, const char *name)
{
	struct rcd_sv part[DEPTH_MAX + 1], rest = rcd_sv(name);
	size_t n = 0, same = 0;

	while (n <= DEPTH_MAX && rcd_sv_cut(&rest, '.', &part[n]))
		n++;
	while (same < g->n && same + 1 < n && rcd_sv_eq(part[same], g->open[same]))
		same++;
	close_groups(g, same);
	for (; g->n + 1 < n; g->n++) {
		rcd_buf_str(g->out, g->n == 0 ? "\n" : "");
		print_indent(g);
		rcd_buf_fmt(g->out, "%.*s: {\n", RCD_SV_ARG(part[g->n]));
		g->open[g->n] = part[g->n];
	}
	return part[n - 1].p;
}

/* A comment after indent tabs, broken at spaces. */
static void print_comment(const struct groups *g, struct rcd_sv text)
{
	size_t width = WIDTH - 8 * g->n;

	while (text.n > 0) {
		size_t n = text.n <= width ? text.n : width;

		while (n < text.n && n > 1 && text.p[n] != ' ')
			n--;
		print_indent(g);
		rcd_buf_fmt(g->out, "# %.*s\n", (int)n, text.p);
		text = rcd_sv_trim(rcd_sv_skip(text, n));
	}
}

/* --- the effective configuration ---------------------------------------------------- */

/* Where a value is from goes into a comment: nothing in it may end the line. */
static void put_where(struct rcd_buf *out, const char *where)
{
	rcd_buf_str(out, " # ");
	for (where = where != NULL ? where : "default"; *where != '\0'; where++)
		rcd_buf_ch(out, (unsigned char)*where < 0x20 || *where == 0x7f ? '?' : *where);
	rcd_buf_ch(out, '\n');
}

void rcd_conf_print(const struct rcd_conf *conf, struct rcd_buf *out)
{
	const struct rcd_conf_own *own = conf->own;
	struct groups g = {.out = out};

	for (size_t i = 0; i < rcd_n_options; i++) {
		const char *leaf = enter_group(&g, rcd_options[i].name);

		print_indent(&g);
		rcd_buf_fmt(out, "%s = ", leaf);
		put_value(out, &rcd_options[i], &own->set[i], "");
		rcd_buf_ch(out, ';');
		put_where(out, own->set[i].where);
	}
	close_groups(&g, 0);
	rcd_buf_ch(out, '\n');
	for (size_t i = 0; i < RCD_N_SECRETS; i++) {
		rcd_buf_fmt(out, "# %s: %s", rcd_secrets[i].name,
		            own->secret_from[i] != NULL ? "set," : "not set\n");
		if (own->secret_from[i] != NULL)
			put_where(out, own->secret_from[i]);
	}
}

/* --- the default file --------------------------------------------------------------- */

static const char preamble[] =
	"# Recado's configuration, see recado.conf(5). Every setting stands here with its default,\n"
	"# commented out: remove the # before a line to change it. `recadod -t` checks the file,\n"
	"# `recadod -T` prints what is in effect and where each value comes from.\n"
	"#\n"
	"# A path without a slash at its beginning is taken from this file's folder; $state_dir and\n"
	"# $run_dir stand for those settings. An environment variable named below wins over the file.\n"
	"# Keys and tokens never stand here: they are files in secrets_dir or variables.\n\n";

/* What is allowed, where the help does not say it anyway, and the variable. */
static void print_allowed(const struct groups *g, const struct rcd_option *o)
{
	bool plain = o->type == RCD_OPT_PATH || o->type == RCD_OPT_STR || o->type == RCD_OPT_TEXT;
	char text[RCD_ALLOWED_N], line[RCD_ALLOWED_N + 100];

	if (!plain) {
		(void)rcd_option_allowed(o, text);
		(void)snprintf(line, sizeof(line), "%c%s%s%s.", toupper((unsigned char)text[0]), text + 1,
		               o->unit != NULL ? ", in " : "", o->unit != NULL ? o->unit : "");
		print_comment(g, rcd_sv(line));
	}
	if (o->env != NULL) {
		(void)snprintf(line, sizeof(line), "Variable: %s.", o->env);
		print_comment(g, rcd_sv(line));
	}
}

void rcd_conf_defaults(struct rcd_buf *out)
{
	struct groups g = {.out = out};

	rcd_buf_str(out, preamble);
	for (size_t i = 0; i < rcd_n_options; i++) {
		const struct rcd_option *o = &rcd_options[i];
		struct rcd_setting s = {0};
		char mark[DEPTH_MAX + 2] = "\t\t\t\t";
		const char *leaf;

		if (rcd_setting_text(o, rcd_sv(o->def), &s, RCD_UNREAD_ERR) != 0) {
			(void)rcd_buf_room(out, SIZE_MAX); /* no memory: marks it bad */
			return;
		}
		leaf = enter_group(&g, o->name);
		if (i > 0 && o->type != RCD_OPT_TEXT && !rcd_sv_ends(rcd_buf_view(out), RCD_SV("{\n")))
			rcd_buf_ch(out, '\n');
		print_comment(&g, rcd_sv(o->help));
		print_allowed(&g, o);
		(void)snprintf(mark + g.n, sizeof(mark) - g.n, "#");
		rcd_buf_fmt(out, "%s%s = ", mark, leaf);
		put_value(out, o, &s, mark);
		rcd_buf_str(out, ";\n");
		rcd_setting_free(&s);
	}
	close_groups(&g, 0);
}
