#include "knowledge/frame.h"

#include "base/limits.h"

#include <string.h>

#define HEAD 32 /* the longest first line */

void rcd_frame_put(struct rcd_buf *b, const struct rcd_frame *f)
{
	rcd_buf_fmt(b, "%c %d %zu\n", (char)f->kind, f->number, f->text.n);
	if (f->text.n > 0)
		rcd_buf_sv(b, f->text);
	rcd_buf_ch(b, '\n');
}

/* The greatest number that goes with a kind; -1: there is no such kind. */
static int greatest(char kind)
{
	switch (kind) {
	case RCD_FRAME_HEADING:
		return 6;
	case RCD_FRAME_PAGE:
		return RCD_MAX_DOCUMENT_PAGES;
	case RCD_FRAME_TEXT:
	case RCD_FRAME_END:
		return 0;
	case RCD_FRAME_ERROR:
		return RCD_N_CODES - 1;
	default:
		return -1;
	}
}

static int bad(struct rcd_err *err)
{
	return rcd_fail(err, RCD_PROTO, 0, "what the extractor wrote is broken");
}

int rcd_frame_next(struct rcd_sv *rest, struct rcd_frame *f, struct rcd_err *err)
{
	struct rcd_sv line = {rest->p, rest->n < HEAD ? rest->n : HEAD}, kind, number, length;
	const char *end = line.n > 0 ? memchr(line.p, '\n', line.n) : NULL;
	int64_t n, len;
	int most;

	if (end == NULL)
		return bad(err);
	line.n = (size_t)(end - line.p);
	*rest = rcd_sv_skip(*rest, line.n + 1);
	if (!rcd_sv_cut(&line, ' ', &kind) || kind.n != 1 || !rcd_sv_cut(&line, ' ', &number) ||
	    !rcd_sv_cut(&line, ' ', &length) || line.p != NULL)
		return bad(err);
	most = greatest(kind.p[0]);
	if (most < 0 || rcd_parse_i64(number, most > 0, most, &n) != 0 ||
	    rcd_parse_i64(length, 0, RCD_MAX_DOCUMENT_TEXT, &len) != 0 || rest->n <= (size_t)len ||
	    rest->p[len] != '\n')
		return bad(err);
	*f = (struct rcd_frame){(enum rcd_frame_kind)kind.p[0], (int)n, {rest->p, (size_t)len}};
	if (!rcd_utf8_ok(f->text) || (len > 0 && memchr(f->text.p, 0, (size_t)len) != NULL))
		return bad(err);
	*rest = rcd_sv_skip(*rest, (size_t)len + 1);
	return 0;
}
