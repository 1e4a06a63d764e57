/* recado-decode [--unsandboxed] [--second] KIND HZ: the recording comes on standard input, which is
 * a file, and its samples leave as a record. --second: by ffmpeg, which reads what the first reader
 * of that kind does not. Started by lib/audio/decode.c, not by people. */

#include "audio/sound.h"
#include "base/limits.h"
#include "daemon/cage/helper.h"
#include "daemon/decode/readers.h"

#include <string.h>

#define CPU_S 20

/* Those that are not here are ffmpeg's. */
static rcd_reader_fn *const readers[RCD_N_KINDS] = {
	[RCD_KIND_MP3] = rcd_read_mp3,      [RCD_KIND_WAV] = rcd_read_sndfile,
	[RCD_KIND_FLAC] = rcd_read_sndfile, [RCD_KIND_OGG_OTHER] = rcd_read_sndfile,
	[RCD_KIND_AMR] = rcd_read_amr,
};

struct task {
	enum rcd_kind kind;
	int hz;
	bool may_be_free, second;
};

#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);
/* the search for leaks starts a process, which the cage forbids */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static bool parse_task(char **argv, struct task *t)
{
	int64_t hz = 0;

	*t = (struct task){.kind = RCD_N_KINDS};
	for (argv++; *argv != NULL && argv[0][0] == '-'; argv++)
		if (strcmp(*argv, "--unsandboxed") == 0)
			t->may_be_free = true;
		else if (strcmp(*argv, "--second") == 0)
			t->second = true;
		else
			return false;
	for (int k = 0; *argv != NULL && k < RCD_N_KINDS; k++)
		if (strcmp(*argv, rcd_kind_name((enum rcd_kind)k)) == 0)
			t->kind = (enum rcd_kind)k;
	if (t->kind == RCD_N_KINDS || argv[1] == NULL || argv[2] != NULL ||
	    rcd_parse_i64(rcd_sv(argv[1]), 8000, 48000, &hz) != 0)
		return false;
	t->hz = (int)hz;
	return true;
}

static int run_decoder(const struct task *t, struct rcd_pcm *out, struct rcd_err *err)
{
	rcd_reader_fn *reader = t->second ? NULL : readers[t->kind];
	struct rcd_cage_child ffmpeg;
	struct rcd_buf bytes;
	int ret;

	if (reader == NULL && rcd_ffmpeg_start(&ffmpeg, t->kind, t->hz, t->may_be_free, err) != 0)
		return -1;
	if (rcd_cage_self(err) != 0 && !t->may_be_free)
		return -1;
	if (reader == NULL)
		return rcd_ffmpeg_read(&ffmpeg, t->hz, out, err);
	rcd_buf_init(&bytes, RCD_MAX_MEDIA + 1);
	ret = rcd_helper_input(&bytes, err);
	if (ret == 0)
		ret = reader(rcd_buf_view(&bytes), t->kind, t->hz, out, err);
	rcd_buf_free(&bytes);
	return ret;
}

static int write_sound(const struct rcd_pcm *pcm)
{
	const struct rcd_sv samples = {(const char *)pcm->s, pcm->n * sizeof(*pcm->s)};
	const struct rcd_err err = {.code = RCD_NOMEM};
	struct rcd_buf head;
	int status;

	rcd_buf_init(&head, RCD_SOUND_FRAMING);
	rcd_sound_head(&head, pcm);
	status = head.bad ? rcd_helper_fail(&err) : rcd_helper_write(rcd_buf_view(&head));
	if (status == 0 && !head.bad)
		status = rcd_helper_write(samples);
	if (status == 0 && !head.bad)
		status = rcd_helper_write(RCD_SV(RCD_SOUND_END));
	rcd_buf_free(&head);
	return status;
}

int main(int argc, char **argv)
{
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	struct task task;
	int status;

	(void)argc;
	if (!parse_task(argv, &task))
		return 2;
	if (rcd_helper_limit(CPU_S, &err) == 0 && run_decoder(&task, &pcm, &err) == 0)
		status = write_sound(&pcm);
	else
		status = rcd_helper_fail(&err);
	rcd_pcm_free(&pcm);
	return status;
}
