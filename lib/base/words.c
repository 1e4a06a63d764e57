#include "base/words.h"

#include <stdlib.h>
#include <string.h>

/* Folded text: what is not ASCII is a letter of another script or a symbol; symbols and
 * punctuation beyond ASCII lie in U+2000–U+2BFF and U+3000–U+303F, emoji above U+1F000. */
static bool of_word(uint32_t cp)
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
		if (of_word(rcd_utf8_next(&p, end))) {
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
	"a", "agora", "ai", "ainda", "alguem", "algum", "alguma", "ali", "ao", "aos", "aquele",
	"aqui", "as", "assim", "ate", "boa", "bom", "ca", "cade", "com", "como", "da", "das",
	"de", "dela", "dele", "desde", "deve", "dia", "do", "dos", "e", "ela", "elas", "ele",
	"eles", "em", "entao", "era", "essa", "esse", "esta", "estao", "estou", "eu", "favor",
	"faz", "fazem", "foi", "gostaria", "isso", "isto", "ja", "la", "lhe", "mais", "mas", "me",
	"meu", "mim", "minha", "muito", "na", "nao", "nas", "nem", "no", "noite", "nos", "nossa",
	"nosso", "num", "numa", "o", "obrigada", "obrigado", "oi", "ola", "onde", "os", "ou",
	"para", "pela", "pelo", "pode", "podem", "por", "porque", "posso", "pra", "pro", "quais",
	"qual", "quando", "quanto", "que", "quem", "queria", "quero", "saber", "se", "seja",
	"sem", "ser", "seu", "seus", "sim", "so", "sobre", "sua", "suas", "tarde", "te", "tem",
	"tenho", "ter", "tudo", "um", "uma", "vai", "vc", "vcs", "voce", "voces", "vou",
};

static const char *const english[] = {
	"a", "about", "all", "am", "an", "and", "are", "as", "at", "be", "but", "by", "can", "do",
	"does", "for", "from", "had", "has", "have", "hello", "hi", "how", "i", "if", "in", "is",
	"it", "me", "my", "no", "not", "of", "on", "or", "please", "so", "thanks", "that", "the",
	"there", "they", "this", "to", "was", "we", "were", "what", "when", "where", "which",
	"who", "will", "with", "would", "you", "your",
};

static int compare(const void *word, const void *entry)
{
	const struct rcd_sv *w = word;
	struct rcd_sv e = rcd_sv(*(const char *const *)entry);
	int order = memcmp(w->p, e.p, w->n < e.n ? w->n : e.n);

	return order != 0 ? order : (w->n > e.n) - (w->n < e.n);
}

#define IN(table, word) \
	(bsearch(&(word), table, sizeof(table) / sizeof(table[0]), sizeof(table[0]), compare) != NULL)

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
