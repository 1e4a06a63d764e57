/* A tool that the operator declares: one request to the host that stands in its url. */

#include "base/clock.h"
#include "base/limits.h"
#include "base/shape.h"
#include "net/guard.h"
#include "tools/asker.h"
#include "tools/path.h"
#include "tools/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 5000
#define MAX_TIMEOUT_MS 20000
#define RESULT_BYTES 4096
#define MAX_DESCRIPTION 1000

struct rcd_tool_http {
	const char *url; /* with {placeholders}; borrowed from the configuration */
	struct rcd_origin origin;
	bool get;
	int timeout_ms;
	size_t max;      /* bytes of an answer */
	char header[80]; /* "Authorization: Bearer " */
	struct rcd_secret secret;
};

/* --- the declaration ---------------------------------------------------------------------- */

/* Who the contact is comes from the job; an argument that says it would be the model's word. */
static const char *const identities[] = {"contact",   "contact_id", "customer",  "customer_id",
                                         "tenant",    "tenant_id",  "phone",     "phone_number",
                                         "telephone", "telefone",   "celular",   "whatsapp",
                                         "to",        "from",       "recipient", "sender",
                                         "msisdn",    NULL};

static const char *const known[] = {"name",   "description", "method",     "url",        "schema",
                                    "secret", "header",      "timeout_ms", "result_max", NULL};

