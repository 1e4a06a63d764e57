/* recado eval: which cases are wanted, and why a wanted one is left out. */

#include "daemon/recado/eval.h"

#include "daemon/eval/judge.h"

#include <stdio.h>
#include <stdlib.h>

/* Its name says the words, or it is one of its tags. */
static bool is_meant(const struct rcd_eval_case *c, const char *word)
{
	bool says = false;

	return rcd_eval_has_word(c->tags, rcd_sv(word)) ||
	       (rcd_says(rcd_sv(c->name), rcd_sv(word), &says, RCD_UNREAD_ERR) == 0 && says);
}

/* By which of them; NULL: by none. */
static const char *find_meant(const struct rcd_eval_case *c, const struct rcd_eval_words *w)
{
	for (int i = 0; i < w->n; i++)
		if (is_meant(c, w->word[i]))
			return w->word[i];
	return NULL;
}

int rcd_eval_choose(struct rcd_eval_plan *p)
{
	int meant = 0;

	p->wanted = calloc(p->script->n_cases, sizeof(*p->wanted));
	if (p->wanted == NULL)
		return -1;
	for (size_t i = 0; i < p->script->n_cases; i++) {
		const struct rcd_eval_case *c = &p->script->cases[i];
		size_t n = rcd_utf8_count(rcd_sv(c->name));

		p->wanted[i] = p->only.n == 0 || find_meant(c, &p->only) != NULL;
		meant += p->wanted[i];
		if (p->wanted[i] && n > p->columns)
			p->columns = n;
	}
	return meant;
}

static bool is_tool_on(const struct rcd_conf *conf, struct rcd_sv name)
{
	for (char *const *t = conf->tools.enabled; t != NULL && *t != NULL; t++)
		if (rcd_sv_is(name, *t))
			return true;
	return false;
}

void rcd_eval_left_out(const struct rcd_eval_plan *p, const struct rcd_eval_case *c,
                       char why[RCD_EVAL_WHY])
{
	struct rcd_sv rest = rcd_sv(c->needs), word;
	const char *skip = find_meant(c, &p->skip);

	why[0] = '\0';
	if (skip != NULL)
		(void)snprintf(why, RCD_EVAL_WHY, "--skip %.100s", skip);
	while (why[0] == '\0' && rcd_eval_word(&rest, &word)) {
		if (rcd_sv_ieq(word, RCD_SV("model")) && !rcd_openai_usable(&p->conf->openai))
			(void)snprintf(why, RCD_EVAL_WHY, "needs a model: no OpenAI key is set");
		else if (rcd_sv_ieq(word, RCD_SV("tool")) && rcd_eval_word(&rest, &word) &&
		         !is_tool_on(p->conf, word))
			(void)snprintf(why, RCD_EVAL_WHY, "needs the tool %.*s: tools.enabled does not name it",
			               (int)rcd_utf8_cut(word, 60), word.p);
	}
}
