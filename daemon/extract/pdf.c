/* PDF: pdftotext of poppler-utils does it, whose licence and whose mistakes stay outside. */

#include "base/limits.h"
#include "daemon/extract/cage.h"
#include "daemon/extract/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CAGELESS 126 /* how our child says that it got no cage; pdftotext ends with 0 to 4 and 99 */
#define MISSING 127
#define LAST_PAGE "2001" /* one more than RCD_MAX_DOCUMENT_PAGES, to see that there are more */

static const char program[] = "/usr/bin/pdftotext";

static void become_pdftotext(int out, bool may_be_free)
{
	static const char *const argv[] = {"pdftotext", "-q", "-enc", "UTF-8", "-l", LAST_PAGE, "-", "-", NULL};
	static const char *const env[] = {"LANG=C.UTF-8", NULL};

	/* when we are killed, so is it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || lseek(0, 0, SEEK_SET) < 0 || dup2(out, 1) < 0)
		_exit(MISSING);
	if (rcd_cage_program(program, NULL) != 0 && !may_be_free)
		_exit(CAGELESS);
	/* the type of argv is older than const; nothing writes to it */
	(void)execve(program, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	_exit(MISSING);
}

int rcd_pdf_start(struct rcd_pdf *pdf, bool may_be_free, struct rcd_err *err)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return rcd_fail_errno(err, "a pipe to pdftotext");
	pdf->pid = fork();
	if (pdf->pid == 0)
		become_pdftotext(pipes[1], may_be_free);
	(void)close(pipes[1]);
	if (pdf->pid < 0) {
		(void)close(pipes[0]);
		return rcd_fail_errno(err, "a process for pdftotext");
	}
	pdf->out = pipes[0];
	return 0;
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

static int ended(pid_t pid, struct rcd_sv doc, struct rcd_err *err)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return rcd_fail_errno(err, "pdftotext");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL
			? rcd_fail(err, RCD_LIMIT, 0, "pdftotext was not done after %d s", RCD_CAGE_CPU_S)
			: rcd_fail(err, RCD_PROTO, 0, "pdftotext died of it (signal %d)", WTERMSIG(status));
	switch (WEXITSTATUS(status)) {
	case CAGELESS:
		return rcd_fail(err, RCD_DENIED, 0, "there is no cage for pdftotext");
	case MISSING:
		return rcd_fail(err, RCD_NOENT, 0, "there is no %s (apt install poppler-utils)", program);
	case 3:
		return rcd_fail(err, RCD_DENIED, 0, "its author forbids to copy its text");
	default:
		return memmem(doc.p, doc.n, "/Encrypt", 8) != NULL
			? rcd_fail(err, RCD_DENIED, 0, "it is encrypted: save it without a password")
			: rcd_fail(err, RCD_PROTO, 0, "the file is broken: pdftotext cannot read it");
	}
}

/* Pages are cut when all is there: what a broken end of the file does to the text before it is
 * seen in time. */
static int read_all(int fd, struct rcd_buf *text, struct rcd_err *err)
{
	for (;;) {
		char *at = rcd_buf_room(text, 65536);
		ssize_t n;

		if (at == NULL)
			return text->over ? rcd_fail(err, RCD_LIMIT, 0, "it holds more than %zu MB of text", text->max >> 20)
			                  : rcd_fail_nomem(err);
		n = read(fd, at, 65536);
		if (n < 0 && errno != EINTR)
			return rcd_fail_errno(err, "the output of pdftotext");
		if (n == 0)
			return 0;
		if (n > 0)
			text->n += (size_t)n;
	}
}

int rcd_pdf_read(struct rcd_pdf *pdf, struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err)
{
	struct rcd_buf text;
	struct rcd_err why;
	int ret;

	rcd_buf_init(&text, 2 * RCD_MAX_DOCUMENT_TEXT); /* layout goes on the way */
	ret = read_all(pdf->out, &text, err);
	(void)close(pdf->out); /* ends one that still writes */
	if (ended(pdf->pid, doc, &why) != 0 && ret == 0) {
		ret = -1;
		if (err != NULL)
			*err = why;
	}
	if (ret == 0)
		rcd_pdf_pages(rcd_buf_view(&text), out);
	if (ret == 0 && !out->over && rcd_text_empty(out))
		ret = rcd_fail(err, RCD_PROTO, 0, "there is no text in it, only pictures: a scan?");
	rcd_buf_free(&text);
	return ret;
}
