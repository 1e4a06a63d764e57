#ifndef RCD_VINDEX_INT_H
#define RCD_VINDEX_INT_H

#include "knowledge/vec.h"
#include "knowledge/vindex.h"

/* The file, inside lib/knowledge/vindex*.c only: a header, then four sections, each row of a
 * section padded as the kernels want it, each section beginning at a multiple of 64 bytes. */

#define VINDEX_MAGIC "RCDVEC1"
#define VINDEX_HEADER 256
#define VINDEX_MAX_ROWS ((uint64_t)16 * 1024 * 1024)

enum { SEC_BITS, SEC_CODES, SEC_SCALES, SEC_IDS, N_SECS };

struct vindex_header {
	char magic[8];
	struct rcd_vindex_about about;
	uint64_t room;        /* rows that there is place for: at least about.rows */
	uint64_t sum[N_SECS]; /* of each section, see vindex_sum */
	uint64_t self;        /* of what stands above, by the same sum */
};
_Static_assert(sizeof(struct vindex_header) <= VINDEX_HEADER, "the header fits");
_Static_assert(offsetof(struct vindex_header, self) % 8 == 0, "it has no padding in front of self");

struct vindex_layout {
	size_t row[N_SECS], at[N_SECS];
	size_t bytes; /* of the file */
};
/* RCD_PROTO for what no writer of ours would make. */
int vindex_layout(uint32_t dimensions, uint64_t room, struct vindex_layout *l, struct rcd_err *err);

/* Goes on with sum over n bytes, a multiple of 8. Against cut and rotten files, not malice. */
uint64_t vindex_sum(uint64_t sum, const void *p, size_t n);

#endif
