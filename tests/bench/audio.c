/* audio decode-ours|decode-bare FILE N: an Ogg/Opus file to 16 kHz
 * audio encode-ours|encode-bare RAW N: 24 kHz samples to Ogg/Opus, 32 kbit/s, complexity 5
 *
 * N times in this process; one JSON line with the time of one. "bare" is libopus alone in a
 * loop over packets that are in memory already, with the same settings and one codec for
 * all rounds: the floor that nobody can go under. */
#include "audio/decode.h"
#include "audio/encode.h"
#include "audio/ogg.h"
#include "base/clock.h"

#include <opus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DECODE_HZ 16000
#define ENCODE_HZ 24000
#define FRAME (ENCODE_HZ / 50)

struct input {
	struct rcd_sv bytes;
	struct rcd_sv *packet; /* for decode-bare */
	size_t packets;
	OpusDecoder *dec;
	OpusEncoder *enc;
};

static int read_file(const char *path, struct input *in)
{
	FILE *f = fopen(path, "rb");
	char *p = malloc(64 << 20);
	size_t n = 0;

	if (f != NULL && p != NULL)
		n = fread(p, 1, 64 << 20, f);
	if (f != NULL)
		(void)fclose(f);
	in->bytes = (struct rcd_sv){p, n};
	return n > 0 ? 0 : -1;
}

static int extract(struct input *in, struct rcd_err *err)
{
	struct rcd_ogg_reader *r = NULL;
	struct rcd_ogg_page page;
	int got, skip = 2; /* the two headers */

	in->packet = calloc(in->bytes.n, sizeof(*in->packet)); /* no packet is shorter than a byte */
	if (in->packet == NULL || rcd_ogg_reader_open(&r, in->bytes, RCD_SV("OpusHead"), err) != 0)
		return -1;
	while ((got = rcd_ogg_next(r, &page, err)) > 0)
		for (size_t i = 0; i < page.n; i++)
			if (skip > 0)
				skip--;
			else
				in->packet[in->packets++] = (struct rcd_sv){rcd_sv_dup(page.packet[i]),
				                                            page.packet[i].n};
	(void)rcd_ogg_reader_free(r);
	return got;
}

static int decode_ours(struct input *in, struct rcd_err *err)
{
	struct rcd_pcm pcm = {0};

	if (rcd_decode(NULL, in->bytes, RCD_KIND_OGG_OPUS, DECODE_HZ, &pcm, err) != 0)
		return -1;
	rcd_pcm_free(&pcm);
	return 0;
}

static int decode_bare(struct input *in, struct rcd_err *err)
{
	static int16_t s[DECODE_HZ / 1000 * 120];

	(void)opus_decoder_ctl(in->dec, OPUS_RESET_STATE);
	for (size_t i = 0; i < in->packets; i++)
		if (opus_decode(in->dec, (const unsigned char *)in->packet[i].p,
		                (opus_int32)in->packet[i].n, s, (int)(sizeof(s) / 2), 0) < 0)
			return rcd_fail(err, RCD_PROTO, 0, "packet %zu", i);
	return 0;
}

static int drop(void *arg, const void *p, size_t n, struct rcd_err *err)
{
	(void)arg;
	(void)p;
	(void)n;
	(void)err;
	return 0;
}

static int encode_ours(struct input *in, struct rcd_err *err)
{
	struct rcd_encoder_conf conf = {.hz = ENCODE_HZ, .bitrate = 32000, .complexity = 5};
	const int16_t *s = (const int16_t *)(const void *)in->bytes.p;
	struct rcd_encoder *e = NULL;
	int64_t ms;
	int ret = -1;

	if (rcd_encoder_open(&e, &conf, drop, NULL, err) != 0)
		return -1;
	for (size_t at = 0, n = in->bytes.n / 2; at < n; at += 2048) /* as a stream brings it */
		if (rcd_encoder_write(e, s + at, n - at < 2048 ? n - at : 2048, err) != 0)
			goto out;
	ret = rcd_encoder_finish(e, &ms, err);
out:
	(void)rcd_encoder_free(e);
	return ret;
}

static int encode_bare(struct input *in, struct rcd_err *err)
{
	const int16_t *s = (const int16_t *)(const void *)in->bytes.p;
	unsigned char p[1500];

	(void)opus_encoder_ctl(in->enc, OPUS_RESET_STATE);
	for (size_t at = 0; at + FRAME <= in->bytes.n / 2; at += FRAME)
		if (opus_encode(in->enc, s + at, FRAME, p, sizeof(p)) < 0)
			return rcd_fail(err, RCD_PROTO, 0, "frame at %zu", at);
	return 0;
}

static int prepare(struct input *in, const char *what, struct rcd_err *err)
{
	int code;

	in->dec = opus_decoder_create(DECODE_HZ, 1, &code);
	in->enc = opus_encoder_create(ENCODE_HZ, 1, OPUS_APPLICATION_VOIP, &code);
	if (in->dec == NULL || in->enc == NULL)
		return rcd_fail_nomem(err);
	(void)opus_encoder_ctl(in->enc, OPUS_SET_BITRATE(32000));
	(void)opus_encoder_ctl(in->enc, OPUS_SET_COMPLEXITY(5));
	return strcmp(what, "decode-bare") == 0 ? extract(in, err) : 0;
}

static int64_t cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct input *in, struct rcd_err *err);
	} jobs[] = {
		{"decode-ours", decode_ours},
		{"decode-bare", decode_bare},
		{"encode-ours", encode_ours},
		{"encode-bare", encode_bare},
	};
	struct rcd_err err = {0};
	struct input in = {0};
	int64_t n = 0, cpu, wall;
	size_t job = 0;

	while (argc == 4 && job < 4 && strcmp(jobs[job].name, argv[1]) != 0)
		job++;
	if (argc != 4 || job == 4 || rcd_parse_i64(rcd_sv(argv[3]), 1, 1000000, &n) != 0 ||
	    read_file(argv[2], &in) != 0) {
		(void)fprintf(stderr, "usage: audio {decode,encode}-{ours,bare} FILE N\n");
		return 2;
	}
	if (prepare(&in, argv[1], &err) != 0)
		goto fail;
	cpu = cpu_us();
	wall = rcd_mono_us();
	for (int64_t i = 0; i < n; i++)
		if (jobs[job].run(&in, &err) != 0)
			goto fail;
	cpu = cpu_us() - cpu;
	wall = rcd_mono_us() - wall;
	(void)printf("{\"job\":\"%s\",\"n\":%lld,\"cpu_us_per_op\":%.1f,\"wall_us_per_op\":%.1f}\n",
	             argv[1], (long long)n, (double)cpu / (double)n, (double)wall / (double)n);
	return 0; /* the process ends here: nothing is freed one by one */
fail:
	(void)fprintf(stderr, "audio: %s\n", err.msg);
	return 1;
}
