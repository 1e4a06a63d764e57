/* The table of the tools, as the configuration has them. */

#include "base/shape.h"
#include "tools/tool.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TOOLS 64

#define STRING(more) "{\"type\":\"string\"," more "}"

/* In the order in which the model sees them: it is a part of what providers cache. */
static const struct {
	const char *name, *description;
	enum rcd_tool_kind kind;
	rcd_tool_fn *run;
	const char *shape;
} built_in[] = {
	/* clang-format off */
	{"search_knowledge",
	 "Searches what the business knows (prices, hours, services, rules). Use it before answering a "
	 "question of fact "
	 "that the passages you were given do not answer.",
	 RCD_TOOL_READS, rcd_tool_search_knowledge,
	 "{\"type\":\"object\",\"properties\":{"
	 "\"query\":" STRING("\"minLength\":2,\"maxLength\":300")
	 "},\"required\":[\"query\"],\"additionalProperties\":false}"},
	{"save_contact",
	 "Keeps what the person you are talking to told about themselves. Only what they said, only "
	 "what is new.",
	 RCD_TOOL_STORES, rcd_tool_save_contact,
	 "{\"type\":\"object\",\"properties\":{"
	 "\"name\":" STRING("\"maxLength\":80") ",\"email\":" STRING("\"maxLength\":120")
	 ",\"notes\":" STRING("\"maxLength\":500")
	 "},\"additionalProperties\":false}"},
	{"schedule_message",
	 "Sends the person you are talking to one message later. Say when by in_minutes or by at, "
	 "their local time as "
	 "YYYY-MM-DDTHH:MM; WhatsApp takes none later than 24 hours after they wrote last.",
	 RCD_TOOL_STORES, rcd_tool_schedule_message,
	 "{\"type\":\"object\",\"properties\":{"
	 "\"in_minutes\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":43200}"
	 ",\"at\":" STRING("\"minLength\":16,\"maxLength\":16") ",\"text\":"
	 STRING("\"minLength\":1,\"maxLength\":1000")
	 "},\"required\":[\"text\"],\"additionalProperties\":false}"},
	{"move_lead",
	 "Moves the person you are talking to to another stage of the sale, with the reason and their "
	 "own words for it.",
	 RCD_TOOL_STORES, rcd_tool_move_lead,
	 "{\"type\":\"object\",\"properties\":{"
	 "\"stage\":" STRING("\"maxLength\":40") ",\"reason\":"
	 STRING("\"minLength\":1,\"maxLength\":300")
	 ",\"quote\":" STRING("\"minLength\":1,\"maxLength\":300")
	 "},\"required\":[\"stage\",\"reason\",\"quote\"],\"additionalProperties\":false}"},
	{"handoff_human",
	 "Hands the conversation to a person of the team. Your answer now is the last: say that a "
	 "person will go on.",
	 RCD_TOOL_ANSWERS, rcd_tool_handoff_human,
	 "{\"type\":\"object\",\"properties\":{"
	 "\"reason\":" STRING("\"minLength\":1,\"maxLength\":300")
	 "},\"required\":[\"reason\"],\"additionalProperties\":false}"},
	{"send_media", "Sends a picture or a document along with your answer.", RCD_TOOL_ANSWERS,
	rcd_tool_send_media,
	 "{\"type\":\"object\",\"properties\":{"
	 "\"name\":" STRING("\"maxLength\":80")
	 "},\"required\":[\"name\"],\"additionalProperties\":false}"},
};
/* clang-format on */
#define N_BUILT_IN (sizeof(built_in) / sizeof(built_in[0]))

/* --- what the configuration adds to a schema ---------------------------------------------- */

static int restrict_values(json_t *shape, const char *property, json_t *names, struct rcd_err *err)
{
	json_t *p = json_object_get(json_object_get(shape, "properties"), property);

	return json_object_set_new(p, "enum", names) == 0 ? 0 : rcd_fail_nomem(err);
}

static json_t *list_stages(const struct rcd_tools_conf *conf)
{
	json_t *out = json_array();

	for (char *const *s = conf->lead_stages; s != NULL && *s != NULL; s++)
		(void)json_array_append_new(out, rcd_json_str(rcd_sv(*s)));
	return out;
}

static json_t *list_media(const struct rcd_tools *tools)
{
	json_t *out = json_array();

	for (size_t i = 0; i < tools->n_media; i++)
		(void)json_array_append_new(out, rcd_json_str(rcd_sv(tools->media[i].name)));
	return out;
}

static int apply_conf(struct rcd_tools *tools, const struct rcd_tools_conf *conf,
                      struct rcd_tool *tool, struct rcd_err *err)
{
	if (tool->run == rcd_tool_move_lead)
		return restrict_values(tool->shape, "stage", list_stages(conf), err);
	if (tool->run == rcd_tool_send_media)
		return restrict_values(tool->shape, "name", list_media(tools), err);
	return 0;
}

/* --- media -------------------------------------------------------------------------------- */

static int read_media_item(struct rcd_tool_media *m, const json_t *group,
                           const struct rcd_tools_conf *conf, struct rcd_err *err)
{
	const char *name = json_string_value(json_object_get(group, "name"));
	const char *url = json_string_value(json_object_get(group, "url"));
	bool below = url != NULL && url[0] == '/' && url[1] != '/';

	if (name == NULL || name[0] == '\0' || strlen(name) > 80 || url == NULL ||
	    json_object_size(group) != 2)
		return rcd_fail(err, RCD_INVAL, 0,
		                "tools.media: each must have a name of at most 80 bytes "
		                "and a url");
	if (!below && !rcd_sv_starts(rcd_sv(url), RCD_SV("https://")))
		return rcd_fail(err, RCD_INVAL, 0,
		                "tools.media: %.60s: the url must begin with https:// "
		                "or, below "
		                "public_url, with /",
		                name);
	m->name = name;
	if (below ? asprintf(&m->url, "%s%s", conf->public_url, url) < 0
	          : (m->url = strdup(url)) == NULL) {
		m->url = NULL;
		return rcd_fail_nomem(err);
	}
	return 0;
}

