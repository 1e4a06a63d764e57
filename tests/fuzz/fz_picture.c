/* The size of a picture, read from its header. */
#include "base/picture.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_picture out;

	if (rcd_picture_read((struct rcd_sv){(const char *)p, n}, &out) == 0 &&
	    (out.type == NULL || out.width == 0 || out.height == 0))
		abort();
	return 0;
}
