#include "policy/phrase.h"

#include "base/words.h"

#include <string.h>

static const char *const polite[] = {
	"agora",     "ahora",    "amigo", "bom",    "boa",      "dia",      "entao", "favor",
	"gentileza", "gracias",  "hello", "hey",    "hi",       "hola",     "ja",    "moca",
	"moco",      "noite",    "now",   "obg",    "obrigada", "obrigado", "oi",    "ok",
	"ola",       "pessoal",  "pf",    "pfv",    "please",   "pls",      "plz",   "por",
	"porfa",     "porfavor", "tarde", "thanks", "ya",
};

bool rcd_words_of(struct rcd_sv folded, struct rcd_words *out)
{
	struct rcd_sv word;

	out->n = 0;
	while (rcd_word(&folded, &word)) {
		if (out->n == RCD_MAX_PHRASE)
			return false;
		out->word[out->n++] = word;
	}
	return true;
}

static bool is_polite(struct rcd_sv word)
{
	for (size_t i = 0; i < sizeof(polite) / sizeof(polite[0]); i++)
		if (rcd_sv_is(word, polite[i]))
			return true;
	return false;
}

static void drop_repetitions(struct rcd_words *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if (n == 0 || !rcd_sv_eq(w->word[i], w->word[n - 1]))
			w->word[n++] = w->word[i];
	w->n = n;
}

void rcd_words_trim(struct rcd_words *w)
{
	size_t from = 0;

	while (w->n > 0 && is_polite(w->word[w->n - 1]))
		w->n--;
	while (from < w->n && is_polite(w->word[from]))
		from++;
	memmove(w->word, w->word + from, (w->n - from) * sizeof(w->word[0]));
	w->n -= from;
	drop_repetitions(w);
}

/* token: "a|b|c", of n bytes. */
static bool is_one_of(const char *token, size_t n, struct rcd_sv word)
{
	struct rcd_sv rest = {token, n}, choice;

	if (n == 1 && token[0] == '_')
		return true;
	while (rcd_sv_cut(&rest, '|', &choice))
		if (rcd_sv_eq(choice, word))
			return true;
	return false;
}

/* Depth and work are bounded by the pattern, which is ours. */
static bool begins_with(const char *pattern, const struct rcd_sv *word, size_t n, bool whole)
{
	size_t len = strcspn(pattern, " ");
	bool optional = len > 0 && pattern[len - 1] == '?';
	const char *next = pattern + len + (pattern[len] == ' ');

	if (len == 0)
		return !whole || n == 0;
	if (n > 0 && is_one_of(pattern, len - optional, word[0]) &&
	    begins_with(next, word + 1, n - 1, whole))
		return true;
	return optional && begins_with(next, word, n, whole);
}

bool rcd_phrase_is(const char *pattern, const struct rcd_words *w)
{
	return w->n > 0 && begins_with(pattern, w->word, w->n, true);
}

size_t rcd_phrase_find(const char *pattern, const struct rcd_words *w, size_t from)
{
	while (from < w->n && !begins_with(pattern, w->word + from, w->n - from, false))
		from++;
	return from;
}

/* a to z, and one bit for everything else. */
static uint32_t initial_bit(char c)
{
	return c >= 'a' && c <= 'z' ? (uint32_t)1 << (c - 'a') : (uint32_t)1 << 26;
}

uint32_t rcd_phrase_initials(const char *pattern)
{
	uint32_t set = 0;
	bool optional = true;

	while (optional && *pattern != '\0') {
		size_t len = strcspn(pattern, " ");
		struct rcd_sv token, choice;

		optional = len > 0 && pattern[len - 1] == '?';
		token = (struct rcd_sv){pattern, len - optional};
		if (rcd_sv_is(token, "_"))
			return UINT32_MAX;
		while (rcd_sv_cut(&token, '|', &choice))
			set |= choice.n > 0 ? initial_bit(choice.p[0]) : 0;
		pattern += len + (pattern[len] == ' ');
	}
	return set;
}

uint32_t rcd_phrase_initial(const struct rcd_words *w)
{
	return w->n > 0 ? initial_bit(w->word[0].p[0]) : 0;
}
