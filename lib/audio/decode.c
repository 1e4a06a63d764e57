#include "audio/decode.h"

#include "audio/note.h"
#include "audio/opus.h"
#include "audio/sound.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/program.h"

#include <stdio.h>
#include <unistd.h>

#define DECODE_MS 30000 /* the program has a limit of its own, on its work */
#define SLACK (128 * 1024)

static int run_decoder(const struct rcd_decoder *d, int in, enum rcd_kind kind, bool second, int hz,
                       struct rcd_pcm *out, struct rcd_err *err)
{
	const char *argv[6] = {d->program};
	struct rcd_buf sound;
	char rate[16];
	int n = 1, ret;

	(void)snprintf(rate, sizeof(rate), "%d", hz);
	if (d->unsandboxed)
		argv[n++] = "--unsandboxed";
	if (second)
		argv[n++] = "--second";
	argv[n++] = rcd_kind_name(kind);
	argv[n++] = rate;
	rcd_buf_init(&sound, (size_t)RCD_MAX_NOTE_SECONDS * (size_t)hz * sizeof(int16_t) + SLACK);
	ret = rcd_program_run(argv, in, rcd_deadline_in(DECODE_MS), &sound, err);
	if (ret == 0)
		ret = rcd_sound_take(&sound, hz, out, err);
	rcd_buf_free(&sound);
	return ret;
}

/* A codec that the first reader of its kind does not know may still be ffmpeg's. */
static int decode_elsewhere(const struct rcd_decoder *d, struct rcd_sv bytes, enum rcd_kind kind,
                            int hz, struct rcd_pcm *out, struct rcd_err *err)
{
	struct rcd_err why = {0};
	int in, ret;

	if (d == NULL || d->program == NULL)
		return rcd_fail(err, RCD_NOENT, 0, "recado-decode, which reads %s, is not installed",
		                rcd_kind_name(kind));
	in = rcd_program_input(rcd_sniff_audio(bytes, kind), err);
	if (in < 0)
		return -1;
	ret = run_decoder(d, in, kind, false, hz, out, &why);
	if (ret != 0 && why.code == RCD_DENIED && kind != RCD_KIND_AMR)
		ret = run_decoder(d, in, kind, true, hz, out, &why);
	(void)close(in);
	if (ret != 0)
		*err = why;
	return ret;
}

int rcd_decode(const struct rcd_decoder *d, struct rcd_sv bytes, enum rcd_kind kind, int hz,
               struct rcd_pcm *out, struct rcd_err *err)
{
	if (!rcd_opus_hz_ok(hz))
		return rcd_fail(err, RCD_INVAL, 0, "cannot decode to %d Hz", hz);
	if (kind == RCD_KIND_UNKNOWN)
		return rcd_fail(err, RCD_PROTO, 0, "not an audio file");
	if (!rcd_kind_is_audio(kind))
		return rcd_fail(err, RCD_DENIED, 0, "%s is not decoded here", rcd_kind_name(kind));
	if (kind == RCD_KIND_OGG_OPUS)
		return rcd_decode_opus(bytes, hz, out, err);
	return decode_elsewhere(d, bytes, kind, hz, out, err);
}
