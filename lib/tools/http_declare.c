/* The declaration of a tool in the configuration: what is right in it, and what it comes to. */

#include "base/limits.h"
#include "base/shape.h"
#include "tools/http_tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 5000
#define MAX_TIMEOUT_MS 20000
#define RESULT_BYTES 4096
#define MAX_DESCRIPTION 1000

/* Who the contact is comes from the job; an argument that says it would be the model's word. */
static const char *const identities[] = {"contact",   "contact_id", "customer",  "customer_id",
                                         "tenant",    "tenant_id",  "phone",     "phone_number",
                                         "telephone", "telefone",   "celular",   "whatsapp",
                                         "to",        "from",       "recipient", "sender",
                                         "msisdn",    NULL};

static const char *const known[] = {"name",   "description", "method",     "url",        "schema",
                                    "secret", "header",      "timeout_ms", "result_max", NULL};

static bool is_among(const char *const *words, const char *word)
{
	while (*words != NULL && strcasecmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

static int fail_declared(const struct rcd_tool *tool, struct rcd_err *err, const char *what)
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

static int refuse_identities(const struct rcd_tool *tool, const json_t *shape, struct rcd_err *err)
{
	const char *name;
	json_t *v;

	json_object_foreach (json_object_get(shape, "properties"), name, v) {
		if (is_among(identities, name))
			return fail_declared(tool, err, "an argument must not say who the contact is");
		if (refuse_identities(tool, v, err) != 0)
			return -1;
	}
	v = json_object_get(shape, "items");
	return v != NULL ? refuse_identities(tool, v, err) : 0;
}

static int read_shape(struct rcd_tool *tool, const json_t *group, struct rcd_err *err)
{
	struct rcd_sv text = rcd_json_sv(group, "schema");
	struct rcd_err why = {0};

	if (text.n == 0)
		text = RCD_SV("{\"type\":\"object\",\"properties\":{}}");
	if (rcd_json_parse(text, RCD_MAX_CALL_ARGS, &tool->shape, &why) != 0 ||
	    rcd_shape_valid(tool->shape, &why) != 0)
		return why.code == RCD_NOMEM ? rcd_fail_nomem(err) : fail_declared(tool, err, why.msg);
	if (!rcd_sv_is(rcd_json_sv(tool->shape, "type"), "object"))
		return fail_declared(tool, err, "schema must be of type object");
	return refuse_identities(tool, tool->shape, err);
}

static const json_t *find_property(const struct rcd_tool *tool, struct rcd_sv name)
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
		return fail_declared(tool, err,
		                     "url must be https://host/… with its placeholders behind the host");
	(void)snprintf(base, sizeof(base), "%.*s", (int)(path - url), url);
	if (rcd_base_url_check(base, &why) != 0 ||
	    rcd_origin_parse(base, &tool->http->origin, &why) != 0)
		return fail_declared(tool, err, why.msg);
	while (rcd_tool_next_place(&rest, &before, &name)) {
		struct rcd_sv type = rcd_json_sv(find_property(tool, name), "type");

		if (!rcd_sv_is(type, "string") && !rcd_sv_is(type, "integer"))
			return fail_declared(tool, err,
			                     "a placeholder that is no string or integer of the schema");
	}
	if (rest.n > 0 && (memchr(rest.p, '{', rest.n) != NULL || memchr(rest.p, '}', rest.n) != NULL))
		return fail_declared(tool, err, "url has a brace that belongs to no placeholder");
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
		return fail_declared(tool, err,
		                     "header must be \"Name: \" and what stands before the secret");
	(void)snprintf(h->header, sizeof(h->header), "%.*s",
	               RCD_SV_ARG(header.n > 0 ? header : RCD_SV("Authorization: Bearer ")));
	if (name.n == 0)
		return 0;
	if (memchr(name.p, '/', name.n) != NULL || name.p[0] == '.' || name.n > 80)
		return fail_declared(tool, err, "secret is the name of a file in secrets_dir");
	for (size_t i = 0; i < 2; i++) {
		if (dir[i] == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%.1000s/%.*s", dir[i], RCD_SV_ARG(name));
		if (rcd_secret_read(&h->secret, path, err) == 0)
			return rcd_secret_set(&h->secret) ? 0 : fail_declared(tool, err, "its secret is empty");
		if (err->code != RCD_NOENT)
			return -1;
	}
	return fail_declared(tool, err, "its secret is not in secrets_dir");
}

static int read_number(const struct rcd_tool *tool, const json_t *group, const char *name, int most,
                       int *out, struct rcd_err *err)
{
	const json_t *v = json_object_get(group, name);

	if (v == NULL)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < 1 || json_integer_value(v) > most)
		return fail_declared(tool, err, "timeout_ms or result_max is out of range");
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
		if (!is_among(known, name))
			return fail_declared(tool, err, "a member that is not known");
	if (method.n > 0 && !rcd_sv_is(method, "GET") && !rcd_sv_is(method, "POST"))
		return fail_declared(tool, err, "method must be GET or POST");
	if (told.n == 0 || told.n > MAX_DESCRIPTION)
		return fail_declared(
			tool, err, "description must tell the model what it is for, in at most 1000 bytes");
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
