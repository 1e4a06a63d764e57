/* How words, characters and arguments are compared. */

#include "base/fold.h"
#include "base/limits.h"
#include "base/words.h"
#include "daemon/eval/judge.h"

#include <string.h>

#define MAX_FOLDED (20 * RCD_MAX_TEXT) /* one code point may fold into eighteen */

/* The next word of a folded phrase; open: a "*" stands behind it. */
static bool take_phrase_word(struct rcd_sv *rest, struct rcd_sv *word, bool *open)
{
	const char *end = rest->n > 0 ? rest->p + rest->n : NULL;

	if (!rcd_word(rest, word))
		return false;
	*open = word->p + word->n < end && word->p[word->n] == '*';
	return true;
}

/* Does text begin with the phrase? */
static bool begins_with(struct rcd_sv text, struct rcd_sv phrase)
{
	struct rcd_sv word, want;
	bool open;

	while (take_phrase_word(&phrase, &want, &open))
		if (!rcd_word(&text, &word) || !(open ? rcd_sv_starts(word, want) : rcd_sv_eq(word, want)))
			return false;
	return true;
}

static bool is_inside(struct rcd_sv text, struct rcd_sv phrase)
{
	struct rcd_sv at = text, word;

	while (rcd_word(&text, &word)) {
		if (begins_with(at, phrase))
			return true;
		at = text;
	}
	return false;
}

int rcd_has_words(struct rcd_sv phrase, bool *has, struct rcd_err *err)
{
	struct rcd_buf folded;
	struct rcd_sv rest, word;
	int ret;

	rcd_buf_init(&folded, MAX_FOLDED);
	ret = rcd_fold(phrase, &folded, err);
	rest = rcd_buf_view(&folded);
	if (ret == 0)
		*has = rcd_word(&rest, &word);
	rcd_buf_free(&folded);
	return ret;
}

int rcd_says(struct rcd_sv text, struct rcd_sv phrase, bool *says, struct rcd_err *err)
{
	struct rcd_buf a, b;
	int ret;

	rcd_buf_init(&a, MAX_FOLDED);
	rcd_buf_init(&b, MAX_FOLDED);
	ret = rcd_fold(text, &a, err) != 0 || rcd_fold(phrase, &b, err) != 0 ? -1 : 0;
	if (ret == 0)
		*says = is_inside(rcd_buf_view(&a), rcd_buf_view(&b));
	rcd_buf_free(&a);
	rcd_buf_free(&b);
	return ret;
}

/* --- characters ----------------------------------------------------------------------------- */

static bool is_white(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0xA0 || cp == 0x202F ||
	       (cp >= 0x2000 && cp <= 0x200A);
}

static void squeeze_space(struct rcd_sv text, struct rcd_buf *out)
{
	bool before = false;

	for (const char *p = text.p, *end = text.p + text.n; text.n > 0 && p < end;) {
		const char *from = p;
		bool now = is_white(rcd_utf8_next(&p, end));

		if (!now)
			rcd_buf_add(out, from, (size_t)(p - from));
		else if (!before)
			rcd_buf_ch(out, ' ');
		before = now;
	}
}

int rcd_writes(struct rcd_sv text, struct rcd_sv piece, bool *writes, struct rcd_err *err)
{
	struct rcd_buf a, b;
	int ret = 0;

	rcd_buf_init(&a, MAX_FOLDED);
	rcd_buf_init(&b, MAX_FOLDED);
	squeeze_space(text, &a);
	squeeze_space(piece, &b);
	if (a.bad || b.bad)
		ret = a.over || b.over
		          ? rcd_fail(err, RCD_LIMIT, 0, "an answer of more than %d bytes", MAX_FOLDED)
		          : rcd_fail_nomem(err);
	else
		*writes = b.n > 0 && a.n >= b.n && memmem(a.p, a.n, b.p, b.n) != NULL;
	rcd_buf_free(&a);
	rcd_buf_free(&b);
	return ret;
}

/* --- arguments ------------------------------------------------------------------------------ */

static struct rcd_sv get_string(const json_t *v)
{
	return (struct rcd_sv){json_string_value(v), json_string_length(v)};
}

static int has_string(const json_t *value, const json_t *want, bool *holds, struct rcd_err *err)
{
	struct rcd_sv phrase = get_string(want);
	bool words;

	*holds = json_is_string(value) && (phrase.n == 0 || json_equal(value, want));
	if (!json_is_string(value) || *holds)
		return 0;
	if (rcd_has_words(phrase, &words, err) != 0)
		return -1;
	return words ? rcd_says(get_string(value), phrase, holds, err) : 0;
}

static int list_members(const json_t *value, const json_t *want, bool *holds, struct rcd_err *err)
{
	const char *key;
	json_t *one;

	*holds = json_is_object(value);
	json_object_foreach ((json_t *)(uintptr_t)want, key, one) {
		const json_t *mine = json_object_get(value, key);

		*holds = *holds && mine != NULL;
		if (!*holds)
			return 0;
		if (rcd_holds_json(mine, one, holds, err) != 0)
			return -1;
	}
	return 0;
}

static int list_items(const json_t *value, const json_t *want, bool *holds, struct rcd_err *err)
{
	*holds = json_is_array(value) && json_array_size(value) == json_array_size(want);
	for (size_t i = 0; *holds && i < json_array_size(want); i++)
		if (rcd_holds_json(json_array_get(value, i), json_array_get(want, i), holds, err) != 0)
			return -1;
	return 0;
}

int rcd_holds_json(const json_t *value, const json_t *want, bool *holds, struct rcd_err *err)
{
	if (json_is_string(want))
		return has_string(value, want, holds, err);
	if (json_is_object(want))
		return list_members(value, want, holds, err);
	if (json_is_array(want))
		return list_items(value, want, holds, err);
	if (json_is_number(want))
		*holds = json_is_number(value) && json_number_value(value) >= json_number_value(want) &&
		         json_number_value(value) <= json_number_value(want);
	else
		*holds = json_equal(value, want);
	return 0;
}
