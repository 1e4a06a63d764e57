#include "daemon/setting.h"

#include "daemon/turn_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LIST 64
#define MAX_ROUTE 200

const char *const rcd_reply_name[2] = {"rest", "twiml"};

/* No message here ever holds the value: a key may have been pasted into the wrong place. */
int rcd_setting_must_be(const struct rcd_option *o, struct rcd_err *err)
{
	char allowed[RCD_ALLOWED_N];

	return rcd_fail(err, RCD_INVAL, 0, "must be %s%s%s", rcd_option_allowed(o, allowed),
	                o->unit != NULL ? ", in " : "", o->unit != NULL ? o->unit : "");
}

int rcd_setting_int(const struct rcd_option *o, int64_t v, struct rcd_setting *s,
                    struct rcd_err *err)
{
	if (o->type == RCD_OPT_REAL)
		return rcd_setting_real(o, (double)v, s, err);
	if (o->type != RCD_OPT_INT || (double)v < o->min || (double)v > o->max)
		return rcd_setting_must_be(o, err);
	s->i = v;
	return 0;
}

int rcd_setting_real(const struct rcd_option *o, double v, struct rcd_setting *s,
                     struct rcd_err *err)
{
	/* written so that NaN fails too */
	if (o->type != RCD_OPT_REAL || !(v >= o->min && v <= o->max))
		return rcd_setting_must_be(o, err);
	s->r = v;
	return 0;
}

int rcd_setting_bool(const struct rcd_option *o, bool v, struct rcd_setting *s, struct rcd_err *err)
{
	if (o->type != RCD_OPT_BOOL)
		return rcd_setting_must_be(o, err);
	s->i = v;
	return 0;
}

static bool is_id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

static bool is_id(struct rcd_sv v)
{
	for (size_t i = 0; i < v.n; i++)
		if (!is_id_char(v.p[i]))
			return false;
	return true;
}

/* UTF-8 without control bytes; line ends and tabs where they make sense. */
static bool is_printable(struct rcd_sv v, bool lines)
{
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if ((c < 0x20 && !(lines && (c == '\n' || c == '\t'))) || c == 0x7f)
			return false;
	}
	return rcd_utf8_ok(v);
}

static int word_index(const struct rcd_option *o, struct rcd_sv v)
{
	for (int i = 0; o->words[i] != NULL; i++)
		if (rcd_sv_is(v, o->words[i]))
			return i;
	return -1;
}

static bool is_good_str(const struct rcd_option *o, struct rcd_sv v)
{
	if ((double)v.n < o->min || (double)v.n > o->max || !is_printable(v, o->type == RCD_OPT_TEXT))
		return false;
	switch (o->type) {
	case RCD_OPT_STR:
	case RCD_OPT_TEXT:
	case RCD_OPT_PATH:
	case RCD_OPT_URL:
		return true;
	case RCD_OPT_ID:
		return is_id(v);
	case RCD_OPT_WORD:
	case RCD_OPT_ENUM:
		return word_index(o, v) >= 0;
	default:
		return false;
	}
}

int rcd_setting_str(const struct rcd_option *o, struct rcd_sv v, struct rcd_setting *s,
                    struct rcd_err *err)
{
	char *copy;

	if (!is_good_str(o, v))
		return rcd_setting_must_be(o, err);
	if (o->type == RCD_OPT_ENUM) {
		s->i = word_index(o, v);
		return 0;
	}
	copy = rcd_sv_dup(v);
	if (copy == NULL)
		return rcd_fail_nomem(err);
	free(s->str);
	s->str = copy;
	return 0;
}

