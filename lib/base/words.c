#include "base/words.h"

#include <stdlib.h>
#include <string.h>

/* Folded text: what is not ASCII is a letter of another script or a symbol; symbols and
 * punctuation beyond ASCII lie in U+2000–U+2BFF and U+3000–U+303F, emoji above U+1F000. */
static bool is_word_char(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9');
	return cp >= 0xC0 && !(cp >= 0x2000 && cp <= 0x2BFF) && !(cp >= 0x3000 && cp <= 0x303F) &&
	       !(cp >= 0xFE00 && cp <= 0xFE0F) && cp != 0xFFFD && !(cp >= 0x1F000 && cp <= 0x1FAFF);
}

bool rcd_word(struct rcd_sv *rest, struct rcd_sv *word)
{
	const char *p = rest->p, *end, *from = NULL, *at = p;

	if (rest->n == 0)
		return false;
	end = p + rest->n;
	while (p < end) {
		at = p;
		if (is_word_char(rcd_utf8_next(&p, end))) {
			if (from == NULL)
				from = at;
			at = p;
		} else if (from != NULL) {
			break;
		}
	}
	*rest = (struct rcd_sv){p, (size_t)(end - p)};
	if (from == NULL)
		return false;
	*word = (struct rcd_sv){from, (size_t)(at - from)};
	return true;
}

/* Sorted, folded. */
static const char *const portuguese[] = {
	"a",       "agora",     "ai",      "ainda",    "alguem", "algum",    "alguma",   "ali",
	"ao",      "aos",       "aquela",  "aquelas",  "aquele", "aqueles",  "aqui",     "aquilo",
	"as",      "assim",     "ate",     "boa",      "bom",    "ca",       "cada",     "cade",
	"com",     "como",      "da",      "das",      "de",     "dela",     "delas",    "dele",
	"deles",   "desde",     "dessa",   "dessas",   "desse",  "desses",   "desta",    "destas",
	"deste",   "destes",    "deve",    "dia",      "disso",  "disto",    "do",       "dos",
	"e",       "ela",       "elas",    "ele",      "eles",   "em",       "entao",    "entre",
	"era",     "eram",      "essa",    "essas",    "esse",   "esses",    "esta",     "estao",
	"estas",   "estava",    "estavam", "este",     "estes",  "estou",    "eu",       "favor",
	"faz",     "fazem",     "foi",     "fomos",    "foram",  "fosse",    "fossem",   "gostaria",
	"ha",      "havia",     "houve",   "isso",     "isto",   "ja",       "la",       "lhe",
	"lhes",    "mais",      "mas",     "me",       "mesma",  "mesmas",   "mesmo",    "mesmos",
	"meu",     "meus",      "mim",     "minha",    "minhas", "muita",    "muitas",   "muito",
	"muitos",  "na",        "nao",     "nas",      "nela",   "nelas",    "nele",     "neles",
	"nem",     "nessa",     "nessas",  "nesse",    "nesses", "nesta",    "nestas",   "neste",
	"nestes",  "nisso",     "nisto",   "no",       "noite",  "nos",      "nossa",    "nossas",
	"nosso",   "nossos",    "num",     "numa",     "o",      "obrigada", "obrigado", "oi",
	"ola",     "onde",      "os",      "ou",       "para",   "pela",     "pelas",    "pelo",
	"pelos",   "pode",      "podem",   "por",      "porque", "posso",    "pra",      "pro",
	"quais",   "quaisquer", "qual",    "qualquer", "quando", "quanta",   "quantas",  "quanto",
	"quantos", "que",       "quem",    "queria",   "quero",  "saber",    "sao",      "se",
	"seja",    "sejam",     "sem",     "ser",      "sera",   "serao",    "seria",    "seu",
	"seus",    "sim",       "so",      "sobre",    "somos",  "sou",      "sua",      "suas",
	"tambem",  "tao",       "tarde",   "te",       "tem",    "temos",    "tenho",    "ter",
	"teu",     "teus",      "tinha",   "tinham",   "tive",   "toda",     "todas",    "todo",
	"todos",   "tu",        "tua",     "tuas",     "tudo",   "um",       "uma",      "umas",
	"uns",     "vai",       "vamos",   "vc",       "vcs",    "voce",     "voces",    "vou",
};

static const char *const english[] = {
	"a",     "about", "all",    "am",   "an",   "and",   "any",   "are",    "as",     "at",
	"be",    "been",  "being",  "but",  "by",   "can",   "could", "did",    "do",     "does",
	"for",   "from",  "had",    "has",  "have", "he",    "hello", "her",    "hi",     "him",
	"his",   "how",   "i",      "if",   "in",   "into",  "is",    "it",     "its",    "me",
	"my",    "no",    "not",    "of",   "on",   "or",    "our",   "please", "should", "so",
	"some",  "than",  "thanks", "that", "the",  "their", "them",  "then",   "there",  "these",
	"they",  "this",  "those",  "to",   "us",   "was",   "we",    "were",   "what",   "when",
	"where", "which", "who",    "will", "with", "would", "you",   "your",
};

static int compare_words(const void *word, const void *entry)
{
	const struct rcd_sv *w = word;
	struct rcd_sv e = rcd_sv(*(const char *const *)entry);
	int order = memcmp(w->p, e.p, w->n < e.n ? w->n : e.n);

	return order != 0 ? order : (w->n > e.n) - (w->n < e.n);
}

bool rcd_word_listed(struct rcd_sv word, const char *const *sorted, size_t n)
{
	return bsearch(&word, sorted, n, sizeof(*sorted), compare_words) != NULL;
}

#define IN(table, word) rcd_word_listed(word, table, sizeof(table) / sizeof((table)[0]))

bool rcd_stop_word_of(enum rcd_lang lang, struct rcd_sv word)
{
	return word.n > 0 && (lang == RCD_EN ? IN(english, word) : IN(portuguese, word));
}

bool rcd_stop_word(struct rcd_sv word)
{
	return word.n == 0 || IN(portuguese, word) || IN(english, word);
}

enum rcd_lang rcd_lang_of(struct rcd_sv folded)
{
	struct rcd_sv word;
	int english_more = 0;

	while (rcd_word(&folded, &word))
		english_more += IN(english, word) - IN(portuguese, word);
	return english_more > 0 ? RCD_EN : RCD_PT;
}

size_t rcd_tokens(size_t bytes)
{
	return (bytes * 2 + 6) / 7;
}
