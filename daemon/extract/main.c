/* recado-extract [--unsandboxed] html|office|csv|pdf: the document comes on standard input, which
 * is a file, and its text leaves as frames. Started by lib/knowledge/extract.c, not by people. */

#include "base/limits.h"
#include "daemon/cage/cage.h"
#include "daemon/cage/helper.h"
#include "daemon/extract/extract.h"

#include <string.h>

#define CPU_S 30

typedef int reader_fn(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err);

static const struct {
	const char *name;
	reader_fn *read; /* NULL: pdftotext does it */
} kinds[] = {{"html", rcd_read_html},
             {"office", rcd_read_office},
             {"csv", rcd_read_csv},
             {"pdf", NULL}};

#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);
/* the search for leaks starts a process, which the cage forbids */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static int run_reader(reader_fn *reader, bool may_be_free, struct rcd_prose *out,
                      struct rcd_err *err)
{
	struct rcd_cage_child pdf;
	struct rcd_buf doc;
	int ret = 0;

	rcd_buf_init(&doc, RCD_MAX_DOCUMENT + 1);
	if (reader == NULL && rcd_pdf_start(&pdf, may_be_free, err) != 0)
		return -1;
	if (rcd_cage_self(err) != 0 && !may_be_free)
		return -1;
	ret = rcd_helper_input(&doc, err);
	if (ret == 0)
		ret = reader != NULL ? reader(rcd_buf_view(&doc), out, err)
		                     : rcd_pdf_read(&pdf, rcd_buf_view(&doc), out, err);
	rcd_buf_free(&doc);
	if (ret == 0 && out->over)
		ret = rcd_fail(err, RCD_LIMIT, 0, "it holds more than %d MB of text or %d pages",
		               RCD_MAX_DOCUMENT_TEXT >> 20, RCD_MAX_DOCUMENT_PAGES);
	if (ret == 0 && !rcd_text_end(out))
		ret = rcd_fail_nomem(err);
	return ret;
}

int main(int argc, char **argv)
{
	bool may_be_free = argc == 3 && strcmp(argv[1], "--unsandboxed") == 0;
	const char *kind = argc == 2 + may_be_free ? argv[argc - 1] : "";
	struct rcd_err err = {0};
	struct rcd_prose out;
	int status = -1;

	rcd_text_init(&out);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kind, kinds[i].name) != 0)
			continue;
		status = rcd_helper_limit(CPU_S, &err) == 0 &&
		                 run_reader(kinds[i].read, may_be_free, &out, &err) == 0
		             ? rcd_helper_write(rcd_buf_view(&out.frames))
		             : rcd_helper_fail(&err);
	}
	rcd_text_done(&out);
	return status < 0 ? 2 : status;
}
