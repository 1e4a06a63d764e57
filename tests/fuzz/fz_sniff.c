/* What a file is, then, when it is one of libsndfile's, its samples and their judgement. */
#include "audio/decode.h"
#include "audio/vad.h"
#include "base/limits.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const declared[] = {NULL, "audio/ogg", "text/plain", "video/mp4", "image/webp"};
	struct rcd_sv bytes = {(const char *)p, n};
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	enum rcd_kind kind = RCD_KIND_UNKNOWN;

	for (size_t i = 0; i < sizeof(declared) / sizeof(declared[0]); i++) {
		kind = rcd_sniff(bytes, rcd_sv(declared[i]));
		if (kind >= RCD_N_KINDS)
			abort();
	}
	if (kind == RCD_KIND_OGG_OPUS) /* has a fuzzer of its own */
		return 0;
	if (rcd_decode(bytes, kind, 16000, &pcm, &err) == 0) {
		if (pcm.n == 0 || pcm.n > (size_t)RCD_MAX_NOTE_SECONDS * 16000 + 16000)
			abort();
		if (rcd_vad_speech_ms(&pcm) > (int64_t)pcm.n / 16)
			abort();
	} else if (pcm.s != NULL || err.code == RCD_OK) {
		abort();
	}
	rcd_pcm_free(&pcm);
	return 0;
}
