#include "turn/wish.h"

#include "base/fold.h"
#include "base/limits.h"
#include "base/words.h"

#include <stdlib.h>
#include <string.h>

#define REACH 6  /* words from "manda" to "áudio" */
#define NOT_REACH 3 /* and from "não" to "manda" */

/* Sorted, folded. */
static const char *const asking[] = {
	"answer", "can", "conta", "conte", "could", "envia", "enviar", "envie", "explain", "explica", "explique",
	"fala", "falar", "fale", "grava", "gravar", "grave", "manda", "mandar", "mande", "pode", "poderia",
	"prefer", "prefiro", "preciso", "queria", "quero", "record", "reply", "respond", "responda", "responde",
	"responder", "send", "speak", "tell", "want",
};
static const char *const sound[] = {"audio", "audios", "voice", "voz"};
static const char *const not[] = {
	"don", "dont", "jamais", "nao", "nem", "never", "no", "not", "nunca", "pare", "sem", "stop", "without",
};
/* "em áudio", "by voice": asks by itself. */
static const char *const by[] = {"as", "by", "em", "in", "por", "via"};

static int compare(const void *key, const void *item)
{
	const struct rcd_sv *a = key;
	struct rcd_sv b = rcd_sv(*(const char *const *)item);
	int c = memcmp(a->p, b.p, a->n < b.n ? a->n : b.n);

	return c != 0 ? c : (a->n > b.n) - (a->n < b.n);
}

#define IN(word, list) \
	(bsearch(&(word), list, sizeof(list) / sizeof(*(list)), sizeof(*(list)), compare) != NULL)

/* One clause. Where each was said last, in words from its beginning; 0: not yet. */
static bool asks_for_audio(struct rcd_sv clause)
{
	size_t i = 0, asked = 0, refused = 0, before = 0;
	struct rcd_sv word;

	while (rcd_word(&clause, &word)) {
		i++;
		if (IN(word, not)) {
			refused = i;
		} else if (IN(word, asking)) {
			asked = refused > 0 && i - refused <= NOT_REACH ? asked : i;
		} else if (IN(word, sound)) {
			if (asked > refused && i - asked <= REACH)
				return true;
			if (before == i - 1 && refused == 0 && i > 1)
				return true;
		}
		if (IN(word, by) || (before == i - 1 && i > 1 && (rcd_sv_is(word, "um") || rcd_sv_is(word, "a"))))
			before = i;
	}
	return false;
}

int rcd_wish_audio(struct rcd_sv text, bool *yes, struct rcd_err *err)
{
	struct rcd_buf folded;
	struct rcd_sv rest;
	int ret;

	*yes = false;
	rcd_buf_init(&folded, 4 * RCD_MAX_TEXT);
	ret = rcd_fold(text, &folded, err);
	rest = rcd_buf_view(&folded);
	while (ret == 0 && !*yes && rest.n > 0) {
		size_t n = 0;

		while (n < rest.n && strchr(".,;:!?\n", rest.p[n]) == NULL)
			n++;
		*yes = asks_for_audio((struct rcd_sv){rest.p, n});
		rest = rcd_sv_skip(rest, n < rest.n ? n + 1 : n);
	}
	rcd_buf_free(&folded);
	return ret != 0 && err->code == RCD_NOMEM ? -1 : 0; /* a text beyond all measure wishes nothing */
}

/* --- what concerns the contact's data ------------------------------------------------------ */

#define SHORT_WORDS 16

/* Folded, with one space between words. */
static const struct {
	const char *words;
	enum rcd_wish what;
} phrases[] = {
	{"o que voce sabe sobre mim", RCD_WISH_KNOWN},
	{"o que voces sabem sobre mim", RCD_WISH_KNOWN},
	{"o que vc sabe sobre mim", RCD_WISH_KNOWN},
	{"o que voce sabe de mim", RCD_WISH_KNOWN},
	{"quais dados voce tem sobre mim", RCD_WISH_KNOWN},
	{"quais dados voces tem sobre mim", RCD_WISH_KNOWN},
	{"que dados voces tem sobre mim", RCD_WISH_KNOWN},
	{"what do you know about me", RCD_WISH_KNOWN},
	{"what data do you have about me", RCD_WISH_KNOWN},
	{"esqueca tudo sobre mim", RCD_WISH_FORGET},
	{"esquece tudo sobre mim", RCD_WISH_FORGET},
	{"esqueca de mim", RCD_WISH_FORGET},
	{"apague os meus dados", RCD_WISH_FORGET},
	{"apague meus dados", RCD_WISH_FORGET},
	{"apaga meus dados", RCD_WISH_FORGET},
	{"apagar os meus dados", RCD_WISH_FORGET},
	{"apagar meus dados", RCD_WISH_FORGET},
	{"exclua meus dados", RCD_WISH_FORGET},
	{"excluir meus dados", RCD_WISH_FORGET},
	{"forget everything about me", RCD_WISH_FORGET},
	{"forget all about me", RCD_WISH_FORGET},
	{"delete my data", RCD_WISH_FORGET},
	{"erase my data", RCD_WISH_FORGET},
};
static const char *const yes[] = {
	"sim", "sim pode", "sim pode apagar", "sim apague", "sim esqueca", "pode apagar", "confirmo", "sim confirmo",
	"yes", "yes please", "yes forget", "yes delete", "confirm", "i confirm",
};

static enum rcd_wish wish_of(struct rcd_sv words)
{
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (rcd_sv_is(words, yes[i]))
			return RCD_WISH_YES;
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (words.n > 0 && memmem(words.p, words.n, phrases[i].words, strlen(phrases[i].words)) != NULL)
			return phrases[i].what;
	return RCD_WISH_NONE;
}

/* Only what is said, without its marks; false when it is long. */
static bool plain(struct rcd_sv folded, struct rcd_buf *out)
{
	struct rcd_sv word;
	int n = 0;

	while (rcd_word(&folded, &word)) {
		if (IN(word, not) || ++n > SHORT_WORDS)
			return false;
		if (out->n > 0)
			rcd_buf_ch(out, ' ');
		rcd_buf_sv(out, word);
	}
	return true;
}

int rcd_wish(struct rcd_sv text, enum rcd_wish *out, struct rcd_err *err)
{
	struct rcd_buf folded, words;
	int ret;

	*out = RCD_WISH_NONE;
	rcd_buf_init(&folded, 4 * RCD_MAX_TEXT);
	rcd_buf_init(&words, 4 * RCD_MAX_TEXT);
	ret = rcd_fold(text, &folded, err);
	if (ret == 0 && plain(rcd_buf_view(&folded), &words))
		*out = words.bad ? RCD_WISH_NONE : wish_of(rcd_buf_view(&words));
	if (ret == 0 && words.bad)
		ret = rcd_fail_nomem(err);
	rcd_buf_free(&folded);
	rcd_buf_free(&words);
	return ret != 0 && err->code == RCD_NOMEM ? -1 : 0;
}
