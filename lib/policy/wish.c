#include "policy/wish.h"

#include "base/fold.h"
#include "base/limits.h"
#include "base/words.h"

#include <stdlib.h>
#include <string.h>

/* Folded, sorted. */
static const char *const not [] = {
	"don", "dont",  "jamais", "nao", "nem",  "never",   "no",
	"not", "nunca", "pare",   "sem", "stop", "without",
};

#define IN(word, list) rcd_word_listed(word, list, sizeof(list) / sizeof(*(list)))

#define SHORT_WORDS 16
#define NEAR 7 /* words from "apague" to "dados", and to "meus" */

/* Folded, sorted. A wish is a verb, and within reach behind it what of and whose: "apague todos os
 * meus dados". The question comes before it is done, so one wish too many costs a question. */
static const char *const erase[] = {
	"apaga", "apagar", "apague",  "apaguem", "deleta", "deletar", "delete",  "elimine",
	"erase", "exclua", "excluam", "excluir", "remova", "remove",  "remover",
};
static const char *const forget[] = {"esqueca", "esquecam", "esquece", "esquecer", "forget"};
static const char *const know[] = {
	"armazenam", "conhece",   "guarda", "guardam", "guardou", "have",  "hold", "keep",
	"know",      "registrou", "sabe",   "sabem",   "salvou",  "store", "tem",
};
static const char *const whole[] = {
	/* what of */
	"cadastro",    "conversas",   "data",     "dados",     "historico", "history",
	"informacoes", "information", "messages", "mensagens", "registro",  "registros",
};
static const char *const mine[] = {"me", "meu", "meus", "mim", "minha", "minhas", "my"};
static const char *const about[] = {"about", "de", "sobre"};
static const char *const which[] = {"quais", "qual", "que", "what", "which"};
static const char *const yes[] = {
	"sim",         "sim pode",   "sim pode apagar", "sim apague", "sim esqueca",
	"pode apagar", "confirmo",   "sim confirmo",    "yes",        "yes please",
	"yes forget",  "yes delete", "confirm",         "i confirm",
};

static const char *const polite[] = {"agora", "favor", "now", "please",
                                     "por"}; /* they count as no word */

/* Where each was said last, in words from the beginning; 0: not yet. */
struct seen {
	size_t at, erase, forget, know, whole, mine, about, which, me;
	size_t of_me; /* "sobre mim" */
	size_t my;    /* "meus dados", "dados meus" */
};

/* Was other said behind verb, within reach? */
static bool is_behind(size_t verb, size_t other)
{
	return verb > 0 && other > verb && other - verb <= NEAR;
}

static bool is_beside(size_t a, size_t b)
{
	return a > 0 && b > 0 && (a > b ? a - b : b - a) <= 2;
}

static void note_word(struct seen *s, struct rcd_sv word)
{
	if (IN(word, polite))
		return;
	s->at++;
	s->erase = IN(word, erase) ? s->at : s->erase;
	s->forget = IN(word, forget) ? s->at : s->forget;
	s->know = IN(word, know) ? s->at : s->know;
	s->whole = IN(word, whole) ? s->at : s->whole;
	s->mine = IN(word, mine) ? s->at : s->mine;
	s->about = IN(word, about) ? s->at : s->about;
	s->which = IN(word, which) ? s->at : s->which;
	s->me = rcd_sv_is(word, "me") || rcd_sv_is(word, "mim") ? s->at : s->me;
	s->of_me = s->me == s->at && s->about + 1 == s->at ? s->at : s->of_me;
	s->my = is_beside(s->whole, s->mine) && (s->whole == s->at || s->mine == s->at) ? s->at : s->my;
}

/* "esqueça-me", "me esqueça", and nothing behind it: "esquece, me manda o preço" is none. */
static bool is_forget_me(const struct seen *s)
{
	return (s->me == s->forget + 1 && s->me == s->at) ||
	       (s->me + 1 == s->forget && s->forget == s->at);
}

static enum rcd_wish judge_words(const struct seen *s)
{
	if (is_behind(s->erase, s->my) || is_behind(s->erase, s->of_me) ||
	    is_behind(s->forget, s->my) || is_behind(s->forget, s->of_me) ||
	    (s->forget > 0 && s->me > 0 && is_forget_me(s)))
		return RCD_WISH_FORGET;
	return s->which > 0 && s->know > 0 && (s->of_me > 0 || s->my > 0) ? RCD_WISH_KNOWN
	                                                                  : RCD_WISH_NONE;
}

static enum rcd_wish wish_of(struct rcd_sv words)
{
	struct seen seen = {0};
	struct rcd_sv word;

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (rcd_sv_is(words, yes[i]))
			return RCD_WISH_YES;
	while (rcd_word(&words, &word))
		note_word(&seen, word);
	return judge_words(&seen);
}

/* Only what is said, without its marks; false when it is long. */
static bool copy_plain(struct rcd_sv folded, struct rcd_buf *out)
{
	struct rcd_sv word;
	int n = 0;

	while (rcd_word(&folded, &word)) {
		if (IN(word, not ) || ++n > SHORT_WORDS)
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
	if (ret == 0 && copy_plain(rcd_buf_view(&folded), &words))
		*out = words.bad ? RCD_WISH_NONE : wish_of(rcd_buf_view(&words));
	if (ret == 0 && words.bad)
		ret = rcd_fail_nomem(err);
	rcd_buf_free(&folded);
	rcd_buf_free(&words);
	return ret != 0 && err->code == RCD_NOMEM ? -1 : 0;
}
