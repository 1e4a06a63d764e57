/* recado-extract [--unsandboxed] html|docx|csv|pdf: the document comes on standard input, which is
 * a file, and its text leaves as frames. Started by lib/knowledge/extract.c, not by people. */

#include "base/limits.h"
#include "daemon/extract/cage.h"
#include "daemon/extract/extract.h"
#include "knowledge/frame.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef int reader_fn(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err);

static const struct {
	const char *name;
	reader_fn *read; /* NULL: pdftotext does it */
} kinds[] = {{"html", rcd_read_html}, {"docx", rcd_read_docx}, {"csv", rcd_read_csv}, {"pdf", NULL}};

#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);
/* the search for leaks starts a process, which the cage forbids */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static char too_slow[160]; /* the frame for a processor limit; made early, a signal needs it */
static size_t too_slow_n;

static void on_cpu_limit(int number)
{
	(void)number;
	if (write(1, too_slow, too_slow_n) == (ssize_t)too_slow_n)
		_exit(0);
	_exit(1);
}

static void mind_the_limit(void)
{
	static const char words[] = "it was not read after 30 s of work";
	struct sigaction act = {.sa_handler = on_cpu_limit};
	struct rcd_buf b;

	rcd_buf_init(&b, sizeof(too_slow));
	rcd_frame_put(&b, &(struct rcd_frame){RCD_FRAME_ERROR, RCD_LIMIT, RCD_SV(words)});
	if (!b.bad) {
		memcpy(too_slow, b.p, b.n);
		too_slow_n = b.n;
	}
	rcd_buf_free(&b);
	(void)sigaction(SIGXCPU, &act, NULL);
}

/* pread: pdftotext moves the place that it shares with us. */
static int read_input(struct rcd_buf *doc, struct rcd_err *err)
{
	off_t at = 0;

	for (;;) {
		size_t left = doc->max - (size_t)at, want = left < 65536 ? left : 65536;
		char *to = rcd_buf_room(doc, want);
		ssize_t n;

		if (to == NULL)
			return rcd_fail_nomem(err);
		if (want == 0)
			return rcd_fail(err, RCD_LIMIT, 0, "it has more than %d MB", RCD_MAX_DOCUMENT >> 20);
		n = pread(0, to, want, at);
		if (n < 0 && errno != EINTR)
			return rcd_fail_errno(err, "the document");
		if (n == 0)
			return 0;
		if (n > 0) {
			at += n;
			doc->n = (size_t)at;
		}
	}
}

static int extract(reader_fn *reader, bool may_be_free, struct rcd_prose *out, struct rcd_err *err)
{
	struct rcd_pdf pdf;
	struct rcd_buf doc;
	int ret = 0;

	rcd_buf_init(&doc, RCD_MAX_DOCUMENT + 1);
	if (reader == NULL && rcd_pdf_start(&pdf, may_be_free, err) != 0)
		return -1;
	if (rcd_cage_self(err) != 0 && !may_be_free)
		return -1;
	ret = read_input(&doc, err);
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

static int put_out(struct rcd_sv v)
{
	while (v.n > 0) {
		ssize_t n = write(1, v.p, v.n);

		if (n < 0 && errno != EINTR)
			return 1;
		if (n > 0)
			v = rcd_sv_skip(v, (size_t)n);
	}
	return 0;
}

static int put_error(const struct rcd_err *err)
{
	struct rcd_buf b;
	struct rcd_frame f = {RCD_FRAME_ERROR, (int)err->code, rcd_sv(err->msg)};
	int status;

	if (err->code == RCD_NOMEM) /* ours, not that of who asked */
		f = (struct rcd_frame){RCD_FRAME_ERROR, RCD_LIMIT, RCD_SV("reading it takes more than 1 GB of memory")};
	rcd_buf_init(&b, 1024);
	rcd_frame_put(&b, &f);
	status = b.bad ? 1 : put_out(rcd_buf_view(&b));
	rcd_buf_free(&b);
	return status;
}

int main(int argc, char **argv)
{
	bool may_be_free = argc == 3 && strcmp(argv[1], "--unsandboxed") == 0;
	const char *kind = argc == 2 + may_be_free ? argv[argc - 1] : "";
	struct rcd_err err = {0};
	struct rcd_prose out;
	int status = -1;

	rcd_text_init(&out);
	mind_the_limit();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kind, kinds[i].name) != 0)
			continue;
		status = rcd_cage_limits(&err) == 0 && extract(kinds[i].read, may_be_free, &out, &err) == 0
			? put_out(rcd_buf_view(&out.frames))
			: put_error(&err);
	}
	rcd_text_done(&out);
	return status < 0 ? 2 : status;
}