static int read_media(struct rcd_tools *tools, const struct rcd_tools_conf *conf,
                      struct rcd_err *err)
{
	size_t n = json_array_size(conf->media);

	tools->media = calloc(n + 1, sizeof(*tools->media));
	if (tools->media == NULL)
		return rcd_fail_nomem(err);
	for (; tools->n_media < n; tools->n_media++)
		if (read_media_item(&tools->media[tools->n_media],
		                    json_array_get(conf->media, tools->n_media), conf, err) != 0)
			return -1;
	return 0;
}

/* --- the table ---------------------------------------------------------------------------- */

static struct rcd_tool *reserve_tool(struct rcd_tools *tools, const char *name, struct rcd_err *err)
{
	for (size_t i = 0; i < tools->n; i++) {
		if (strcmp(tools->tool[i].name, name) == 0) {
			(void)rcd_fail(err, RCD_INVAL, 0, "tools.enabled: %.60s is there twice", name);
			return NULL;
		}
	}
	if (tools->n == MAX_TOOLS) {
		(void)rcd_fail(err, RCD_LIMIT, 0, "tools.enabled: more than %d tools", MAX_TOOLS);
		return NULL;
	}
	return &tools->tool[tools->n++];
}

static int add_built_in(struct rcd_tools *tools, size_t i, const struct rcd_tools_conf *conf,
                        struct rcd_err *err)
{
	struct rcd_tool *tool = reserve_tool(tools, built_in[i].name, err);

	if (tool == NULL)
		return -1;
	*tool = (struct rcd_tool){.description = built_in[i].description,
	                          .kind = built_in[i].kind,
	                          .run = built_in[i].run};
	memcpy(tool->name, built_in[i].name, strlen(built_in[i].name) + 1);
	if (rcd_json_parse(rcd_sv(built_in[i].shape), RCD_TOOL_RESULT, &tool->shape, err) != 0)
		return -1;
	return apply_conf(tools, conf, tool, err);
}

static int add_declared(struct rcd_tools *tools, const json_t *group,
                        const struct rcd_tools_conf *conf, struct rcd_err *err)
{
	struct rcd_tool *tool = reserve_tool(tools, json_string_value(json_object_get(group, "name")),
	                                     err);

	if (tool == NULL)
		return -1;
	*tool = (struct rcd_tool){.kind = RCD_TOOL_REQUESTS, .run = rcd_tool_http_run};
	return rcd_tool_http_open(tool, group, conf, err);
}

static int add_tool(struct rcd_tools *tools, const char *name, const struct rcd_tools_conf *conf,
                    struct rcd_err *err)
{
	const json_t *group;
	size_t i;

	for (i = 0; i < N_BUILT_IN; i++)
		if (strcmp(built_in[i].name, name) == 0)
			return add_built_in(tools, i, conf, err);
	json_array_foreach (conf->http, i, group)
		if (rcd_sv_is(rcd_json_sv(group, "name"), name))
			return add_declared(tools, group, conf, err);
	return rcd_fail(err, RCD_INVAL, 0, "tools.enabled: there is no tool %.60s", name);
}

static int make_schemas(struct rcd_tools *tools, struct rcd_err *err)
{
	tools->schemas = json_array();
	for (size_t i = 0; i < tools->n; i++) {
		const struct rcd_tool *tool = &tools->tool[i];

		if (json_array_append_new(tools->schemas,
		                          json_pack("{s:s, s:s, s:O}", "name", tool->name, "description",
		                                    tool->description, "parameters", tool->shape)) != 0)
			return rcd_fail_nomem(err);
	}
	return 0;
}

int rcd_tools_open(struct rcd_tools **out, const struct rcd_tools_conf *conf, struct rcd_err *err)
{
	struct rcd_tools *tools = calloc(1, sizeof(*tools));
	int ret;

	if (tools == NULL)
		return rcd_fail_nomem(err);
	tools->tool = calloc(MAX_TOOLS, sizeof(*tools->tool));
	ret = tools->tool != NULL ? read_media(tools, conf, err) : rcd_fail_nomem(err);
	for (char *const *name = conf->enabled; ret == 0 && name != NULL && *name != NULL; name++)
		ret = add_tool(tools, *name, conf, err);
	if (ret == 0)
		ret = make_schemas(tools, err);
	if (ret == 0)
		*out = tools;
	else
		rcd_tools_close(tools);
	return ret;
}

const json_t *rcd_tools_schemas(const struct rcd_tools *tools)
{
	return tools != NULL ? tools->schemas : NULL;
}

struct rcd_tools *rcd_tools_close(struct rcd_tools *tools)
{
	if (tools == NULL)
		return NULL;
	for (size_t i = 0; tools->tool != NULL && i < tools->n; i++) {
		json_decref(tools->tool[i].shape);
		rcd_tool_http_close(tools->tool[i].http);
	}
	for (size_t i = 0; tools->media != NULL && i <= tools->n_media; i++)
		free(tools->media[i].url);
	json_decref(tools->schemas);
	free(tools->media);
	free(tools->tool);
	free(tools);
	return NULL;
}
