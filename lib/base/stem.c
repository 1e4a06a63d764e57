#include "base/stem.h"

#include <libstemmer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rcd_stemmer {
	struct sb_stemmer *of[2]; /* by enum rcd_lang */
};

int rcd_stemmer_new(struct rcd_stemmer **out, struct rcd_err *err)
{
	struct rcd_stemmer *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return rcd_fail_nomem(err);
	s->of[RCD_PT] = sb_stemmer_new("portuguese", "UTF_8");
	s->of[RCD_EN] = sb_stemmer_new("english", "UTF_8");
	if (s->of[RCD_PT] == NULL || s->of[RCD_EN] == NULL) {
		rcd_stemmer_free(s);
		return rcd_fail_nomem(err);
	}
	*out = s;
	return 0;
}

struct rcd_stemmer *rcd_stemmer_free(struct rcd_stemmer *s)
{
	if (s != NULL) {
		sb_stemmer_delete(s->of[RCD_PT]);
		sb_stemmer_delete(s->of[RCD_EN]);
		free(s);
	}
	return NULL;
}

/* Snowball knows Portuguese endings by their accents, which folding has taken off and which
 * half of those who type never put on. Those that can only be one thing get them back, and
 * plurals that no ending tells ("cartões") become the singular. */
static const struct ending {
	const char *folded, *written;
	bool whole; /* "cartão" is no form of "carta": no more is taken off */
} endings[] = {
	{"acao", "ação", false},   {"acoes", "ação", false},   {"ucao", "ução", false},
	{"ucoes", "ução", false},  {"encia", "ência", false},  {"encias", "ência", false},
	{"ancia", "ância", false}, {"ancias", "ância", false}, {"avel", "ável", false},
	{"aveis", "ável", false},  {"ivel", "ível", false},    {"iveis", "ível", false},
	{"oes", "ao", true},       {"aes", "ao", true},        {"ao", "ao", true},
};

/* Copies the word into out with the accent of its ending restored; true when Snowball is to stem
 * it. */
static bool restore_accent(struct rcd_sv word, char out[RCD_STEM_N])
{
	struct rcd_sv as = {NULL, 0};
	size_t keep = word.n;
	bool whole = false;

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && as.p == NULL; i++) {
		struct rcd_sv e = rcd_sv(endings[i].folded);

		if (word.n < e.n + (endings[i].whole ? 1 : 2) || !rcd_sv_ends(word, e))
			continue;
		keep = word.n - e.n;
		as = rcd_sv(endings[i].written);
		whole = endings[i].whole;
	}
	memcpy(out, word.p, keep);
	if (as.n > 0)
		memcpy(out + keep, as.p, as.n);
	out[keep + as.n] = '\0';
	return !whole;
}

/* Removes the accents that `endings` restored, in place: U+00E0–U+00FF. */
static void strip_accents(char *s)
{
	static const char plain[] = "aaaaaaaceeeeiiiidnooooo/ouuuuypy";
	char *to = s;

	for (; *s != '\0'; s++) {
		unsigned char next = (unsigned char)s[1];

		if ((unsigned char)*s == 0xC3 && next >= 0xA0 && next <= 0xBF) {
			*to++ = plain[next - 0xA0];
			s++;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static bool is_all_letters(struct rcd_sv word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < 'a' || word.p[i] > 'z')
			return false;
	return true;
}

int rcd_stem(struct rcd_stemmer *s, enum rcd_lang lang, struct rcd_sv word, char out[RCD_STEM_N],
             struct rcd_err *err)
{
	const sb_symbol *stem;
	bool more = true;

	if (word.n > RCD_MAX_WORD)
		word.n = rcd_utf8_cut(word, RCD_MAX_WORD);
	if (lang == RCD_PT && is_all_letters(word)) {
		more = restore_accent(word, out);
	} else {
		memcpy(out, word.p, word.n);
		out[word.n] = '\0';
		more = is_all_letters(word);
	}
	if (!more)
		return 0;
	stem = sb_stemmer_stem(s->of[lang], (const sb_symbol *)out, (int)strlen(out));
	if (stem == NULL)
		return rcd_fail_nomem(err);
	(void)snprintf(out, RCD_STEM_N, "%s", (const char *)stem);
	strip_accents(out);
	return 0;
}

int rcd_stems(struct rcd_stemmer *s, enum rcd_lang lang, struct rcd_sv folded, struct rcd_buf *out,
              struct rcd_err *err)
{
	char stem[RCD_STEM_N];
	struct rcd_sv word;

	while (rcd_word(&folded, &word)) {
		if (word.n > RCD_MAX_WORD || rcd_stop_word(word))
			continue;
		if (rcd_stem(s, lang, word, stem, err) != 0)
			return -1;
		rcd_buf_str(out, stem);
		rcd_buf_ch(out, ' ');
	}
	if (out->bad)
		return out->over ? rcd_fail(err, RCD_LIMIT, 0, "a text of more than %zu bytes", out->max)
		                 : rcd_fail_nomem(err);
	return 0;
}
