#ifndef RCD_OGG_H
#define RCD_OGG_H

#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

/* Ogg (RFC 3533) over libogg, one codec at a time. */

#define RCD_OGG_MAX_PACKETS 255 /* that one page can complete */

/* Reads the logical streams whose first packet begins with magic, in sequence (chained); other
 * streams are skipped, damage is skipped to the next valid page. */
struct rcd_ogg_reader;

struct rcd_ogg_page {
	struct rcd_sv packet[RCD_OGG_MAX_PACKETS]; /* completed here; valid until the next call */
	size_t n;
	int64_t granule; /* position after the last of them; -1: none given */
	bool first;      /* begins a logical stream: packet[0] is its identification header */
	bool last;       /* carries the end-of-stream flag */
	bool hole;       /* pages before it are missing */
};

/* bytes must outlive the reader. RCD_NOMEM. */
int rcd_ogg_reader_open(struct rcd_ogg_reader **r, struct rcd_sv bytes, struct rcd_sv magic,
                        struct rcd_err *err);
/* 1: *page is filled, 0: no more pages, -1: RCD_NOMEM, RCD_LIMIT (too many pages) or
 * RCD_PROTO (too much damage). */
int rcd_ogg_next(struct rcd_ogg_reader *r, struct rcd_ogg_page *page, struct rcd_err *err);
struct rcd_ogg_reader *rcd_ogg_reader_free(struct rcd_ogg_reader *r);

/* Writing: one logical stream with a random serial number. */
struct rcd_ogg_writer;

int rcd_ogg_writer_open(struct rcd_ogg_writer **w, struct rcd_err *err);
/* Takes a packet (copied); granule is the position after it. */
int rcd_ogg_put(struct rcd_ogg_writer *w, struct rcd_sv packet, int64_t granule, bool last,
                struct rcd_err *err);
/* Ends and returns the current page, valid until the next call; false: no packet is pending. */
bool rcd_ogg_flush(struct rcd_ogg_writer *w, struct rcd_sv *head, struct rcd_sv *body);
struct rcd_ogg_writer *rcd_ogg_writer_free(struct rcd_ogg_writer *w);

#endif
