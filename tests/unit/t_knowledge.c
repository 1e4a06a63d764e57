#include "base/clock.h"
#include "base/file.h"
#include "base/fold.h"
#include "base/limits.h"
#include "base/words.h"
#include "knowledge/cut.h"
#include "knowledge/knowledge.h"
#include "tests/unit/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utf8proc.h>

static int folding(void)
{
	struct rcd_err err = {0};
	struct rcd_sv rest, word;
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1000);
	T_DO(rcd_fold(RCD_SV("Ação! Não há ÔNIBUS às 18h… 😀 ﬁm\xFF"), &b, &err), err);
	rest = rcd_buf_view(&b);
	T_OK(rcd_word(&rest, &word) && rcd_sv_is(word, "acao"));
	T_OK(rcd_word(&rest, &word) && rcd_sv_is(word, "nao") && rcd_stop_word(word));
	T_OK(rcd_word(&rest, &word) && rcd_sv_is(word, "ha"));
	T_OK(rcd_word(&rest, &word) && rcd_sv_is(word, "onibus") && !rcd_stop_word(word));
	T_OK(rcd_word(&rest, &word) && rcd_sv_is(word, "as") && rcd_stop_word(word));
	T_OK(rcd_word(&rest, &word) && rcd_sv_is(word, "18h"));
	T_OK(rcd_word(&rest, &word) && rcd_sv_is(word, "fim"));
	T_OK(!rcd_word(&rest, &word));
	T_OK(rcd_stop_word(RCD_SV("a")) && rcd_stop_word(RCD_SV("your")) && rcd_stop_word(RCD_SV("")));
out:
	rcd_buf_free(&b);
	return ret;
}

/* Code point by code point it comes to what utf8proc makes of a whole text. */
static int folding_each(void)
{
	struct rcd_err err = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1000);
	for (utf8proc_int32_t cp = 1; cp <= 0x10FFFF; cp++) {
		utf8proc_uint8_t text[8] = "x", *folded = NULL;
		const utf8proc_ssize_t n = 1 + utf8proc_encode_char(cp, text + 1);
		utf8proc_ssize_t want;

		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		want = utf8proc_map(text, n, &folded,
		                    UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
		                        UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
		rcd_buf_reset(&b);
		T_DO(rcd_fold((struct rcd_sv){(char *)text, (size_t)n}, &b, &err), err);
		T_OK(want >= 0 && b.n == (size_t)want && memcmp(b.p, folded, b.n) == 0);
		free(folded);
	}
out:
	rcd_buf_free(&b);
	return ret;
}

/* What would stand in half of all passages and makes a full-text query slow. */
static int stop_words(void)
{
	static const char text[] =
		"Eu também não sei se vocês são os que têm isso, ou se foram eles que estavam com aquilo "
		"entre todas as que há;"
		" você pode me dizer qual é, por favor? Did they have any of those, and what would you do "
		"with them?";
	struct rcd_err err = {0};
	struct rcd_sv rest, word;
	struct rcd_buf b;
	int ret = 0, n = 0;

	rcd_buf_init(&b, 1000);
	T_DO(rcd_fold(rcd_sv(text), &b, &err), err);
	rest = rcd_buf_view(&b);
	while (rcd_word(&rest, &word))
		if (!rcd_stop_word(word)) {
			T_OK(rcd_sv_is(word, "sei") || rcd_sv_is(word, "dizer"));
			n++;
		}
	T_INT(n, 2);
out:
	rcd_buf_free(&b);
	return ret;
}

