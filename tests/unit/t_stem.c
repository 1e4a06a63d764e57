/* Words and their stems, and what a passage keeps when its source is read again. */
#include "base/fold.h"
#include "base/stem.h"
#include "store/driver.h"
#include "store/passage.h"
#include "tests/unit/store.h"

/* Whether two words are one to the search. */
static bool alike(struct rcd_stemmer *s, enum rcd_lang lang, const char *a, const char *b)
{
	char one[RCD_STEM_N], other[RCD_STEM_N];

	return rcd_stem(s, lang, rcd_sv(a), one, RCD_UNREAD_ERR) == 0 &&
	       rcd_stem(s, lang, rcd_sv(b), other, RCD_UNREAD_ERR) == 0 && strcmp(one, other) == 0;
}

static int forms(void)
{
	static const struct {
		enum rcd_lang lang;
		const char *a, *b;
		bool alike;
	} pair[] = {
		{RCD_PT, "entregas", "entregamos", true},
		{RCD_PT, "cartoes", "cartao", true},
		{RCD_PT, "cartao", "carta", false},
		{RCD_PT, "opcoes", "opcao", true},
		{RCD_PT, "instalacoes", "instalar", true},
		{RCD_PT, "paes", "pao", true},
		{RCD_PT, "parcelamos", "parcelar", true},
		{RCD_PT, "preco", "precisa", false},
		{RCD_PT, "horarios", "horario", true},
		{RCD_PT, "camarao", "cama", false},
		{RCD_PT, "referencias", "referente", true},
		{RCD_PT, "preferiveis", "preferivel", true},
		{RCD_EN, "deliveries", "delivery", true},
		{RCD_EN, "opening", "opens", true},
		{RCD_PT, "18h", "18", false},
	};
	struct rcd_stemmer *s = NULL;
	struct rcd_err err = {0};
	char stem[RCD_STEM_N];
	char longest[RCD_MAX_WORD + 10];
	int ret = 0;

	T_DO(rcd_stemmer_new(&s, &err), err);
	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++)
		if (alike(s, pair[i].lang, pair[i].a, pair[i].b) != pair[i].alike) {
			(void)fprintf(stderr, "%s, %s\n", pair[i].a, pair[i].b);
			ret = -1;
		}
	T_DO(rcd_stem(s, RCD_PT, RCD_SV("18h"), stem, &err), err);
	T_STR(stem, "18h");
	T_DO(rcd_stem(s, RCD_PT, RCD_SV("東京"), stem, &err), err);
	T_STR(stem, "東京");
	T_DO(rcd_stem(s, RCD_PT, RCD_SV(""), stem, &err), err);
	T_STR(stem, "");
	memset(longest, 'o', sizeof(longest));
	T_DO(rcd_stem(s, RCD_PT, (struct rcd_sv){longest, sizeof(longest)}, stem, &err), err);
	T_OK(strlen(stem) <= RCD_MAX_WORD);
out:
	rcd_stemmer_free(s);
	return ret;
}

static int texts(void)
{
	struct rcd_stemmer *s = NULL;
	struct rcd_err err = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1000);
	T_DO(rcd_stemmer_new(&s, &err), err);
	T_OK(rcd_lang_of(RCD_SV("how long does the delivery take")) == RCD_EN);
	T_OK(rcd_lang_of(RCD_SV("qual e o prazo de entrega")) == RCD_PT);
	T_OK(rcd_lang_of(RCD_SV("delivery")) == RCD_PT);
	T_DO(rcd_stems(s, RCD_PT, RCD_SV("o prazo das entregas, por favor: 2 dias!"), &b, &err), err);
	if (b.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_STR(b.p, "praz entreg 2 dias ");
out:
	rcd_buf_free(&b);
	rcd_stemmer_free(s);
	return ret;
}

/* --- a source that is read again --------------------------------------------------------- */

static int sum_ids(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_get_i64(conn, arg, "SELECT coalesce(max(id), 0) FROM passage WHERE heading = 'Pix'",
	                   RCD_BIND(), err);
}

static int64_t id_of_pix(struct rcd_db *db)
{
	int64_t id;

	return rcd_db_read(db, sum_ids, &id, RCD_UNREAD_ERR) == 0 ? id : -1;
}

static int kept(void)
{
	const struct rcd_source src = {.name = (char *)(uintptr_t) "a.md", .size = 1, .mtime_ns = 2};
	const struct rcd_passage_in first[] = {{RCD_SV("Frete"), RCD_SV("O frete custa quinze."), 1},
	                                       {RCD_SV("Pix"), RCD_SV("Aceitamos pix."), 1}};
	const struct rcd_passage_in then[] = {{RCD_SV("Frete"), RCD_SV("O frete custa vinte."), 1},
	                                      {RCD_SV("Pix"), RCD_SV("Aceitamos pix."), 2},
	                                      {RCD_SV("Pix"), RCD_SV("Aceitamos pix."), 3}};
	const struct rcd_sv pix = RCD_SV("pix"), old = RCD_SV("quinz"), new = RCD_SV("vint");
	struct rcd_passage *p = NULL;
	int64_t id, was = -1, is = -1;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	size_t n = 0;
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(rcd_knowledge_version(db, 1, &was, &err), err);
	T_INT(was, 0);
	T_DO(rcd_source_replace(db, 1, &src, first, 2, &err), err);
	id = id_of_pix(db);
	T_OK(id > 0);
	T_DO(rcd_knowledge_version(db, 1, &was, &err), err);
	T_DO(rcd_source_replace(db, 1, &src, then, 3, &err), err);
	T_DO(rcd_knowledge_version(db, 1, &is, &err), err);
	T_OK(is > was);
	T_DO(rcd_passage_search(db, 1, &pix, 1, 5, &p, &n, &err), err);
	T_INT(n, 2);
	T_INT(p[0].id, id);
	T_INT(p[0].page, 2);
	T_INT(p[1].page, 3);
	T_STR(p[0].stems, "pix pix aceit pix ");
	rcd_passages_free(p, n);
	p = NULL;
	T_DO(rcd_passage_search(db, 1, &old, 1, 5, &p, &n, &err), err);
	T_INT(n, 0);
	T_DO(rcd_passage_search(db, 1, &new, 1, 5, &p, &n, &err), err);
	T_INT(n, 1);
	rcd_passages_free(p, n);
	p = NULL;
	T_DO(rcd_passage_get(db, 1, (int64_t[]){7, id}, 2, &p, &n, &err), err);
	T_INT(n, 1);
	T_STR(p[0].source, "a.md");
	rcd_passages_free(p, n);
	p = NULL;
	T_DO(rcd_passage_get(db, 2, &id, 1, &p, &n, &err), err);
	T_INT(n, 0);
out:
	rcd_passages_free(p, n);
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {
	{"forms", forms, T_OOM},
	{"texts", texts, T_OOM},
	{"kept", kept, 0},
	{NULL, NULL, 0},
};