static bool among(const char *const *words, const char *word)
{
	while (*words != NULL && strcasecmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

static int bad(const struct rcd_tool *tool, struct rcd_err *err, const char *what)
{
	return rcd_fail(err, RCD_INVAL, 0, "tools.http: %.60s: %.100s", tool->name, what);
}

static int read_name(struct rcd_tool *tool, const json_t *group, struct rcd_err *err)
{
	struct rcd_sv name = rcd_json_sv(group, "name");

	if (name.n == 0 || name.n >= sizeof(tool->name))
		return rcd_fail(err, RCD_INVAL, 0, "tools.http: a name must have 1 to %zu bytes",
		                sizeof(tool->name) - 1);
	for (size_t i = 0; i < name.n; i++)
		if ((name.p[i] < 'a' || name.p[i] > 'z') && (name.p[i] < '0' || name.p[i] > '9') &&
		    name.p[i] != '_')
			return rcd_fail(err, RCD_INVAL, 0, "tools.http: a name is made of a-z, 0-9 and \"_\"");
	memcpy(tool->name, name.p, name.n);
	return 0;
}

static int names_nobody(const struct rcd_tool *tool, const json_t *shape, struct rcd_err *err)
{
	const char *name;
	json_t *v;

	json_object_foreach (json_object_get(shape, "properties"), name, v) {
		if (among(identities, name))
			return bad(tool, err, "an argument must not say who the contact is");
		if (names_nobody(tool, v, err) != 0)
			return -1;
	}
	v = json_object_get(shape, "items");
	return v != NULL ? names_nobody(tool, v, err) : 0;
}

static int read_shape(struct rcd_tool *tool, const json_t *group, struct rcd_err *err)
{
	struct rcd_sv text = rcd_json_sv(group, "schema");
	struct rcd_err why = {0};

	if (text.n == 0)
		text = RCD_SV("{\"type\":\"object\",\"properties\":{}}");
	if (rcd_json_parse(text, RCD_MAX_CALL_ARGS, &tool->shape, &why) != 0 ||
	    rcd_shape_valid(tool->shape, &why) != 0)
		return why.code == RCD_NOMEM ? rcd_fail_nomem(err) : bad(tool, err, why.msg);
	if (!rcd_sv_is(rcd_json_sv(tool->shape, "type"), "object"))
		return bad(tool, err, "schema must be of type object");
	return names_nobody(tool, tool->shape, err);
}

/* The next {name} in *rest, which then stands behind it; before: what came first. */
static bool placeholder(struct rcd_sv *rest, struct rcd_sv *before, struct rcd_sv *name)
{
	const char *open = rest->n > 0 ? memchr(rest->p, '{', rest->n) : NULL;
	const char *close = open != NULL ? memchr(open, '}', rest->n - (size_t)(open - rest->p)) : NULL;

	if (close == NULL)
		return false;
	*before = (struct rcd_sv){rest->p, (size_t)(open - rest->p)};
	*name = (struct rcd_sv){open + 1, (size_t)(close - open) - 1};
	*rest = rcd_sv_skip(*rest, (size_t)(close - rest->p) + 1);
	return true;
}

static const json_t *property(const struct rcd_tool *tool, struct rcd_sv name)
{
	const json_t *all = json_object_get(tool->shape, "properties");
	char text[80];

	if (name.n == 0 || name.n >= sizeof(text))
		return NULL;
	(void)snprintf(text, sizeof(text), "%.*s", RCD_SV_ARG(name));
	return json_object_get(all, text);
}

static int read_url(struct rcd_tool *tool, const json_t *group, struct rcd_err *err)
{
	const char *url = json_string_value(json_object_get(group, "url"));
	struct rcd_sv rest = rcd_sv(url), before, name;
	const char *host = url != NULL ? strstr(url, "://") : NULL;
	const char *path = host != NULL ? strpbrk(host + 3, "/?#{") : NULL;
	struct rcd_err why = {0};
	char base[RCD_MAX_URL];

	if (path == NULL || *path != '/' || strlen(url) > 1000 || strchr(url, '#') != NULL)
		return bad(tool, err, "url must be https://host/… with its placeholders behind the host");
	(void)snprintf(base, sizeof(base), "%.*s", (int)(path - url), url);
	if (rcd_base_url_check(base, &why) != 0 ||
	    rcd_origin_parse(base, &tool->http->origin, &why) != 0)
		return bad(tool, err, why.msg);
	while (placeholder(&rest, &before, &name)) {
		struct rcd_sv type = rcd_json_sv(property(tool, name), "type");

		if (!rcd_sv_is(type, "string") && !rcd_sv_is(type, "integer"))
			return bad(tool, err, "a placeholder that is no string or integer of the schema");
	}
	if (rest.n > 0 && (memchr(rest.p, '{', rest.n) != NULL || memchr(rest.p, '}', rest.n) != NULL))
		return bad(tool, err, "url has a brace that belongs to no placeholder");
	tool->http->url = url;
	return 0;
}

static int read_secret(struct rcd_tool *tool, const json_t *group,
                       const struct rcd_tools_conf *conf, struct rcd_err *err)
{
	const char *dir[2] = {conf->credentials_dir, conf->secrets_dir};
	struct rcd_sv name = rcd_json_sv(group, "secret"), header = rcd_json_sv(group, "header");
	struct rcd_tool_http *h = tool->http;
	char path[1200];

	if (header.n >= sizeof(h->header) || (header.n > 0 && memchr(header.p, ':', header.n) == NULL))
		return bad(tool, err, "header must be \"Name: \" and what stands before the secret");
	(void)snprintf(h->header, sizeof(h->header), "%.*s",
	               RCD_SV_ARG(header.n > 0 ? header : RCD_SV("Authorization: Bearer ")));
	if (name.n == 0)
		return 0;
	if (memchr(name.p, '/', name.n) != NULL || name.p[0] == '.' || name.n > 80)
		return bad(tool, err, "secret is the name of a file in secrets_dir");
	for (size_t i = 0; i < 2; i++) {
		if (dir[i] == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%.1000s/%.*s", dir[i], RCD_SV_ARG(name));
		if (rcd_secret_read(&h->secret, path, err) == 0)
			return rcd_secret_set(&h->secret) ? 0 : bad(tool, err, "its secret is empty");
		if (err == NULL || err->code != RCD_NOENT)
			return -1;
	}
	return bad(tool, err, "its secret is not in secrets_dir");
}

static int read_number(const struct rcd_tool *tool, const json_t *group, const char *name, int most,
                       int *out, struct rcd_err *err)
{
	const json_t *v = json_object_get(group, name);

	if (v == NULL)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < 1 || json_integer_value(v) > most)
		return bad(tool, err, "timeout_ms or result_max is out of range");
	*out = (int)json_integer_value(v);
	return 0;
}

int rcd_tool_http_open(struct rcd_tool *tool, const json_t *group,
                       const struct rcd_tools_conf *conf, struct rcd_err *err)
{
	struct rcd_sv method = rcd_json_sv(group, "method"), told = rcd_json_sv(group, "description");
	int max = RESULT_BYTES;
	const char *name;
	json_t *v;

	tool->http = calloc(1, sizeof(*tool->http));
	if (tool->http == NULL)
		return rcd_fail_nomem(err);
	tool->http->timeout_ms = TIMEOUT_MS;
	if (read_name(tool, group, err) != 0)
		return -1;
	json_object_foreach ((json_t *)(uintptr_t)group, name, v)
		if (!among(known, name))
			return bad(tool, err, "a member that is not known");
	if (method.n > 0 && !rcd_sv_is(method, "GET") && !rcd_sv_is(method, "POST"))
		return bad(tool, err, "method must be GET or POST");
	if (told.n == 0 || told.n > MAX_DESCRIPTION)
		return bad(tool, err,
		           "description must tell the model what it is for, in at most 1000 bytes");
	tool->asks = tool->http->get = rcd_sv_is(method, "GET");
	tool->description = told.p;
	if (read_shape(tool, group, err) != 0 || read_url(tool, group, err) != 0 ||
	    read_secret(tool, group, conf, err) != 0 ||
	    read_number(tool, group, "timeout_ms", MAX_TIMEOUT_MS, &tool->http->timeout_ms, err) != 0 ||
	    read_number(tool, group, "result_max", RCD_TOOL_RESULT - 256, &max, err) != 0)
		return -1;
	tool->http->max = (size_t)max;
	return 0;
}

struct rcd_tool_http *rcd_tool_http_close(struct rcd_tool_http *h)
{
	if (h != NULL)
		rcd_secret_wipe(&h->secret);
	free(h);
	return NULL;
}

/* --- the request -------------------------------------------------------------------------- */

static void encoded(struct rcd_sv v, struct rcd_buf *out)
{
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		             c == '-' || c == '_' || c == '.' || c == '~';

		if (plain)
			rcd_buf_ch(out, v.p[i]);
		else
			rcd_buf_fmt(out, "%%%02X", c);
	}
}

static void encoded_value(const json_t *v, struct rcd_buf *out)
{
	if (json_is_string(v)) {
		encoded((struct rcd_sv){json_string_value(v), json_string_length(v)}, out);
	} else if (v != NULL) {
		struct rcd_buf text;

		rcd_buf_init(&text, RCD_MAX_URL);
		rcd_json_canonical(v, &text);
		encoded(rcd_buf_view(&text), out);
		out->bad = out->bad || text.bad;
		rcd_buf_free(&text);
	}
}

static bool in_url(const struct rcd_tool_http *h, const char *name)
{
	struct rcd_sv rest = rcd_sv(h->url), before, one;

	while (placeholder(&rest, &before, &one))
		if (rcd_sv_is(one, name))
			return true;
	return false;
}

/* Values side by side may make up what none of them is: dots. */
static bool climbs(const struct rcd_buf *url)
{
	const char *path = strchr(strstr(url->p, "://") + 3, '/');
	struct rcd_sv rest = rcd_sv(path), part;

	rest.n = strcspn(path, "?");
	while (rcd_sv_cut(&rest, '/', &part))
		if (rcd_tool_is_dots(part))
			return true;
	return false;
}

static bool fills_place(const json_t *v)
{
	return json_is_integer(v) ||
	       (json_is_string(v) &&
	        rcd_tool_fills_place((struct rcd_sv){json_string_value(v), json_string_length(v)}));
}

static int make_url(const struct rcd_tool_run *r, struct rcd_buf *out, struct rcd_err *err)
{
	const struct rcd_tool_http *h = r->tool->http;
	struct rcd_sv rest = rcd_sv(h->url), before, name;
	struct rcd_origin origin;
	const char *key;
	char sep = strchr(h->url, '?') != NULL ? '&' : '?', text[80];
	json_t *v;

	while (placeholder(&rest, &before, &name)) {
		(void)snprintf(text, sizeof(text), "%.*s", RCD_SV_ARG(name));
		if (!fills_place(json_object_get(r->args, text)))
			return rcd_fail(err, RCD_DENIED, 0,
			                "%s: must be there, not blank, and have no slash or control"
			                " character: ask the customer for it",
			                text);
		rcd_buf_sv(out, before);
		encoded_value(json_object_get(r->args, text), out);
	}
	rcd_buf_sv(out, rest);
	json_object_foreach ((json_t *)(uintptr_t)r->args, key, v) {
		if (!h->get || in_url(h, key))
			continue;
		rcd_buf_fmt(out, "%c%s=", sep, key);
		encoded_value(v, out);
		sep = '&';
	}
	if (out->bad)
		return out->over ? rcd_fail(err, RCD_LIMIT, 0, "the arguments are too long")
		                 : rcd_fail_nomem(err);
	if (rcd_origin_parse(out->p, &origin, err) != 0 || !rcd_origin_same(&origin, &h->origin) ||
	    climbs(out))
		return rcd_fail(err, RCD_DENIED, 0, "the arguments lead elsewhere");
	return 0;
}

/* {"status": 200, "body": …}: what is JSON stays JSON. */
static int tell(struct rcd_tool_run *r, const struct rcd_http_res *res, struct rcd_err *err)
{
	struct rcd_sv body = rcd_buf_view(&res->body);
	json_t *v = NULL;

	if (rcd_json_parse(body, RCD_MAX_JSON, &v, NULL) != 0)
		v = rcd_json_str(body);
	rcd_json_text(json_pack("{s:i, s:o}", "status", res->status, "body", v), r->result);
	if (!r->result->bad)
		return 0;
	return r->result->over ? rcd_fail(err, RCD_LIMIT, 0, "a longer answer than it may have")
	                       : rcd_fail_nomem(err);
}

static int exchange(struct rcd_tool_run *r, const char *url, struct rcd_sv body,
                    struct rcd_err *err)
{
	const struct rcd_tool_http *h = r->tool->http;
	const struct rcd_turn_env *env = r->turn->env;
	int64_t by = rcd_deadline_in(h->timeout_ms);
	struct rcd_tool_asker who = {.contact = ""};
	struct rcd_http_req req = {.method = h->get ? "GET" : "POST",
	                           .url = url,
	                           .headers = who.header,
	                           .body = h->get ? rcd_sv(NULL) : body,
	                           .body_type = h->get ? NULL : "application/json",
	                           .max_body = h->max,
	                           .deadline = by < r->deadline ? by : r->deadline};
	struct rcd_http_res res = {0};
	int ret;

	rcd_tool_asker(r->turn, strcmp(h->origin.scheme, "https") == 0, &who);
	if (rcd_secret_set(&h->secret)) {
		req.key_header = h->header;
		req.key = &h->secret;
	}
	ret = rcd_http_do(env->http, &req, &res, err);
	r->harmless = ret != 0 && !res.sent;
	if (ret == 0)
		ret = tell(r, &res, err);
	rcd_http_res_free(&res);
	return ret;
}

int rcd_tool_http_run(struct rcd_tool_run *r, struct rcd_err *err)
{
	struct rcd_buf url, body;
	int ret;

	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&body, 2 * RCD_MAX_CALL_ARGS);
	rcd_json_canonical(r->args, &body);
	r->harmless = true;
	ret = make_url(r, &url, err);
	if (ret == 0 && body.bad)
		ret = rcd_fail_nomem(err);
	if (ret == 0)
		ret = exchange(r, url.p, rcd_buf_view(&body), err);
	rcd_buf_free(&url);
	rcd_buf_free(&body);
	return ret;
}
