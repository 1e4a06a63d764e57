#include "daemon/extract/extract.h"
#include "knowledge/cut.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The first byte says which reader. What one makes of anything at all is frames that can be cut. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_sv doc = {(const char *)p + 1, n - 1};
	struct rcd_passages cut;
	struct rcd_prose out;
	int ret;

	if (n == 0)
		return 0;
	rcd_text_init(&out);
	switch (p[0]) {
	case 'd':
		ret = rcd_read_office(doc, &out, RCD_UNREAD_ERR);
		break;
	case 'c':
		ret = rcd_read_csv(doc, &out, RCD_UNREAD_ERR);
		break;
	case 'p':
		rcd_pdf_pages(doc, &out);
		ret = 0;
		break;
	default:
		ret = rcd_read_html(doc, &out, RCD_UNREAD_ERR);
	}
	if (ret == 0 && rcd_text_end(&out)) {
		if (rcd_cut_frames(rcd_buf_view(&out.frames), &cut, RCD_UNREAD_ERR) != 0)
			abort();
		rcd_passages_done(&cut);
	}
	rcd_text_done(&out);
	return 0;
}
