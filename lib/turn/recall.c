/* What the model is told: who it is, what was said before, what the business knows. The
 * parts that never change come first, so that a provider's prompt cache can hit. */

#include "base/clock.h"
#include "base/file.h"
#include "knowledge/knowledge.h"
#include "turn/steps.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSAGES 4

static int is_markdown(const struct dirent *e)
{
	struct rcd_sv name = rcd_sv(e->d_name);

	return name.n > 0 && name.p[0] != '.' && rcd_sv_ends(name, RCD_SV(".md"));
}

/* The persona folder's Markdown files, in the order of their names. None is no error: a
 * model without a persona still answers. */
static int persona(const char *dir, struct rcd_buf *out, struct rcd_err *err)
{
	struct dirent **file = NULL;
	int n = scandir(dir, &file, is_markdown, alphasort), ret = 0;

	for (int i = 0; i < n; i++) {
		char *path = NULL;

		if (ret == 0 && asprintf(&path, "%s/%s", dir, file[i]->d_name) < 0)
			ret = rcd_fail_nomem(err);
		else if (ret == 0) {
			ret = rcd_file_read(path, RCD_MAX_PROMPT, out, err);
			rcd_buf_ch(out, '\n');
			free(path);
		}
		free(file[i]);
	}
	free(file);
	return ret;
}

static int add(json_t *prompt, const char *role, struct rcd_sv text, struct rcd_err *err)
{
	json_t *m = json_pack("{s:s, s:o}", "role", role, "content", rcd_json_str(text));

	return json_array_append_new(prompt, m) == 0 ? 0 : rcd_fail_nomem(err);
}

static int add_persona(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, RCD_MAX_PROMPT);
	ret = persona(t->env->conf->persona_dir, &text, err);
	if (ret != 0 && err->code != RCD_NOMEM) {
		rcd_turn_note(t, "persona: %s", err->msg);
		ret = 0;
	}
	if (ret == 0 && text.n > 0)
		ret = add(t->prompt, "system", rcd_buf_view(&text), err);
	rcd_buf_free(&text);
	return ret;
}

static int add_history(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_history_row *row = NULL;
	size_t n = 0;
	int ret = rcd_history_last(t->env->db, t->job.tenant, t->job.contact_id,
	                           t->env->conf->history_turns, &row, &n, err);

	for (size_t i = 0; ret == 0 && i < n; i++) {
		ret = add(t->prompt, "user", rcd_sv(row[i].user_message), err);
		if (ret == 0 && row[i].bot_response != NULL)
			ret = add(t->prompt, "assistant", rcd_sv(row[i].bot_response), err);
	}
	rcd_history_rows_free(row, n);
	return ret;
}

/* With where it stands, so that the model can say so. */
static void add_passage(struct rcd_buf *text, const struct rcd_passage *p)
{
	rcd_buf_fmt(text, "\n## %s\n(%s", p->heading, p->source);
	if (p->page > 0)
		rcd_buf_fmt(text, ", p. %lld", (long long)p->page);
	rcd_buf_fmt(text, ")\n%s\n", p->text);
}

static int add_knowledge(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_passage *p = NULL;
	size_t n = 0;
	struct rcd_buf text;
	int ret;

	if (rcd_knowledge_search(t->env->db, t->job.tenant, t->env->semantic, rcd_buf_view(&t->said), PASSAGES,
	                         &p, &n, err) != 0)
		return -1;
	rcd_turn_figure(t, "passages", (int64_t)n);
	if (n == 0)
		return 0;
	rcd_buf_init(&text, RCD_MAX_PROMPT);
	rcd_buf_str(&text, "Trechos da base de conhecimento da empresa (use só o que responde à pergunta):\n");
	for (size_t i = 0; i < n; i++)
		add_passage(&text, &p[i]);
	ret = text.bad ? rcd_fail_nomem(err) : add(t->prompt, "system", rcd_buf_view(&text), err);
	rcd_buf_free(&text);
	rcd_passages_free(p, n);
	return ret;
}

int rcd_turn_recall(struct rcd_turn *t, struct rcd_err *err)
{
	if (t->silent || t->notice >= 0 || !rcd_secret_set(&t->env->openai->key))
		return 0; /* nobody will read it */
	t->prompt = json_array();
	if (t->prompt == NULL)
		return rcd_fail_nomem(err);
	if (add_persona(t, err) != 0 || add_history(t, err) != 0 || add_knowledge(t, err) != 0)
		return -1;
	return add(t->prompt, "user", rcd_buf_view(&t->said), err);
}
