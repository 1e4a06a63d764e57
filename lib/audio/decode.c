#include "audio/decode.h"
#include "audio/decoders.h"
#include "audio/opus.h"

int rcd_decode(struct rcd_sv bytes, enum rcd_kind kind, int hz, struct rcd_pcm *out,
               struct rcd_err *err)
{
	if (!rcd_opus_hz_ok(hz))
		return rcd_fail(err, RCD_INVAL, 0, "cannot decode to %d Hz", hz);
	switch (kind) {
	case RCD_KIND_OGG_OPUS:
		return rcd_decode_opus(bytes, hz, out, err);
	case RCD_KIND_MP3:
		return rcd_decode_mp3(bytes, hz, out, err);
	case RCD_KIND_OGG_OTHER:
	case RCD_KIND_WAV:
	case RCD_KIND_FLAC:
		return rcd_decode_sndfile(bytes, kind, hz, out, err);
	case RCD_KIND_UNKNOWN:
		return rcd_fail(err, RCD_PROTO, 0, "not an audio file");
	default:
		return rcd_fail(err, RCD_DENIED, 0, "%s is not decoded here", rcd_kind_name(kind));
	}
}
