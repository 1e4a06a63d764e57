#include "base/fold.h"

#include <stdlib.h>
#include <utf8proc.h>

int rcd_fold(struct rcd_sv text, struct rcd_buf *out, struct rcd_err *err)
{
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t n;
	struct rcd_buf clean;

	if (text.n == 0)
		return 0;
	rcd_buf_init(&clean, text.n);
	for (const char *p = text.p, *end = text.p + text.n; p < end;) {
		const char *at = p;

		if (rcd_utf8_next(&p, end) != 0xFFFD || p - at == 3)
			rcd_buf_add(&clean, at, (size_t)(p - at));
	}
	if (clean.bad)
		return rcd_fail_nomem(err);
	n = clean.n == 0
	        ? 0
	        : utf8proc_map((const utf8proc_uint8_t *)clean.p, (utf8proc_ssize_t)clean.n, &folded,
	                       UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
	                           UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
	if (n > 0)
		rcd_buf_add(out, folded, (size_t)n);
	free(folded);
	rcd_buf_free(&clean);
	if (n < 0 || out->bad)
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
