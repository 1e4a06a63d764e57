#include "provider/openai_embed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The first byte says how many vectors of how many dimensions are expected. Every place is
 * written when the answer is taken, none beyond, and errors are plain words. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	size_t texts, dimensions;
	struct rcd_err err = {0};
	float *out;

	if (n == 0)
		return 0;
	texts = p[0] % 8 + 1U;
	dimensions = p[0] / 8 + 1U;
	out = malloc(texts * dimensions * sizeof(*out));
	if (out == NULL)
		return 0;
	if (rcd_openai_embed_read((struct rcd_sv){(const char *)p + 1, n - 1}, texts, dimensions, out,
	                          &err) == 0) {
		uint32_t all = 0, bits;

		for (size_t i = 0; i < texts * dimensions; i++) {
			memcpy(&bits, &out[i], sizeof(bits)); /* a checker of uninitialised memory sees this */
			all |= bits;
		}
		if (all == 1)
			err.code = RCD_OK;
	} else {
		if (err.code == RCD_OK)
			abort();
		for (const char *c = err.msg; *c != '\0'; c++)
			if (*c < ' ' || *c > '~')
				abort();
	}
	free(out);
	return 0;
}
