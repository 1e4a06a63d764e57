#include "base/charset.h"
#include "base/limits.h"
#include "knowledge/cut.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Anything as frames, and as a text of unknown encoding: what comes out is UTF-8. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_sv bytes = {(const char *)p, n};
	struct rcd_passages cut;
	struct rcd_buf text;

	if (rcd_cut_frames(bytes, &cut, RCD_UNREAD_ERR) == 0) {
		for (size_t i = 0; i < cut.n; i++)
			if (!rcd_utf8_ok(cut.p[i].text) || !rcd_utf8_ok(cut.p[i].heading))
				abort();
		rcd_passages_done(&cut);
	}
	rcd_buf_init(&text, RCD_MAX_DOCUMENT_TEXT);
	if (rcd_charset_utf8(bytes, &text, RCD_UNREAD_ERR) == 0) {
		if (!rcd_utf8_ok(rcd_buf_view(&text)) ||
		    rcd_cut(rcd_buf_view(&text), &cut, RCD_UNREAD_ERR) != 0)
			abort();
		rcd_passages_done(&cut);
	}
	rcd_buf_free(&text);
	return 0;
}
