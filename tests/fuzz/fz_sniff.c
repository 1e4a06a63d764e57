/* What a file is, and where its audio begins. */
#include "audio/sniff.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const declared[] = {NULL, "audio/ogg", "text/plain", "video/mp4",
	                                       "image/webp"};
	struct rcd_sv bytes = {(const char *)p, n};

	for (size_t i = 0; i < sizeof(declared) / sizeof(declared[0]); i++) {
		enum rcd_kind kind = rcd_sniff(bytes, rcd_sv(declared[i]));
		struct rcd_sv audio;

		if (kind >= RCD_N_KINDS)
			abort();
		audio = rcd_sniff_audio(bytes, kind);
		if (audio.n > n || (n > 0 && audio.p + audio.n != bytes.p + n))
			abort();
	}
	return 0;
}
