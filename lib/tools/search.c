/* search_knowledge: the business's own passages, with where they are from. */

#include "knowledge/knowledge.h"
#include "tools/tool.h"

#define PASSAGES 4
#define PASSAGE_BYTES 2000

static json_t *describe_passage(const struct rcd_passage *p)
{
	struct rcd_sv text = rcd_sv(p->text);

	text.n = rcd_utf8_cut(text, PASSAGE_BYTES);
	return json_pack("{s:o, s:o*, s:o, s:o}", "source",
	                 rcd_json_str(rcd_sv(rcd_source_shown(p->source))), "page",
	                 p->page > 0 ? json_integer(p->page) : NULL, "heading",
	                 rcd_json_str(rcd_sv(p->heading)), "text", rcd_json_str(text));
}

int rcd_tool_search_knowledge(struct rcd_tool_run *r, struct rcd_err *err)
{
	json_t *found = json_array();
	struct rcd_passage *p = NULL;
	size_t n = 0;
	const struct rcd_tool_env *env = r->env;
	int ret = rcd_knowledge_search(env->db, env->job->tenant, env->semantic,
	                               rcd_tool_arg(r, "query"), PASSAGES, &p, &n, err);

	for (size_t i = 0; ret == 0 && i < n; i++)
		if (json_array_append_new(found, describe_passage(&p[i])) != 0)
			ret = rcd_fail_nomem(err);
	rcd_passages_free(p, n);
	if (ret != 0) {
		json_decref(found);
		return -1;
	}
	rcd_json_text(json_pack("{s:o}", "passages", found), r->result);
	return r->result->bad ? rcd_fail_nomem(err) : 0;
}
