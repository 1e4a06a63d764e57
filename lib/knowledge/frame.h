#ifndef RCD_FRAME_H
#define RCD_FRAME_H

#include "base/buf.h"
#include "base/err.h"
#include "base/record.h"

/* Output of recado-extract: a run of frames, which are records (base/record.h) of UTF-8. A run
 * without its end frame is discarded. */

enum rcd_frame_kind {
	RCD_FRAME_HEADING = 'H', /* number: its level, 1 to 6; text: the title, one line */
	RCD_FRAME_PAGE = 'P',    /* number: the page that begins here */
	RCD_FRAME_TEXT = 'T',    /* paragraphs with empty lines between them */
	RCD_FRAME_ERROR =
		RCD_RECORD_ERROR, /* the last one. number: an rcd_code; text: why there is nothing */
	RCD_FRAME_END = 'E',  /* the last one */
};

struct rcd_frame {
	enum rcd_frame_kind kind;
	int number;
	struct rcd_sv text; /* a view */
};

void rcd_frame_put(struct rcd_buf *b, const struct rcd_frame *f);

/* Parses one frame and moves *rest behind it. RCD_PROTO: truncated or malformed. */
int rcd_frame_next(struct rcd_sv *rest, struct rcd_frame *f, struct rcd_err *err);

#endif
