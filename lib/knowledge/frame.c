#include "knowledge/frame.h"

#include "base/limits.h"
#include "base/record.h"

#include <string.h>

void rcd_frame_put(struct rcd_buf *b, const struct rcd_frame *f)
{
	rcd_record_put(b, &(struct rcd_record){(char)f->kind, f->number, f->text});
}

/* The greatest number that goes with a kind; -1: there is no such kind. */
static int get_greatest(char kind)
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

static int fail_broken(struct rcd_err *err)
{
	return rcd_fail(err, RCD_PROTO, 0, "malformed output of the extractor");
}

int rcd_frame_next(struct rcd_sv *rest, struct rcd_frame *f, struct rcd_err *err)
{
	struct rcd_record r;
	int most;

	if (rcd_record_next(rest, RCD_MAX_DOCUMENT_TEXT, &r, err) != 0)
		return -1;
	most = get_greatest(r.kind);
	if (most < 0 || r.number > most || (most > 0 && r.number == 0))
		return fail_broken(err);
	*f = (struct rcd_frame){(enum rcd_frame_kind)r.kind, (int)r.number, r.bytes};
	if (!rcd_utf8_ok(f->text) || (f->text.n > 0 && memchr(f->text.p, 0, f->text.n) != NULL))
		return fail_broken(err);
	return 0;
}
