#include "answer/marks.h"
#include "answer/sms.h"
#include "base/limits.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Any text, in pieces of the size that the first byte says, gets the marks it gets at once, and
 * fits into as many segments as the second byte says. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_sv text, rest;
	struct rcd_buf whole, cut, sms;
	struct rcd_marks m;
	struct rcd_sms_how how;
	enum rcd_marks_style style;

	if (n < 2 || n > 20000)
		return 0;
	text = rest = (struct rcd_sv){(const char *)p + 2, n - 2};
	style = p[0] % 2 == 0 ? RCD_MARKS_WHATSAPP : RCD_MARKS_PLAIN;
	how = (struct rcd_sms_how){p[1] % 2 == 0, p[1] / 2 % 11};
	rcd_buf_init(&whole, 8 * RCD_MAX_TEXT);
	rcd_buf_init(&cut, 8 * RCD_MAX_TEXT);
	rcd_buf_init(&sms, 8 * RCD_MAX_TEXT);
	rcd_marks_text(text, style, &whole);
	rcd_marks_init(&m, style);
	while (rest.n > 0) {
		size_t k = p[0] / 2 % 16 + 1u;

		k = k < rest.n ? k : rest.n;
		rcd_marks_push(&m, (struct rcd_sv){rest.p, k}, &cut);
		rest = rcd_sv_skip(rest, k);
	}
	rcd_marks_end(&m, &cut);
	rcd_marks_done(&m);
	if (whole.bad || cut.bad || !rcd_sv_eq(rcd_buf_view(&whole), rcd_buf_view(&cut)) ||
	    (rcd_utf8_ok(text) && !rcd_utf8_ok(rcd_buf_view(&whole))))
		abort();
	(void)rcd_sms_text(rcd_buf_view(&whole), &how, &sms);
	if (sms.bad || (how.segments > 0 && rcd_sms_size(rcd_buf_view(&sms)).segments > how.segments))
		abort();
	rcd_buf_free(&whole);
	rcd_buf_free(&cut);
	rcd_buf_free(&sms);
	return 0;
}
