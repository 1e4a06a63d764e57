/* The first byte says how the rest is read: as it is, or with the check sum of every page
 * made right, so that the fuzzer gets past them. */
#include "audio/decode.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void put_sum(uint8_t *page, size_t n)
{
	uint32_t c = 0;

	memset(page + 22, 0, 4);
	for (size_t i = 0; i < n; i++) {
		c ^= (uint32_t)page[i] << 24;
		for (int k = 0; k < 8; k++)
			c = c & 0x80000000U ? c << 1 ^ 0x04c11db7U : c << 1;
	}
	for (int i = 0; i < 4; i++)
		page[22 + i] = (uint8_t)(c >> 8 * i);
}

static void repair(uint8_t *p, size_t n)
{
	for (size_t at = 0; at + 27 <= n;) {
		size_t end = at + 27 + p[at + 26];

		if (memcmp(p + at, "OggS", 4) != 0) {
			at++;
			continue;
		}
		for (size_t i = at + 27; i < at + 27U + p[at + 26] && i < n; i++)
			end += p[i];
		if (end > n)
			return;
		put_sum(p + at, end - at);
		at = end;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const int hz[] = {8000, 12000, 16000, 24000, 48000};
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	uint8_t *copy;
	int rate;

	if (n < 1 || (copy = malloc(n)) == NULL)
		return 0;
	rate = hz[(p[0] >> 1) % 5];
	memcpy(copy, p + 1, n - 1);
	if (p[0] & 1)
		repair(copy, n - 1);
	if (rcd_decode(NULL, (struct rcd_sv){(char *)copy, n - 1}, RCD_KIND_OGG_OPUS, rate, &pcm,
	               &err) == 0) {
		if (pcm.n == 0 || pcm.n > (size_t)RCD_MAX_NOTE_SECONDS * (size_t)rate || pcm.hz != rate)
			abort();
		for (size_t i = 0; i < pcm.n; i++)
			if (pcm.s[i] == INT16_MIN && pcm.s[pcm.n - 1] == 1)
				break; /* touches every sample */
	} else if (pcm.s != NULL || err.code == RCD_OK) {
		abort();
	}
	rcd_pcm_free(&pcm);
	free(copy);
	return 0;
}
