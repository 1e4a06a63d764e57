/* send_media: one more part of the answer, of those that the operator has listed. */

#include "tools/tool.h"

static const struct rcd_tool_media *find_media(const struct rcd_tools *tools, struct rcd_sv name)
{
	for (size_t i = 0; i < tools->n_media; i++)
		if (rcd_sv_is(name, tools->media[i].name))
			return &tools->media[i];
	return NULL;
}

static bool is_sent_already(const struct rcd_tool_effects *e, const struct rcd_tool_media *media)
{
	for (size_t i = 0; i < e->n_media; i++)
		if (e->media[i] == media)
			return true;
	return false;
}

int rcd_tool_send_media(struct rcd_tool_run *r, struct rcd_err *err)
{
	struct rcd_tool_effects *e = r->env->effects;
	const struct rcd_tool_media *media = find_media(r->env->tools, rcd_json_sv(r->args, "name"));

	if (media == NULL)
		return rcd_fail(err, RCD_NOENT, 0, "not one of those that may be sent");
	if (!is_sent_already(e, media)) {
		if (e->n_media == RCD_MAX_ANSWER_MEDIA)
			return rcd_fail(err, RCD_LIMIT, 0, "at most %d in one answer", RCD_MAX_ANSWER_MEDIA);
		e->media[e->n_media++] = media;
	}
	rcd_tool_ok(r);
	return 0;
}
