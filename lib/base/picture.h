#ifndef RCD_PICTURE_H
#define RCD_PICTURE_H

#include "base/sv.h"

/* What a picture is, by its first bytes alone: nothing is decoded. */
struct rcd_picture {
	const char *type; /* "image/jpeg", "image/png", "image/webp", "image/gif" */
	uint32_t width, height;
};

/* -1: none of these kinds, broken before the size is told, or an animated WebP, which no model
 * takes. */
int rcd_picture_read(struct rcd_sv bytes, struct rcd_picture *out);

#endif
