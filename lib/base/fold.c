#include "base/fold.h"

#include <utf8proc.h>

/* What a code point becomes at most, U+FDFA. */
#define MAX_FOLDED 18

/* Decomposition, case and marks are a matter of each code point by itself; the order of marks,
 * which utf8proc_map would sort for the whole text, does not matter because they go. */
static void add_folded(struct rcd_buf *out, uint32_t cp)
{
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
	                              UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE;
	utf8proc_int32_t folded[MAX_FOLDED];
	utf8proc_uint8_t bytes[4];
	int unused = UTF8PROC_BOUNDCLASS_START;
	utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)cp, folded, MAX_FOLDED, how,
	                                             &unused);

	for (utf8proc_ssize_t i = 0; i < n && i < MAX_FOLDED; i++)
		rcd_buf_add(out, bytes, (size_t)utf8proc_encode_char(folded[i], bytes));
}

int rcd_fold(struct rcd_sv text, struct rcd_buf *out, struct rcd_err *err)
{
	for (const char *p = text.p, *end = text.p + text.n; p < end;) {
		const char *at = p;
		uint32_t cp = rcd_utf8_next(&p, end);

		if (cp < 0x80)
			rcd_buf_ch(out, (char)(cp >= 'A' && cp <= 'Z' ? cp + 32 : cp));
		else if (cp != 0xFFFD || p - at == 3)
			add_folded(out, cp);
	}
	if (out->bad)
		return out->over ? rcd_fail(err, RCD_LIMIT, 0, "a text of more than %zu bytes", out->max)
		                 : rcd_fail_nomem(err);
	return 0;
}

bool rcd_is_word_char(uint32_t cp)
{
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ND:
		return true;
	default:
		return false;
	}
}
