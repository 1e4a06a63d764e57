#ifndef RCD_INPUT_H
#define RCD_INPUT_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/* Lines of any bytes from a descriptor, up to a length. */

struct rcd_input {
	int fd, stop_fd;     /* the caller's; readable stop_fd: no more lines. -1: there is none */
	size_t max;          /* bytes of one line */
	struct rcd_buf rest; /* what is read and not yet given */
	size_t given;        /* of it: the line that was given last */
	bool over, ended;
};

void rcd_input_init(struct rcd_input *in, int fd, int stop_fd, size_t max);
void rcd_input_done(struct rcd_input *in);
/* Waits for the next line: 1, and *line lives until the next call, without its end (\n or \r\n). 0:
 * the end, or stopped. -1: RCD_LIMIT, a line of more than max bytes was passed over, go on; RCD_IO,
 * RCD_NOMEM: there will be no more. */
int rcd_input_line(struct rcd_input *in, struct rcd_sv *line, struct rcd_err *err);

#endif
