#include "daemon/eval/language.h"

#include "base/fold.h"
#include "base/limits.h"
#include "base/words.h"

#include <string.h>

/* In addition to the stop words of the search, which are words of questions. Folded. */
static const char *const portuguese[] = {
	"abre",    "antes",    "apenas",   "aquela", "atende",   "chega",  "depois",  "dias",
	"entrega", "entre",    "essas",    "esses",  "estamos",  "estava", "fica",    "funciona",
	"gente",   "hoje",     "horas",    "loja",   "mesmo",    "nao",    "nenhum",  "nossas",
	"nossos",  "obrigada", "obrigado", "outra",  "outro",    "pelas",  "pelos",   "preco",
	"prazo",   "precisa",  "quer",     "sao",    "seguinte", "sera",   "somente", "somos",
	"sou",     "tambem",   "temos",    "tenha",  "toda",     "todos",  "tres",    "vamos",
};
static const char *const english[] = {
	"after", "also",  "any",   "anything", "because", "been",  "before",  "cannot",  "closed",
	"could", "days",  "don",   "each",     "every",   "free",  "further", "get",     "hours",
	"into",  "its",   "just",  "let",      "like",    "ll",    "more",    "need",    "only",
	"open",  "our",   "out",   "over",     "own",     "re",    "same",    "sell",    "should",
	"some",  "sorry", "store", "than",     "thank",   "their", "them",    "then",    "these",
	"those", "until", "up",    "us",       "ve",      "very",  "want",    "welcome", "yes",
};
/* Words of Spanish that neither Portuguese nor English has. */
static const char *const spanish[] = {
	"abierto", "ahora",  "buenos", "con",   "cuando", "cuanto", "del",     "despues",
	"dias",    "donde",  "el",     "en",    "es",     "esta",   "gracias", "hasta",
	"hay",     "hola",   "las",    "los",   "luego",  "muchas", "muy",     "nuestra",
	"nuestro", "pero",   "por",    "puede", "puedo",  "que",    "sin",     "su",
	"tenemos", "tienda", "una",    "usted", "y",      "ya",
};

static bool is_listed(const char *const *list, size_t n, struct rcd_sv word)
{
	for (size_t i = 0; i < n; i++)
		if (rcd_sv_is(word, list[i]))
			return true;
	return false;
}

#define IN(list, word) is_listed(list, sizeof(list) / sizeof((list)[0]), word)

struct count {
	int pt, en, es;
};

static void add_word(struct count *c, struct rcd_sv word)
{
	bool pt = rcd_stop_word_of(RCD_PT, word) || IN(portuguese, word);
	bool en = rcd_stop_word_of(RCD_EN, word) || IN(english, word);

	if (pt && en) /* "a", "as", "do", "no": says nothing */
		return;
	c->pt += pt;
	c->en += en;
	c->es += !en && IN(spanish, word);
}

/* At least one and a half times each of the others. */
static bool is_most(int a, int b, int c)
{
	return a > 0 && 2 * a >= 3 * b && 2 * a >= 3 * c;
}

int rcd_language_of(struct rcd_sv text, enum rcd_language *out, struct rcd_err *err)
{
	struct count c = {0, 0, 0};
	struct rcd_buf folded;
	struct rcd_sv rest, word;
	int ret;

	rcd_buf_init(&folded, 20 * RCD_MAX_TEXT);
	ret = rcd_fold(text, &folded, err);
	rest = rcd_buf_view(&folded);
	while (ret == 0 && rcd_word(&rest, &word))
		add_word(&c, word);
	rcd_buf_free(&folded);
	if (ret != 0)
		return -1;
	if (is_most(c.pt, c.en, c.es))
		*out = RCD_LANGUAGE_PT;
	else if (is_most(c.en, c.pt, c.es))
		*out = RCD_LANGUAGE_EN;
	else
		*out = is_most(c.es, c.pt, c.en) ? RCD_LANGUAGE_OTHER : RCD_LANGUAGE_UNTOLD;
	return 0;
}

const char *rcd_language_name(enum rcd_language t)
{
	static const char *const name[] = {"untold", "pt", "en", "another"};

	return name[t];
}
