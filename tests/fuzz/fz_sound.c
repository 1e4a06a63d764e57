/* Anything in the place of what recado-decode writes. */
#include "audio/sound.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	struct rcd_buf b;

	rcd_buf_init(&b, n + 1);
	rcd_buf_add(&b, p, n);
	if (rcd_sound_take(&b, 16000, &pcm, &err) == 0) {
		if (pcm.n == 0 || pcm.n * sizeof(*pcm.s) > n || pcm.hz != 16000)
			abort();
		if (pcm.s[0] == pcm.s[pcm.n - 1] && pcm.s[pcm.n / 2] == 12345)
			err.sys = 1; /* all of it is ours to read */
	} else if (pcm.s != NULL || err.code == RCD_OK) {
		abort();
	}
	rcd_pcm_free(&pcm);
	rcd_buf_free(&b);
	return 0;
}
