#include "speech/spoken.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Any bytes give well-formed text below the maximum. The first byte chooses the language. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_buf out;

	if (n == 0)
		return 0;
	rcd_buf_init(&out, RCD_MAX_SPOKEN);
	rcd_spoken((struct rcd_sv){(const char *)p + 1, n - 1}, p[0] % 2 == 0 ? "pt" : "en",
	           p[0] % 4 < 2, &out);
	if (out.bad || !rcd_utf8_ok(rcd_buf_view(&out)))
		abort();
	rcd_buf_free(&out);
	return 0;
}
