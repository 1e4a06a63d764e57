/* Recordings to the readers of recado-decode, by what they are, and the judgement of their sound.
 */
#include "audio/vad.h"
#include "base/limits.h"
#include "daemon/decode/readers.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* libsndfile loses memory for malformed Vorbis, which is why it runs in a process for one note. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libsndfile\nleak:libvorbis\n";
}

static rcd_reader_fn *reader_of(enum rcd_kind kind)
{
	switch (kind) {
	case RCD_KIND_MP3:
		return rcd_read_mp3;
	case RCD_KIND_AMR:
		return rcd_read_amr;
	case RCD_KIND_WAV:
	case RCD_KIND_FLAC:
	case RCD_KIND_OGG_OTHER:
		return rcd_read_sndfile;
	default: /* Opus has a fuzzer of its own */
		return NULL;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_sv bytes = {(const char *)p, n};
	enum rcd_kind kind = rcd_sniff(bytes, RCD_SV("audio/x"));
	rcd_reader_fn *reader = reader_of(kind);
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};

	if (reader == NULL)
		return 0;
	if (reader(bytes, kind, 16000, &pcm, &err) == 0) {
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
