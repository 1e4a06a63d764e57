#include "audio/resample.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/program.h"
#include "provider/answer.h"
#include "provider/voice.h"

#include <stdlib.h>
#include <string.h>

/* espeak-ng as a separate process: its licence and its crashes stay outside. It writes a WAV
 * whose sizes are bogus, because it cannot seek back in a pipe; the end of the pipe is the
 * end of the speech. */

#define HZ 24000
#define DOING "offline voice"
#define MAX_HEAD 4096
#define DEFAULT_MS (60 * 1000)

struct speech {
	struct rcd_program program;
	struct rcd_resampler *resampler;
	struct rcd_pcmbuf at_hz; /* what the resampler gives, handed on at once */
	struct rcd_buf head;     /* the WAV header until it is whole, then a lone byte at most */
	bool sound;              /* the header is behind us */
	size_t bytes;            /* of samples so far */
	rcd_pcm_fn *fn;
	void *arg;
};

static uint32_t read_le32(const char *p)
{
	const uint8_t *b = (const uint8_t *)p;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* A chunk "fmt ": one channel, 16 bits, uncompressed, at a rate of speech. */
static int read_format(struct rcd_sv chunk, int *hz, struct rcd_err *err)
{
	uint32_t rate = chunk.n >= 16 ? read_le32(chunk.p + 4) : 0;

	if (rate < 8000 || rate > 48000 || read_le32(chunk.p) != 0x00010001 ||
	    read_le32(chunk.p + 12) >> 16 != 16)
		return rcd_fail(err, RCD_PROTO, 0, DOING ": not a mono WAV of 16 bits");
	*hz = (int)rate;
	return 0;
}

/* Where the samples begin; 0 while that cannot be told yet. */
static int parse_head(struct rcd_sv v, int *hz, size_t *samples_at, struct rcd_err *err)
{
	size_t at = 12;

	*samples_at = 0;
	if (v.n >= 12 && (memcmp(v.p, "RIFF", 4) != 0 || memcmp(v.p + 8, "WAVE", 4) != 0))
		return rcd_fail(err, RCD_PROTO, 0, DOING ": not a WAV");
	while (v.n >= at + 8) {
		size_t size = read_le32(v.p + at + 4);
		struct rcd_sv chunk = rcd_sv_skip(v, at + 8);

		if (memcmp(v.p + at, "data", 4) == 0) {
			*samples_at = at + 8;
			return *hz > 0 ? 0 : rcd_fail(err, RCD_PROTO, 0, DOING ": a WAV without format");
		}
		if (size > MAX_HEAD)
			return rcd_fail(err, RCD_PROTO, 0, DOING ": a WAV header of more than %d bytes",
			                MAX_HEAD);
		if (chunk.n < size)
			return 0;
		if (memcmp(v.p + at, "fmt ", 4) == 0 &&
		    read_format((struct rcd_sv){chunk.p, size}, hz, err) != 0)
			return -1;
		at += 8 + size + size % 2;
	}
	return 0;
}

static int pass_samples(struct speech *s, struct rcd_err *err)
{
	size_t n = s->at_hz.n;

	s->at_hz.n = 0;
	return n > 0 ? s->fn(s->arg, s->at_hz.s, n, err) : 0;
}

/* Whole samples out of head; a lone byte stays in it. */
static int drain_head(struct speech *s, struct rcd_err *err)
{
	float piece[1024];

	while (s->head.n >= 2) {
		size_t n = s->head.n / 2;

		n = n < sizeof(piece) / sizeof(piece[0]) ? n : sizeof(piece) / sizeof(piece[0]);
		for (size_t i = 0; i < n; i++) {
			uint8_t low = (uint8_t)s->head.p[2 * i], high = (uint8_t)s->head.p[2 * i + 1];

			piece[i] = (float)(int16_t)(uint16_t)(low | high << 8) / 32768.0F;
		}
		s->bytes += 2 * n;
		rcd_buf_drop(&s->head, 2 * n);
		if (rcd_resample(s->resampler, piece, n, &s->at_hz, err) != 0 || pass_samples(s, err) != 0)
			return -1;
	}
	return 0;
}

static int take_bytes(struct speech *s, const char *p, size_t n, struct rcd_err *err)
{
	size_t samples_at = 0;
	int hz = 0;

	if (s->bytes + n > (size_t)2 * 48000 * RCD_MAX_SPEECH_SECONDS)
		return rcd_fail(err, RCD_LIMIT, 0, DOING ": more than %d s of speech",
		                RCD_MAX_SPEECH_SECONDS);
	rcd_buf_add(&s->head, p, n);
	if (s->head.bad)
		return s->head.over ? rcd_fail(err, RCD_PROTO, 0, DOING ": not a WAV")
		                    : rcd_fail_nomem(err);
	if (!s->sound) {
		if (parse_head(rcd_buf_view(&s->head), &hz, &samples_at, err) != 0)
			return -1;
		if (samples_at == 0)
			return 0;
		if (rcd_resampler_open(&s->resampler, hz, HZ, err) != 0)
			return -1;
		rcd_buf_drop(&s->head, samples_at);
		s->sound = true;
	}
	return drain_head(s, err);
}

static int read_output(struct speech *s, int64_t deadline, struct rcd_err *err)
{
	char piece[4096];
	size_t n;

	do {
		if (rcd_program_read(&s->program, piece, sizeof(piece), deadline, &n, err) != 0)
			return rcd_answer_lost(DOING, err);
		if (n > 0 && take_bytes(s, piece, n, err) != 0)
			return -1;
	} while (n > 0);
	if (s->bytes == 0 || s->head.n != 0)
		return rcd_fail(err, RCD_PROTO, 0, DOING ": %s",
		                s->bytes == 0 ? "no sound came" : "half a sample at the end");
	if (rcd_resample_end(s->resampler, &s->at_hz, err) != 0)
		return -1;
	return pass_samples(s, err);
}

static int start_program(struct rcd_program *p, const struct rcd_voice_conf *conf,
                         struct rcd_sv text, struct rcd_err *err)
{
	const char *const argv[] =
		{conf->offline_program, "-v", conf->offline_voice, "-b", "1", "--stdin", "--stdout", NULL};
	struct rcd_err why = {0};

	if (rcd_program_start(p, argv, text, &why) == 0)
		return 0;
	if (why.code == RCD_NOENT)
		return rcd_fail(err, RCD_NOENT, 0,
		                DOING ": %.64s is not installed; apt install espeak-ng, or set "
		                      "ELEVENLABS_API_KEY and ELEVENLABS_VOICE_ID",
		                argv[0]);
	*err = why;
	return rcd_answer_lost(DOING, err);
}

static int speak_text(struct rcd_http *http, const struct rcd_voice_conf *conf, struct rcd_sv text,
                      int64_t deadline, rcd_pcm_fn *fn, void *arg, struct rcd_err *err)
{
	struct speech s = {.program = {0, -1}, .fn = fn, .arg = arg, .at_hz.max = (size_t)HZ * 4};
	int ret;

	(void)http;
	if (rcd_sv_trim(text).n == 0)
		return rcd_fail(err, RCD_INVAL, 0, DOING ": nothing to say");
	rcd_buf_init(&s.head, 2 * MAX_HEAD);
	ret = start_program(&s.program, conf, text, err);
	if (ret == 0)
		ret = read_output(&s, deadline != 0 ? deadline : rcd_deadline_in(DEFAULT_MS), err);
	/* what it said before a crash is cut short, so it does not count */
	if (rcd_program_end(&s.program, ret != 0) != 0 && ret == 0)
		ret = rcd_fail(err, RCD_DOWN, 0, DOING ": %.64s ended badly", conf->offline_program);
	(void)rcd_resampler_free(s.resampler);
	free(s.at_hz.s);
	rcd_buf_free(&s.head);
	return ret;
}

const struct rcd_voice_ops rcd_voice_offline = {"offline", HZ, false, speak_text};