static void free_list(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

int rcd_setting_list(const struct rcd_option *o, const struct rcd_sv *v, size_t n,
                     struct rcd_setting *s, struct rcd_err *err)
{
	char **list;

	if (o->type != RCD_OPT_LIST || n > MAX_LIST)
		return rcd_setting_must_be(o, err);
	for (size_t i = 0; i < n; i++)
		if ((double)v[i].n < o->min || (double)v[i].n > o->max || !is_printable(v[i], false))
			return rcd_setting_must_be(o, err);
	list = calloc(n + 1, sizeof(*list));
	for (size_t i = 0; list != NULL && i < n; i++) {
		list[i] = rcd_sv_dup(v[i]);
		if (list[i] == NULL) {
			free_list(list);
			list = NULL;
		}
	}
	if (list == NULL)
		return rcd_fail_nomem(err);
	free_list(s->list);
	s->list = list;
	return 0;
}

int rcd_setting_groups(const struct rcd_option *o, json_t *take, struct rcd_setting *s,
                       struct rcd_err *err)
{
	if (take == NULL)
		return rcd_fail_nomem(err);
	if (o->type != RCD_OPT_GROUPS || json_array_size(take) > MAX_LIST) {
		json_decref(take);
		return rcd_setting_must_be(o, err);
	}
	json_decref(s->groups);
	s->groups = take;
	return 0;
}

static void free_routes(struct rcd_route *r, size_t n)
{
	for (size_t i = 0; r != NULL && i < n; i++)
		free(r[i].path);
	free(r);
}

int rcd_route_check(const char *path, struct rcd_err *err)
{
	struct rcd_sv v = rcd_sv(path), part;

	if (v.n > MAX_ROUTE || !rcd_sv_starts(v, RCD_SV("/webhook/")))
		return rcd_fail(err, RCD_INVAL, 0,
		                "a path must begin with /webhook/ and have at most %d bytes", MAX_ROUTE);
	v = rcd_sv_skip(v, 1);
	while (rcd_sv_cut(&v, '/', &part))
		if (part.n == 0 || !is_id(part))
			return rcd_fail(err, RCD_INVAL, 0,
			                "a path may have letters, digits, \"-\" and \"_\" "
			                "between its slashes");
	return 0;
}

static int check_routes(const struct rcd_option *o, const struct rcd_route *v, size_t n,
                        struct rcd_err *err)
{
	if (o->type != RCD_OPT_ROUTES)
		return rcd_setting_must_be(o, err);
	if (n == 0 || n > RCD_MAX_ROUTES)
		return rcd_fail(err, RCD_INVAL, 0, "must have 1 to %d routes", RCD_MAX_ROUTES);
	for (size_t i = 0; i < n; i++) {
		if (rcd_route_check(v[i].path, err) != 0)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (rcd_sv_eq(rcd_sv(v[i].path), rcd_sv(v[j].path)))
				return rcd_fail(err, RCD_INVAL, 0, "names a path twice: %.100s", v[i].path);
	}
	return 0;
}

static void fill_ladders(struct rcd_route *r)
{
	struct rcd_ladder text, audio;

	rcd_ladder_default(rcd_sv(r->path), &text, &audio);
	if (r->text.n == 0)
		r->text = text;
	if (r->audio.n == 0)
		r->audio = audio;
}

/* Knowledge and apology need no naming: they stand below every ladder. */
int rcd_ladder_add(struct rcd_ladder *l, struct rcd_sv name, struct rcd_err *err)
{
	for (enum rcd_rung_id id = 0; id < RCD_N_RUNGS; id++) {
		if (!rcd_sv_is(name, rcd_rung_name[id]))
			continue;
		for (size_t i = 0; i < l->n; i++)
			if (l->rung[i] == id)
				return rcd_fail(err, RCD_INVAL, 0, "names the rung %s twice", rcd_rung_name[id]);
		l->rung[l->n++] = id;
		return 0;
	}
	return rcd_fail(err, RCD_INVAL, 0,
	                "a ladder is made of realtime, chat, assistant, knowledge and apology");
}

int rcd_setting_routes(const struct rcd_option *o, const struct rcd_route *v, size_t n,
                       struct rcd_setting *s, struct rcd_err *err)
{
	struct rcd_route *r;

	if (check_routes(o, v, n, err) != 0)
		return -1;
	r = calloc(n + 1, sizeof(*r));
	if (r == NULL)
		return rcd_fail_nomem(err);
	for (size_t i = 0; i < n; i++) {
		r[i] = v[i];
		if (r[i].text.n == 0 || r[i].audio.n == 0)
			fill_ladders(&r[i]);
		r[i].path = rcd_sv_dup(rcd_sv(v[i].path));
		if (r[i].path == NULL) {
			free_routes(r, i);
			return rcd_fail_nomem(err);
		}
	}
	free_routes(s->route, s->n_routes);
	s->route = r;
	s->n_routes = n;
	return 0;
}

/* --- from text ---------------------------------------------------------------------- */

static int real_text(const struct rcd_option *o, struct rcd_sv v, struct rcd_setting *s,
                     struct rcd_err *err)
{
	char text[40], *end;
	double d;

	if (v.n == 0 || v.n >= sizeof(text) || !((v.p[0] >= '0' && v.p[0] <= '9') || v.p[0] == '-'))
		return rcd_setting_must_be(o, err);
	memcpy(text, v.p, v.n);
	text[v.n] = '\0';
	d = strtod(text, &end);
	return *end == '\0' ? rcd_setting_real(o, d, s, err) : rcd_setting_must_be(o, err);
}

static int list_text(const struct rcd_option *o, struct rcd_sv v, struct rcd_setting *s,
                     struct rcd_err *err)
{
	struct rcd_sv item[MAX_LIST];
	size_t n = 0;

	while (v.n > 0 && n < MAX_LIST && rcd_sv_cut(&v, ',', &item[n]))
		n++;
	return v.n == 0 ? rcd_setting_list(o, item, n, s, err) : rcd_setting_must_be(o, err);
}

static int ladder_text(struct rcd_sv v, struct rcd_ladder *l, struct rcd_err *err)
{
	struct rcd_sv name;

	while (rcd_sv_cut(&v, '+', &name))
		if (rcd_ladder_add(l, name, err) != 0)
			return -1;
	return 0;
}

static int route_text(struct rcd_sv v, struct rcd_route *r, struct rcd_err *err)
{
	struct rcd_sv path, word = {NULL, 0};

	(void)rcd_sv_cut(&v, ':', &path);
	while (rcd_sv_cut(&v, ':', &word)) {
		if (rcd_sv_is(word, "twiml"))
			r->twiml = true;
		else if (rcd_sv_is(word, "deprecated"))
			r->deprecated = true;
		else if (rcd_sv_starts(word, RCD_SV("text="))) {
			if (ladder_text(rcd_sv_skip(word, 5), &r->text, err) != 0)
				return -1;
		} else if (rcd_sv_starts(word, RCD_SV("audio="))) {
			if (ladder_text(rcd_sv_skip(word, 6), &r->audio, err) != 0)
				return -1;
		} else if (!rcd_sv_is(word, "rest")) {
			return rcd_fail(err, RCD_INVAL, 0,
			                "a route is written path:rest or path:twiml, with "
			                ":deprecated, :text=RUNG+RUNG and :audio=RUNG+RUNG "
			                "behind it where wanted");
		}
	}
	if (word.p == NULL)
		return rcd_fail(err, RCD_INVAL, 0, "a route is written path:rest or path:twiml");
	r->path = rcd_sv_dup(path);
	return r->path != NULL ? 0 : rcd_fail_nomem(err);
}

static int routes_text(const struct rcd_option *o, struct rcd_sv v, struct rcd_setting *s,
                       struct rcd_err *err)
{
	struct rcd_route r[RCD_MAX_ROUTES + 1] = {0};
	struct rcd_sv item;
	size_t n = 0;
	int ret = 0;

	while (ret == 0 && n <= RCD_MAX_ROUTES && rcd_sv_cut(&v, ',', &item)) {
		ret = route_text(item, &r[n], err);
		n += ret == 0;
	}
	if (ret == 0)
		ret = rcd_setting_routes(o, r, n, s, err);
	for (size_t i = 0; i < n; i++)
		free(r[i].path);
	return ret;
}

int rcd_setting_text(const struct rcd_option *o, struct rcd_sv text, struct rcd_setting *s,
                     struct rcd_err *err)
{
	int64_t i;

	switch (o->type) {
	case RCD_OPT_INT:
		if (rcd_parse_i64(text, INT64_MIN, INT64_MAX, &i) != 0)
			return rcd_setting_must_be(o, err);
		return rcd_setting_int(o, i, s, err);
	case RCD_OPT_REAL:
		return real_text(o, text, s, err);
	case RCD_OPT_BOOL:
		if (!rcd_sv_is(text, "true") && !rcd_sv_is(text, "false"))
			return rcd_setting_must_be(o, err);
		return rcd_setting_bool(o, text.n == 4, s, err);
	case RCD_OPT_LIST:
		return list_text(o, text, s, err);
	case RCD_OPT_GROUPS: /* in the file alone; as a text there are none */
		return text.n == 0 ? rcd_setting_groups(o, json_array(), s, err)
		                   : rcd_setting_must_be(o, err);
	case RCD_OPT_ROUTES:
		return routes_text(o, text, s, err);
	default:
		return rcd_setting_str(o, text, s, err);
	}
}

int rcd_setting_where(struct rcd_setting *s, const char *where, struct rcd_err *err)
{
	char *copy = where != NULL ? strdup(where) : NULL;

	if (where != NULL && copy == NULL)
		return rcd_fail_nomem(err);
	free(s->where);
	s->where = copy;
	return 0;
}

void rcd_setting_free(struct rcd_setting *s)
{
	free(s->where);
	free(s->str);
	free_list(s->list);
	free_routes(s->route, s->n_routes);
	json_decref(s->groups);
	*s = (struct rcd_setting){0};
}
