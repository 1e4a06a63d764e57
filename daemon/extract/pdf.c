/* PDF: pdftotext of poppler-utils does it, whose licence and whose mistakes stay outside. */

#include "base/limits.h"
#include "daemon/extract/extract.h"

#include <string.h>
#include <unistd.h>

#define LAST_PAGE "2001" /* one more than RCD_MAX_DOCUMENT_PAGES, to see that there are more */

static const struct rcd_cage_program pdftotext = {.path = "/usr/bin/pdftotext",
                                                  .package = "poppler-utils",
                                                  .data = "/usr/share/poppler"};

int rcd_pdf_start(struct rcd_cage_child *pdf, bool may_be_free, struct rcd_err *err)
{
	static const char *const argv[] = {"pdftotext", "-q", "-enc", "UTF-8", "-l",
	                                   LAST_PAGE,   "-",  "-",    NULL};

	return rcd_cage_child_start(pdf, &pdftotext, argv, may_be_free, err);
}

void rcd_pdf_pages(struct rcd_sv text, struct rcd_prose *out)
{
	struct rcd_sv page;

	for (int number = 1; rcd_sv_cut(&text, '\f', &page); number++) {
		if (text.p == NULL && rcd_sv_trim(page).n == 0)
			return; /* behind the last form feed */
		rcd_text_page(out, number);
		rcd_text_lines(out, page);
	}
}

/* Pages are cut when all is there: what a broken end of the file does to the text before it is
 * seen in time. */
static int end_program(struct rcd_cage_child *pdf, struct rcd_sv doc, struct rcd_err *err)
{
	int status = 0;

	if (rcd_cage_child_end(pdf, &status, err) != 0)
		return -1;
	if (status == 0)
		return 0;
	if (status == 3)
		return rcd_fail(err, RCD_DENIED, 0, "its author forbids to copy its text");
	return memmem(doc.p, doc.n, "/Encrypt", 8) != NULL
	           ? rcd_fail(err, RCD_DENIED, 0, "it is encrypted: save it without a password")
	           : rcd_fail(err, RCD_PROTO, 0, "the file is broken: pdftotext cannot read it");
}

int rcd_pdf_read(struct rcd_cage_child *pdf, struct rcd_sv doc, struct rcd_prose *out,
                 struct rcd_err *err)
{
	struct rcd_buf text;
	struct rcd_err why;
	int ret;

	rcd_buf_init(&text, 2 * RCD_MAX_DOCUMENT_TEXT); /* layout goes on the way */
	ret = rcd_cage_child_read(pdf, &text, err);
	if (end_program(pdf, doc, &why) != 0 && ret == 0) {
		ret = -1;
		*err = why;
	}
	if (ret == 0)
		rcd_pdf_pages(rcd_buf_view(&text), out);
	if (ret == 0 && !out->over && rcd_text_empty(out))
		ret = rcd_fail(err, RCD_PROTO, 0, "there is no text in it, only pictures: a scan?");
	rcd_buf_free(&text);
	return ret;
}
