#include "policy/audio_wish.h"

#include "base/fold.h"
#include "base/limits.h"
#include "base/words.h"
#include "policy/audio_phrases.h"
#include "policy/phrase.h"

#include <string.h>

#define REACH 6     /* words from "manda" to "áudio" */
#define NOT_REACH 3 /* from "não" to "manda", */
#define NOT_NEAR 2  /* and to a phrase of the table */
#define OWN_REACH 3 /* from "posso" to "mandar" */

/* Folded. */
static const char *const asking[] = {
	"answer",   "can",       "conta",    "conte", "could",  "envia", "enviar",  "envie",
	"explain",  "explica",   "explique", "fala",  "falar",  "fale",  "grava",   "gravar",
	"grave",    "manda",     "mandar",   "mande", "mandem", "pode",  "poderia", "prefer",
	"prefiro",  "preciso",   "queria",   "quero", "record", "reply", "respond", "responda",
	"responde", "responder", "send",     "speak", "tell",   "want",
};
static const char *const sound[] = {"audio", "audios", "voice", "voz"};
static const char *const not [] = {
	"don", "dont",  "jamais", "nao", "nem",  "never",   "no",
	"not", "nunca", "pare",   "sem", "stop", "without",
};
/* "em áudio", "by voice": asks by itself. */
static const char *const by[] = {"as", "by", "em", "in", "por", "via"};
/* Who speaks is the customer: "posso mandar um áudio?", "vou gravar um áudio". */
static const char *const own[] = {"deixa", "estou", "i", "irei", "let", "ll", "posso", "vou"};
static const char *const speaking[] = {
	"enviar",   "falar",  "gravar", "mandar",  "mandando",
	"gravando", "record", "send",   "sending", "speak",
};
/* A note that is there already, or a thing: "meu áudio", "o áudio que mandei", "cabo de áudio". */
static const char *const heard[] = {
	"abrir",  "chegou", "escutar", "escutou", "gravei",  "hear",      "heard", "listen",
	"mandei", "enviei", "ouvir",   "ouviu",   "recebeu", "receberam", "sent",
};
static const char *const mine[] = {"esse", "este",  "meu",  "meus", "minha",
                                   "my",   "nesse", "that", "this"};
static const char *const spoken[] = {"gravacao", "mensagem", "mensagens", "nota",
                                     "recado",   "resposta", "um"};

static bool is_in(struct rcd_sv word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rcd_sv_is(word, list[i]))
			return true;
	return false;
}

#define IN(word, list) is_in(word, list, sizeof(list) / sizeof((list)[0]))

/* Does the customer speak of sending one, of one that was sent, or of something else? */
static bool is_other_sound(const struct rcd_words *w, size_t at)
{
	if (at > 0 && IN(w->word[at - 1], mine))
		return true;
	if (at > 1 && rcd_sv_is(w->word[at - 1], "de") && !IN(w->word[at - 2], spoken))
		return true;
	for (size_t i = 0; i < w->n; i++) {
		if (IN(w->word[i], heard) && !IN(w->word[at - (at > 0)], by))
			return true;
		for (size_t k = i + 1; IN(w->word[i], own) && k < w->n && k <= i + OWN_REACH; k++)
			if (IN(w->word[k], speaking))
				return true;
	}
	return rcd_phrase_find("quero|queria|prefiro mandar|enviar|gravar|falar", w, 0) < w->n ||
	       rcd_phrase_find("em|no|ao vez|lugar|inves de|do um? audio|voz", w, 0) < w->n ||
	       rcd_phrase_find("instead of", w, 0) < w->n ||
	       rcd_phrase_find("pare|parem|para|parar|deixa|deixe de|com", w, 0) < w->n;
}

