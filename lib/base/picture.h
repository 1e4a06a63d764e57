#ifndef RCD_PICTURE_H
#define RCD_PICTURE_H

#include "base/sv.h"

/* Type and size of a picture, read from its header; pixels are not decoded. */
struct rcd_picture {
	const char *type; /* "image/jpeg", "image/png", "image/webp", "image/gif" */
	uint32_t width, height;
};

/* -1: another type, a malformed header, or an animated WebP, which no model accepts. */
int rcd_picture_read(struct rcd_sv bytes, struct rcd_picture *out);

#endif
