#ifndef RCD_MARKS_INT_H
#define RCD_MARKS_INT_H

#include "answer/marks.h"

struct rcd_marks_inline {
	enum rcd_marks_style style;
	bool bold; /* inside bold text, or a heading */
	bool cell; /* one line of its own: no line breaks */
	int depth;
};

/* The marks inside a line. */
void rcd_marks_line(struct rcd_sv text, struct rcd_marks_inline how, struct rcd_buf *out);

#endif