/* Index of the word for sound in a request for a voice note, or w->n. */
static size_t find_asking(const struct rcd_words *w)
{
	size_t asked = 0, refused = 0, before = 0; /* last places, counted from 1; 0: none */

	for (size_t i = 1; i <= w->n; i++) {
		const struct rcd_sv word = w->word[i - 1];

		if (IN(word, not )) {
			refused = i;
		} else if (IN(word, asking)) {
			asked = refused > 0 && i - refused <= NOT_REACH ? asked : i;
		} else if (IN(word, sound)) {
			if (((asked > refused && i - asked <= REACH) ||
			     (before == i - 1 && refused == 0 && i > 1)) &&
			    !is_other_sound(w, i - 1))
				return i - 1;
		}
		if (IN(word, by) ||
		    (before == i - 1 && i > 1 && (rcd_sv_is(word, "um") || rcd_sv_is(word, "a"))))
			before = i;
	}
	return w->n;
}

static bool is_negated(const struct rcd_words *w, size_t at)
{
	for (size_t i = at > NOT_NEAR ? at - NOT_NEAR : 0; i < at; i++)
		if (IN(w->word[i], not ))
			return true;
	return false;
}

/* How many words the pattern takes at most is not known, so the word behind is looked for: the
 * first that the pattern cannot begin a longer match with. */
static bool is_general(const char *pattern, const struct rcd_words *w, size_t at)
{
	struct rcd_words head = {.n = 0};

	for (size_t i = at; i < w->n; i++) {
		head.word[head.n++] = w->word[i];
		if (rcd_phrase_is(pattern, &head)) {
			while (i + 1 < w->n && head.n < RCD_MAX_PHRASE) { /* the longest */
				head.word[head.n++] = w->word[i + 1];
				if (!rcd_phrase_is(pattern, &head))
					break;
				i++;
			}
			return i + 1 == w->n || IN(w->word[i + 1], general);
		}
	}
	return false;
}

/* Where in the clause phrase k stands; w->n when it does not. */
static size_t find_phrase(size_t k, const struct rcd_words *w, const struct rcd_words *trimmed,
                          bool question)
{
	const enum place place = phrases[k].place;
	size_t at;

	if (place == ALONE)
		return rcd_phrase_is(phrases[k].pattern, trimmed) ? w->n - 1
		                                                  : w->n; /* it says all of the clause */
	if (question && place != ASKED)
		return w->n;
	at = rcd_phrase_find(phrases[k].pattern, w, 0);
	if (at < w->n &&
	    (is_negated(w, at) || (place == BEFORE_END && !is_general(phrases[k].pattern, w, at))))
		return w->n;
	return at;
}

/* The last one said in the clause. */
static void look_at(const struct rcd_words *w, bool question, struct rcd_audio_said *out)
{
	struct rcd_words trimmed = *w;
	size_t last = find_asking(w);

	rcd_words_trim(&trimmed);
	if (last < w->n)
		*out = (struct rcd_audio_said){RCD_AUDIO_ASKED, "asks_for_audio"};
	for (size_t k = 0; k < sizeof(phrases) / sizeof(phrases[0]); k++) {
		size_t at = find_phrase(k, w, &trimmed, question);

		if (at < w->n && (last == w->n || at >= last || phrases[k].wish == RCD_AUDIO_ALWAYS)) {
			*out = (struct rcd_audio_said){phrases[k].wish, phrases[k].reason};
			last = at;
		}
	}
}

int rcd_audio_wish_of(struct rcd_sv text, struct rcd_audio_said *out, struct rcd_err *err)
{
	struct rcd_words words;
	struct rcd_buf folded;
	struct rcd_sv rest;
	int ret;

	*out = (struct rcd_audio_said){RCD_AUDIO_NONE, "none"};
	rcd_buf_init(&folded, 4 * RCD_MAX_TEXT);
	ret = rcd_fold(text, &folded, err);
	rest = rcd_buf_view(&folded);
	while (ret == 0 && rest.n > 0) {
		size_t n = 0;

		while (n < rest.n && strchr(".,;:!?\n", rest.p[n]) == NULL)
			n++;
		(void)rcd_words_of((struct rcd_sv){rest.p, n}, &words);
		look_at(&words, n < rest.n && rest.p[n] == '?', out);
		rest = rcd_sv_skip(rest, n < rest.n ? n + 1 : n);
	}
	rcd_buf_free(&folded);
	return ret != 0 && err->code == RCD_NOMEM ? -1
	                                          : 0; /* a text beyond all measure wishes nothing */
}