static int cutting(void)
{
	struct rcd_passages p = {0};
	struct rcd_err err = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 100000);
	T_DO(rcd_cut(RCD_SV("# Loja\nIntro.\n\n## Entrega\n### Prazos\nDois dias.\n\nTrês dias.\n## "
	                    "Troca\nSim."),
	             &p, &err),
	     err);
	T_INT(p.n, 3);
	T_OK(rcd_sv_is(p.p[0].heading, "Loja") && rcd_sv_is(p.p[0].text, "Intro."));
	T_OK(rcd_sv_is(p.p[1].heading, "Loja > Entrega > Prazos"));
	T_OK(rcd_sv_is(p.p[1].text, "Dois dias.\n\nTrês dias."));
	T_OK(rcd_sv_is(p.p[2].heading, "Loja > Troca"));
	rcd_passages_done(&p);
	/* one paragraph without an end is cut between characters, and nothing is lost */
	for (int i = 0; i < 5000; i++)
		rcd_buf_str(&b, "é");
	if (b.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_DO(rcd_cut(rcd_buf_view(&b), &p, &err), err);
	size_t total = 0;
	for (size_t i = 0; i < p.n; i++) {
		T_OK(p.p[i].text.n <= 2 * RCD_PASSAGE_BYTES && rcd_utf8_ok(p.p[i].text));
		total += p.p[i].text.n;
	}
	T_INT(total, 10000);
out:
	rcd_passages_done(&p);
	rcd_buf_free(&b);
	return ret;
}

struct shop {
	char url[300], dir[300];
	struct rcd_db *db;
};

static int write_in(const struct shop *s, const char *name, struct rcd_sv text, struct rcd_err *err)
{
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	return rcd_file_write(path, text, 0644, err);
}

static int open_shop(struct shop *s, struct rcd_err *err)
{
	const struct rcd_db_conf conf = {.url = s->url};

	s->db = NULL;
	(void)snprintf(s->url, sizeof(s->url), "%s", t_store_url());
	(void)snprintf(s->dir, sizeof(s->dir), "%s/knowledge", t_dir());
	if (t_store_new(s->url, err) != 0 || rcd_db_open(&s->db, &conf, err) != 0)
		return -1;
	if (write_in(s, "entrega.md",
	             RCD_SV(
					 "# Cadastro\nNão precisa de cadastro para comprar.\n\n# Entrega\nO prazo de "
					 "entrega é de dois dias úteis na capital.\n\n# Frete\n"
					 "O frete custa R$ 15,00 e é grátis acima de R$ 200,00.\n\n"
					 "# Pagamento\nAceitamos pix e cartão de crédito.\n"),
	             err) != 0)
		return -1;
	return write_in(
		s, "sub/horarios.txt",
		RCD_SV("Funcionamos de segunda a sexta, das 9h às 18h, e aos sábados até as 13h.\n"), err);
}

/* The best passage for a question holds this; want NULL: there is none. */
static bool finds(struct shop *s, const char *question, const char *want)
{
	struct rcd_passage *p = NULL;
	struct rcd_err err;
	size_t n = 0;
	bool ok;

	if (rcd_knowledge_search(s->db, 1, NULL, rcd_sv(question), 3, &p, &n, &err) != 0)
		return false;
	ok = want == NULL ? n == 0 : n > 0 && strstr(p[0].text, want) != NULL;
	if (!ok)
		(void)fprintf(stderr, "\"%s\" found %zu: %s\n", question, n, n > 0 ? p[0].text : "");
	rcd_passages_free(p, n);
	return ok;
}

static int sync_dir(const struct shop *s, const char *dir, int *changed, int *skipped,
                    struct rcd_err *err)
{
	struct rcd_knowledge_folder folder = {.dir = dir};
	int ret = rcd_knowledge_sync(s->db, 1, &folder, changed, skipped, err);

	rcd_knowledge_folder_done(&folder);
	return ret;
}

static int sync_shop(const struct shop *s, int *changed, int *skipped, struct rcd_err *err)
{
	return sync_dir(s, s->dir, changed, skipped, err);
}

