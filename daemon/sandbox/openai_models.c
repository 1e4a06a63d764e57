/* Simulated OpenAI: the list of models, with their ends. */

#include "daemon/sandbox/box.h"

static const struct {
	const char *id, *shutdown_date;
} models[] = {
	{"gpt-6-luna", NULL},
	{"gpt-4o-mini", "2027-01-14"},
	{"gpt-4.1-mini", "2027-01-14"},
	{"gpt-transcribe", NULL},
	{"whisper-1", "2027-02-26"},
	{"gpt-4o-mini-transcribe", "2027-02-26"},
	{"text-embedding-3-small", NULL},
	{"text-embedding-3-large", NULL},
};

static json_t *make_model(size_t i)
{
	return json_pack("{s:s s:s s:i s:s s:s?}", "id", models[i].id, "object", "model", "created",
	                 1700000000, "owned_by", "system", "shutdown_date", models[i].shutdown_date);
}

int rcd_sb_openai_models(struct rcd_sb_call *c)
{
	json_t *list;

	for (size_t i = 0; c->star[0].n > 0 && i < sizeof(models) / sizeof(models[0]); i++)
		if (rcd_sv_is(c->star[0], models[i].id))
			return rcd_sb_reply_json(c, 200, make_model(i));
	if (c->star[0].n > 0)
		return rcd_sb_refuse(c, 404, "model_not_found", "The model does not exist");
	list = json_array();
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (json_array_append_new(list, make_model(i)) != 0) {
			json_decref(list);
			return -1;
		}
	return rcd_sb_reply_json(c, 200, json_pack("{s:s s:o}", "object", "list", "data", list));
}
