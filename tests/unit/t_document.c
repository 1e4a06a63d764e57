/* Documents: their encodings, their kinds, the frames between recado-extract and us, passages. */

#include "tests/t.h"
#include "base/charset.h"
#include "base/limits.h"
#include "knowledge/cut.h"
#include "knowledge/document.h"
#include "knowledge/frame.h"
#include "knowledge/kind.h"

#include <fcntl.h>
#include <unistd.h>

/* 0, or why it is no text. want NULL: it is refused. */
static int reads(struct rcd_sv bytes, const char *want, struct rcd_err *err)
{
	struct rcd_buf b;
	int ret;

	rcd_buf_init(&b, 1000);
	ret = rcd_charset_utf8(bytes, &b, err);
	if (ret == 0 && want != NULL && strcmp(b.n > 0 ? b.p : "", want) != 0)
		ret = rcd_fail(err, RCD_INVAL, 0, "it became \"%s\"", b.n > 0 ? b.p : "");
	rcd_buf_free(&b);
	return ret;
}

static int encodings(void)
{
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(reads(RCD_SV("pre\xC3\xA7o\r\nbom\rdia\n"), "preço\nbom\ndia\n", &err), err);
	T_DO(reads(RCD_SV("\xEF\xBB\xBFpre\xC3\xA7o"), "preço", &err), err);
	T_DO(reads(RCD_SV("pre\xE7o \x80 5, \x93"
	                  "a\x94"),
	           "preço € 5, “a”", &err),
	     err);
	T_DO(reads(RCD_SV("\xFF\xFEp\0r\0e\0\xE7\0o\0=\xD8\0\xDE"), "preço😀", &err), err);
	T_DO(reads(RCD_SV("\xFE\xFF\0p\0r\0e\0\xE7\0o"), "preço", &err), err);
	T_DO(reads(RCD_SV("p\0r\0e\0\xE7\0o\0"), "preço", &err), err);
	T_DO(reads(RCD_SV("\0p\0r\0e\0\xE7\0o"), "preço", &err), err);
	T_DO(reads(RCD_SV("\xFF\xFE"
	                  "a\0\0\xD8"
	                  "b\0\xFF"),
	           "a\xEF\xBF\xBD"
	           "b\xEF\xBF\xBD",
	           &err),
	     err);
	T_DO(reads(RCD_SV(""), "", &err), err);
	T_OK(reads(RCD_SV("a\0b and more of it"), NULL, &err) != 0 &&
	     (err.code == RCD_PROTO || err.code == RCD_NOMEM));
	T_OK(reads(RCD_SV("\x89PNG\r\n\x1A\n"), NULL, &err) != 0 &&
	     (err.code == RCD_PROTO || err.code == RCD_NOMEM));
out:
	return ret;
}

static int kinds(void)
{
	int ret = 0;

	T_INT(rcd_kind(RCD_SV("%PDF-1.7"), RCD_SV("a.txt")), RCD_KIND_PDF);
	T_INT(rcd_kind(RCD_SV("PK\x03\x04rest"), RCD_SV("a.pdf")), RCD_KIND_OFFICE);
	T_INT(rcd_kind(RCD_SV("\xD0\xCF\x11\xE0\xA1"), RCD_SV("a.docx")), RCD_KIND_OLD_OFFICE);
	T_INT(rcd_kind(RCD_SV("\xEF\xBB\xBF \n<!DOCTYPE HTML>"), RCD_SV("a")), RCD_KIND_HTML);
	T_INT(rcd_kind(RCD_SV("a;b"), RCD_SV("PRECOS.CSV")), RCD_KIND_CSV);
	T_INT(rcd_kind(RCD_SV("# a"), RCD_SV("a.md")), RCD_KIND_MARKDOWN);
	T_INT(rcd_kind(RCD_SV("[{"), RCD_SV("knowledge_vectors.json")), RCD_KIND_VECTORS);
	T_INT(rcd_kind(RCD_SV("no json"), RCD_SV("a.json")), RCD_KIND_TEXT);
	T_INT(rcd_kind(RCD_SV(""), RCD_SV("")), RCD_KIND_TEXT);
	T_OK(rcd_kind_readable(RCD_SV("a.DocX")) && !rcd_kind_readable(RCD_SV("a.json")) &&
	     !rcd_kind_readable(RCD_SV(".md")));
	T_OK(rcd_kind_extractor(RCD_KIND_TEXT) == NULL &&
	     strcmp(rcd_kind_extractor(RCD_KIND_PDF), "pdf") == 0);
out:
	return ret;
}

