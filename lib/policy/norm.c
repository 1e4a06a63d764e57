#include "policy/norm.h"

#include "base/fold.h"
#include "base/words.h"

#include <string.h>

#define FNV_BASIS 14695981039346656037u
#define FNV_PRIME 1099511628211u
#define FOLDED_BYTES (32 * RCD_NORM_BYTES) /* one character may unfold into eighteen */

static uint64_t hash_of(struct rcd_sv v)
{
	uint64_t h = FNV_BASIS;

	for (size_t i = 0; i < v.n; i++)
		h = (h ^ (unsigned char)v.p[i]) * FNV_PRIME;
	return h;
}

static bool has_digit(struct rcd_sv word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] >= '0' && word.p[i] <= '9')
			return true;
	return false;
}

/* The words of folded text. *letters grows by what is no number. */
static void add_words(struct rcd_sv folded, struct rcd_buf *out, size_t *letters)
{
	const size_t from = out->n;
	bool number = false;
	struct rcd_sv word;

	while (rcd_word(&folded, &word)) {
		bool is_number = has_digit(word);

		if (is_number && number)
			continue;
		number = is_number;
		if (out->n > from)
			rcd_buf_ch(out, ' ');
		if (is_number)
			rcd_buf_ch(out, '#');
		else
			rcd_buf_sv(out, word);
		*letters += is_number ? 0 : rcd_utf8_count(word);
	}
}

static int fold_head(struct rcd_sv text, struct rcd_buf *out, struct rcd_err *err)
{
	text.n = rcd_utf8_cut(text, RCD_NORM_BYTES);
	return rcd_fold(text, out, err);
}

int rcd_norm_text(struct rcd_sv text, struct rcd_buf *out, struct rcd_err *err)
{
	struct rcd_buf folded;
	size_t letters = 0;
	int ret;

	rcd_buf_init(&folded, FOLDED_BYTES);
	ret = fold_head(text, &folded, err);
	if (ret == 0)
		add_words(rcd_buf_view(&folded), out, &letters);
	rcd_buf_free(&folded);
	return ret == 0 && out->bad ? rcd_fail_nomem(err) : ret;
}

/* A line without words (an emoji, "??") is what it is. */
static void add_line(struct rcd_norm *f, struct rcd_sv line, struct rcd_buf *words)
{
	size_t letters = 0;
	uint64_t hash;

	line = rcd_sv_trim(line);
	if (line.n == 0 || f->n == RCD_NORM_LINES)
		return;
	rcd_buf_reset(words);
	add_words(line, words, &letters);
	hash = hash_of(words->n > 0 ? rcd_buf_view(words) : line);
	if (rcd_norm_has(f, hash))
		return;
	f->line[f->n++] = hash;
	f->letters += letters;
}

int rcd_norm(struct rcd_sv text, struct rcd_norm *out, struct rcd_err *err)
{
	struct rcd_norm f = {.n = 0};
	struct rcd_buf folded, words;
	struct rcd_sv rest, line;
	int ret;

	rcd_buf_init(&folded, FOLDED_BYTES);
	rcd_buf_init(&words, FOLDED_BYTES);
	ret = fold_head(text, &folded, err);
	rest = rcd_buf_view(&folded);
	while (ret == 0 && rest.p != NULL && rcd_sv_cut(&rest, '\n', &line))
		add_line(&f, line, &words);
	if (ret == 0 && words.bad)
		ret = rcd_fail_nomem(err);
	rcd_buf_free(&folded);
	rcd_buf_free(&words);
	if (ret == 0)
		*out = f;
	return ret;
}

bool rcd_norm_has(const struct rcd_norm *f, uint64_t line)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->line[i] == line)
			return true;
	return false;
}

bool rcd_norm_eq(const struct rcd_norm *a, const struct rcd_norm *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!rcd_norm_has(b, a->line[i]))
			return false;
	return true;
}
