#include "knowledge/words.h"

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
static const char *const stop[] = {
	"a", "about", "agora", "ai", "ainda", "alguem", "algum", "alguma", "ali", "all", "am",
	"an", "and", "ao", "aos", "aquele", "aqui", "are", "as", "assim", "at", "ate", "be",
	"boa", "bom", "but", "by", "ca", "cade", "can", "com", "como", "da", "das", "de", "dela",
	"dele", "desde", "deve", "dia", "do", "does", "dos", "e", "ela", "elas", "ele", "eles",
	"em", "entao", "era", "essa", "esse", "esta", "estao", "estou", "eu", "favor", "faz",
	"fazem", "foi", "for", "from", "gostaria", "had", "has", "have", "hello", "hi", "how",
	"i", "if", "in", "is", "isso", "isto", "it", "ja", "la", "lhe", "mais", "mas", "me",
	"meu", "mim", "minha", "muito", "my", "na", "nao", "nas", "nem", "no", "noite", "nos",
	"nossa", "nosso", "not", "num", "numa", "o", "obrigada", "obrigado", "of", "oi", "ola",
	"on", "onde", "or", "os", "ou", "para", "pela", "pelo", "please", "pode", "podem", "por",
	"porque", "posso", "pra", "pro", "quais", "qual", "quando", "quanto", "que", "quem",
	"queria", "quero", "saber", "se", "seja", "sem", "ser", "seu", "seus", "sim", "so",
	"sobre", "sua", "suas", "tarde", "te", "tem", "tenho", "ter", "thanks", "that", "the",
	"there", "they", "this", "to", "tudo", "um", "uma", "vai", "vc", "vcs", "voce", "voces",
	"vou", "was", "we", "were", "what", "when", "where", "which", "who", "will", "with",
	"would", "you", "your",
};

static int compare(const void *word, const void *entry)
{
	const struct rcd_sv *w = word;
	struct rcd_sv e = rcd_sv(*(const char *const *)entry);
	int order = memcmp(w->p, e.p, w->n < e.n ? w->n : e.n);

	return order != 0 ? order : (w->n > e.n) - (w->n < e.n);
}

bool rcd_stop_word(struct rcd_sv word)
{
	return word.n == 0 || bsearch(&word, stop, sizeof(stop) / sizeof(stop[0]), sizeof(stop[0]), compare) != NULL;
}