static int frames(void)
{
	static const struct {
		const char *text;
		const char *why;
	} bad[] = {
		{"", "nothing"},
		{"T 0 3\nab\n", "short"},
		{"T 0 2\nabc", "no line end"},
		{"T 0 2\nab", "no line end"},
		{"T 1 2\nab\n", "a number"},
		{"H 0 1\na\n", "no level"},
		{"H 7 1\na\n", "a level"},
		{"Z 0 0\n\n", "a kind"},
		{"TT 0 0\n\n", "a kind"},
		{"T 0\n\n", "no length"},
		{"T 0 0 0\n\n", "too much"},
		{"T 0 -1\n\n", "negative"},
		{"T 0 99999999999999999999\n\n", "huge"},
		{"T 0 2\n\xC3(\n", "no UTF-8"},
		{"P 2001 0\n\n", "a page"},
		{"T                                  0 0\n\n", "a long line"},
	};
	struct rcd_buf b;
	struct rcd_frame f;
	struct rcd_err err = {0};
	struct rcd_sv rest;
	int ret = 0;

	rcd_buf_init(&b, 1000);
	rcd_frame_put(&b, &(struct rcd_frame){RCD_FRAME_HEADING, 2, RCD_SV("Preço")});
	rcd_frame_put(&b, &(struct rcd_frame){RCD_FRAME_END, 0, RCD_SV("")});
	if (b.bad) {
		ret = T_NOMEM;
		goto out;
	}
	rest = rcd_buf_view(&b);
	T_DO(rcd_frame_next(&rest, &f, &err), err);
	T_OK(f.kind == RCD_FRAME_HEADING && f.number == 2 && rcd_sv_is(f.text, "Preço"));
	T_DO(rcd_frame_next(&rest, &f, &err), err);
	T_OK(f.kind == RCD_FRAME_END && rest.n == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rest = rcd_sv(bad[i].text);
		if (rcd_frame_next(&rest, &f, &err) == 0 || err.code != RCD_PROTO)
			T_FAIL("taken, in spite of %s", bad[i].why);
	}
out:
	rcd_buf_free(&b);
	return ret;
}

static int framed_passages(void)
{
	static const char text[] =
		"P 1 0\n\nH 1 8\nGarantia\nT 0 12\nDoze meses.\n\nP 12 0\n\nT 0 12\nCom a nota.\n\n"
		"H 2 5\nComo?\nT 0 3\nSim\nE 0 0\n\n";
	struct rcd_passages p = {0};
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(rcd_cut_frames(RCD_SV(text), &p, &err), err);
	T_INT(p.n, 3);
	T_OK(rcd_sv_is(p.p[0].heading, "Garantia") && rcd_sv_is(p.p[0].text, "Doze meses.") &&
	     p.p[0].page == 1);
	T_OK(rcd_sv_is(p.p[1].heading, "Garantia") && rcd_sv_is(p.p[1].text, "Com a nota.") &&
	     p.p[1].page == 12);
	T_OK(rcd_sv_is(p.p[2].heading, "Garantia > Como?") && p.p[2].page == 12);
	rcd_passages_done(&p);
	T_OK(rcd_cut_frames(RCD_SV("T 0 1\na\n"), &p, &err) != 0); /* no end */
	T_OK(rcd_cut_frames(RCD_SV("X 3 1\na\n"), &p, &err) != 0);
out:
	rcd_passages_done(&p);
	return ret;
}

static int sentences(void)
{
	struct rcd_passages p = {0};
	struct rcd_err err = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 100000);
	for (int i = 0; i < 200; i++)
		rcd_buf_fmt(&b, "Esta é a frase de número %d, e ela não se parte. ", i);
	if (b.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_DO(rcd_cut(rcd_buf_view(&b), &p, &err), err);
	T_OK(p.n > 4);
	for (size_t i = 0; i < p.n; i++)
		T_OK(rcd_sv_starts(p.p[i].text, RCD_SV("Esta ")) &&
		     rcd_sv_ends(p.p[i].text, RCD_SV("parte.")));
out:
	rcd_passages_done(&p);
	rcd_buf_free(&b);
	return ret;
}

/* "p" is a program that is not there, or none: text needs none, the others say so. */
static int without_a_program(void)
{
	const struct rcd_extract_conf none = {.program = NULL},
								  gone = {.program = "/nonexistent/recado-extract"};
	struct rcd_document doc = {.cut = {0}};
	struct rcd_err err = {0};
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), ret = 0;

	T_OK(fd >= 0);
	T_DO(rcd_document_read(NULL, fd, "a.txt", &doc, &err), err);
	T_INT(doc.cut.n, 0);
	rcd_document_done(&doc);
	T_OK(rcd_document_read(NULL, fd, "a.csv", &doc, &err) != 0 &&
	     (err.code == RCD_BUSY || err.code == RCD_NOMEM));
	T_OK(rcd_document_read(&none, fd, "a.csv", &doc, &err) != 0 &&
	     (err.code == RCD_NOENT || err.code == RCD_NOMEM));
	T_OK(rcd_document_read(&gone, fd, "a.csv", &doc, &err) != 0);
out:
	if (fd >= 0)
		(void)close(fd);
	return ret;
}

const struct t_case t_cases[] = {
	{"encodings", encodings, T_OOM},
	{"kinds", kinds, 0},
	{"frames", frames, T_OOM},
	{"framed_passages", framed_passages, T_OOM},
	{"sentences", sentences, T_OOM},
	{"without_a_program", without_a_program, T_OOM},
	{NULL, NULL, 0},
};