static int searching(void)
{
	struct rcd_err err = {0};
	int changed = -1, skipped = -1, ret = 0;
	struct shop s;

	T_DO(open_shop(&s, &err), err);
	T_DO(sync_shop(&s, &changed, &skipped, &err), err);
	T_INT(changed, 2);
	T_INT(skipped, 0);
	T_OK(finds(&s, "Qual é o PRAZO de entrega?", "dois dias úteis"));
	T_OK(finds(&s, "quanto custa o frete", "R$ 15,00"));
	T_OK(finds(&s, "abre aos sabados?", "sábados"));
	T_OK(finds(&s, "vocês funcionam no sábado?", "sábados"));
	T_OK(finds(&s, "como são as entregas?", "dois dias úteis"));
	T_OK(finds(&s, "vocês aceitam cartões?", "cartão"));
	T_OK(finds(&s, "vcs tem opções de pagamento", "cartão"));
	T_OK(finds(&s, "preço?", NULL)); /* "precisa" is another word */
	T_OK(finds(&s, "oi, tudo bem?", NULL));
	T_OK(finds(&s, "", NULL));
	T_OK(finds(&s, "vocês vendem passagem de avião para Lisboa com frete?", NULL));
	T_OK(finds(&s, "\" OR * NEAR( ) AND frete:", "R$ 15,00"));
	T_OK(finds(&s, "'; DROP TABLE passage; --", NULL));
out:
	rcd_db_close(s.db);
	return ret;
}

static int syncing(void)
{
	struct rcd_err err = {0};
	int changed = -1, skipped = -1, ret = 0;
	char path[400], target[400];
	struct shop s;

	T_DO(open_shop(&s, &err), err);
	T_DO(sync_shop(&s, &changed, &skipped, &err), err);
	T_DO(sync_shop(&s, &changed, &skipped, &err), err);
	T_INT(changed, 0);
	T_DO(write_in(&s, "entrega.md",
	              RCD_SV("# Entrega\nAgora o prazo de entrega é de um mês inteiro.\n"), &err),
	     err);
	T_DO(sync_shop(&s, &changed, &skipped, &err), err);
	T_INT(changed, 1);
	T_OK(finds(&s, "prazo de entrega", "um mês"));
	T_OK(finds(&s, "quanto custa o frete", NULL));
	(void)snprintf(path, sizeof(path), "%s/sub/horarios.txt", s.dir);
	T_OK(unlink(path) == 0);
	/* what is not text, what looks like something added, or a link that leads out, is left alone */
	T_DO(write_in(&s, "binary.md", RCD_SV("hor\x01rio especial\n"), &err), err);
	T_DO(write_in(&s, "kb:own.md", RCD_SV("nome de outra origem\n"), &err), err);
	T_DO(write_in(&s, "latin.md", RCD_SV("Estacionamento pr\xF3prio no subsolo.\n"), &err), err);
	(void)snprintf(path, sizeof(path), "%s/secret.md", t_dir());
	T_DO(rcd_file_write(path, RCD_SV("segredo absoluto\n"), 0644, &err), err);
	(void)snprintf(target, sizeof(target), "%s/link.md", s.dir);
	T_OK(symlink(path, target) == 0);
	T_DO(sync_shop(&s, &changed, &skipped, &err), err);
	T_INT(changed, 2);
	T_INT(skipped, 3);
	T_OK(finds(&s, "tem estacionamento próprio?", "próprio no subsolo"));
	T_OK(finds(&s, "funcionamos sábados", NULL));
	T_OK(finds(&s, "segredo absoluto", NULL));
	/* what was added stays, whatever the folder holds */
	T_DO(rcd_source_replace(s.db, 1, &(struct rcd_source){.name = (char[]){"kb:manual.pdf"}},
	                        &(struct rcd_passage_in){.text = RCD_SV("A garantia vale doze meses."),
	                                                 .page = 12},
	                        1, &err),
	     err);
	/* no folder at all is an empty one */
	T_DO(sync_dir(&s, "/nonexistent", &changed, &skipped, &err), err);
	T_INT(changed, 2);
	T_OK(finds(&s, "prazo de entrega", NULL));
	T_OK(finds(&s, "garantia", "doze meses"));
out:
	rcd_db_close(s.db);
	return ret;
}

const struct t_case t_cases[] = {
	{"folding", folding, T_OOM},
	{"folding_each", folding_each, 0},
	{"stop_words", stop_words, T_OOM},
	{"cutting", cutting, T_OOM},
	{"searching", searching, 0},
	{"syncing", syncing, 0},
	{NULL, NULL, 0},
};
