#include "base/limits.h"
#include "net/form.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* What was parsed, written out again, parses to the same pairs. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_form a, b;
	struct rcd_buf text;

	if (rcd_form_parse((struct rcd_sv){(const char *)p, n}, &a, RCD_UNREAD_ERR) != 0)
		return 0;
	rcd_buf_init(&text, 8 * RCD_MAX_WEBHOOK);
	for (size_t i = 0; i < a.n; i++) {
		if (i > 0)
			rcd_buf_ch(&text, '&');
		rcd_form_escape(a.pair[i].name, &text);
		rcd_buf_ch(&text, '=');
		rcd_form_escape(a.pair[i].value, &text);
	}
	if (!text.bad && rcd_form_parse(rcd_buf_view(&text), &b, RCD_UNREAD_ERR) == 0) {
		if (a.n != b.n)
			abort();
		for (size_t i = 0; i < a.n; i++)
			if (!rcd_sv_eq(a.pair[i].name, b.pair[i].name) ||
			    !rcd_sv_eq(a.pair[i].value, b.pair[i].value))
				abort();
		rcd_form_free(&b);
	}
	rcd_buf_free(&text);
	rcd_form_free(&a);
	return 0;
}
