/* What recado-decode is made of: its readers as plain functions. The formats that take a process of
 * their own, and the program around all of them, are in t_audio_file. */
#include "base/limits.h"
#include "daemon/decode/readers.h"
#include "tests/unit/audio.h"

static void put_le(struct rcd_buf *b, size_t n, uint64_t v)
{
	while (n-- > 0) {
		rcd_buf_ch(b, (char)(v & 0xff));
		v >>= 8;
	}
}

static void put_wav(struct rcd_buf *b, int hz, size_t n)
{
	rcd_buf_str(b, "RIFF");
	put_le(b, 4, 36 + 4 * n);
	rcd_buf_str(b, "WAVEfmt ");
	put_le(b, 4, 16);
	put_le(b, 2, 1);
	put_le(b, 2, 2);
	put_le(b, 4, (uint64_t)hz);
	put_le(b, 4, (uint64_t)hz * 4);
	put_le(b, 2, 4);
	put_le(b, 2, 16);
	rcd_buf_str(b, "data");
	put_le(b, 4, 4 * n);
	for (size_t i = 0; i < 2 * n; i++)
		put_le(b, 2, (uint16_t)a_clip(0.4 * sin(2 * M_PI * 440 * (double)(i / 2) / hz)));
}

/* The samples at 16 kHz, or -1. */
static int64_t samples(rcd_reader_fn *reader, struct rcd_sv bytes, enum rcd_kind kind,
                       struct rcd_err *err)
{
	struct rcd_pcm pcm = {0};
	int64_t n = -1;

	if (reader(bytes, kind, 16000, &pcm, err) == 0)
		n = (int64_t)pcm.n;
	rcd_pcm_free(&pcm);
	return n;
}

/* Chunks in an order of their own and of odd sizes, which RIFF allows. */
static int wav_chunks(void)
{
	struct rcd_buf b, plain;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_buf_init(&b, 1 << 20);
	rcd_buf_init(&plain, 1 << 20);
	put_wav(&plain, 16000, 1600);
	rcd_buf_add(&b, plain.p, 12);
	rcd_buf_str(&b, "LIST");
	put_le(&b, 4, 5);
	rcd_buf_add(&b, "INFOx\0", 6);
	rcd_buf_str(&b, "junk");
	put_le(&b, 4, 2);
	rcd_buf_str(&b, "ab");
	rcd_buf_add(&b, plain.p + 12, plain.n - 12);
	T_OK(!b.bad);
	T_INT(samples(rcd_read_sndfile, rcd_buf_view(&b), RCD_KIND_WAV, &err), 1600);
	/* a recorder that could not go back: sizes of all ones, or of nothing */
	memset(b.p + 4, 0xff, 4);
	T_INT(samples(rcd_read_sndfile, rcd_buf_view(&b), RCD_KIND_WAV, &err), 1600);
	memset(plain.p + 40, 0xff, 4);
	T_INT(samples(rcd_read_sndfile, rcd_buf_view(&plain), RCD_KIND_WAV, &err), 1600);
out:
	rcd_buf_free(&b);
	rcd_buf_free(&plain);
	return ret;
}

static int wav_oom(void)
{
	struct rcd_buf b;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_buf_init(&b, 1 << 20);
	put_wav(&b, 44100, 4410);
	if (b.bad) {
		ret = T_NOMEM;
		goto out;
	}
	if (samples(rcd_read_sndfile, rcd_buf_view(&b), RCD_KIND_WAV, &err) != 1600)
		ret = err.code == RCD_NOMEM ? T_NOMEM : 2;
out:
	rcd_buf_free(&b);
	return ret;
}

/* Every cut and many flips of a small file: an answer or an error, never a crash. */
static int hostile(void)
{
	static const struct {
		rcd_reader_fn *reader;
		enum rcd_kind kind;
	} as[] = {{rcd_read_sndfile, RCD_KIND_WAV},
	          {rcd_read_mp3, RCD_KIND_MP3},
	          {rcd_read_amr, RCD_KIND_AMR}};
	struct rcd_err err = {0};
	struct rcd_buf b;
	uint32_t seed = 99;
	int ret = 0;

	rcd_buf_init(&b, 1 << 20);
	put_wav(&b, 22050, 300);
	for (size_t n = 0; n < b.n; n++)
		T_OK(samples(rcd_read_sndfile, (struct rcd_sv){b.p, n}, RCD_KIND_WAV, &err) <= 218);
	for (int i = 0; i < 1000; i++) {
		size_t at = (size_t)((a_noise(&seed) + 1) * 22) % 44;
		char was = b.p[at];

		b.p[at] = (char)(was ^ 1 << i % 8);
		for (size_t k = 0; k < 3; k++)
			T_OK(samples(as[k].reader, rcd_buf_view(&b), as[k].kind, &err) != 0);
		b.p[at] = was;
	}
out:
	rcd_buf_free(&b);
	return ret;
}

/* n frames of one type, each with its first byte and zeros. */
static void put_amr(struct rcd_buf *b, const char *magic, int type, size_t size, size_t n)
{
	rcd_buf_str(b, magic);
	for (size_t i = 0; i < n; i++) {
		rcd_buf_ch(b, (char)(type << 3 | 4));
		for (size_t k = 0; k < size; k++)
			rcd_buf_ch(b, 0);
	}
}

static int amr(void)
{
	static const struct {
		const char *magic;
		int type;
		size_t size;
	} f[] = {
		{"#!AMR\n", 0, 12},    {"#!AMR\n", 7, 31},    {"#!AMR\n", 8, 5},    {"#!AMR\n", 15, 0},
		{"#!AMR-WB\n", 0, 17}, {"#!AMR-WB\n", 8, 60}, {"#!AMR-WB\n", 9, 5}, {"#!AMR-WB\n", 14, 0},
	};
	struct rcd_err err = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1 << 20);
	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++) {
		rcd_buf_reset(&b);
		put_amr(&b, f[i].magic, f[i].type, f[i].size, 50);
		T_INT(rcd_sniff(rcd_buf_view(&b), RCD_SV("audio/amr")), RCD_KIND_AMR);
		T_INT(samples(rcd_read_amr, rcd_buf_view(&b), RCD_KIND_AMR, &err), 16000);
		if (f[i].size > 0) /* the last frame is cut */
			T_INT(samples(rcd_read_amr, (struct rcd_sv){b.p, b.n - 1}, RCD_KIND_AMR, &err), 15680);
		put_amr(&b, "", 13, 0, 1); /* there is no such type: the note ends before it */
		put_amr(&b, "", f[i].type, f[i].size, 10);
		T_INT(samples(rcd_read_amr, rcd_buf_view(&b), RCD_KIND_AMR, &err), 16000);
	}
	T_INT(samples(rcd_read_amr, RCD_SV("#!AMR\n"), RCD_KIND_AMR, &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_INT(samples(rcd_read_amr, RCD_SV("#!AMR_MC1.0\n"), RCD_KIND_AMR, &err), -1);
	T_INT(err.code, RCD_PROTO);
	rcd_buf_reset(&b); /* a second of work for each byte of a file, without the limit */
	put_amr(&b, "#!AMR\n", 15, 0, RCD_MAX_NOTE_SECONDS * 50 + 1);
	T_INT(samples(rcd_read_amr, rcd_buf_view(&b), RCD_KIND_AMR, &err), -1);
	T_INT(err.code, RCD_LIMIT);
out:
	rcd_buf_free(&b);
	return ret;
}

/* Debian has no AMR encoder to test with, so ffmpeg's own decoder is the reference: random frames
 * must sound about the same to both. */
static int amr_sounds(void)
{
	char file[300], raw[300], *want = NULL;
	char *ff[] = {"ffmpeg", "-nostdin", "-v", "quiet", "-y", "-i", file, "-f", "s16le", raw, NULL};
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	uint32_t seed = 5;
	struct rcd_buf b;
	int ret = 0;
	size_t n;

	rcd_buf_init(&b, 1 << 20);
	put_amr(&b, "#!AMR\n", 7, 31, 100);
	T_OK(!b.bad);
	for (size_t i = 6; i < b.n; i++)
		if ((i - 6) % 32 != 0)
			b.p[i] = (char)(a_noise(&seed) * 127);
	(void)snprintf(file, sizeof(file), "%s/x.amr", t_dir());
	(void)snprintf(raw, sizeof(raw), "%s/x.raw", t_dir());
	T_OK(a_write(file, b.p, b.n));
	if (a_run(ff, NULL) != 0)
		goto out; /* not installed */
	T_OK((want = t_slurp(raw, &n)) != NULL);
	T_DO(rcd_read_amr(rcd_buf_view(&b), RCD_KIND_AMR, 8000, &pcm, &err), err);
	T_INT(pcm.n, n / 2);
	if (a_snr((const int16_t *)(void *)want, pcm.s, pcm.n) < 1)
		T_FAIL("%.1f dB", a_snr((const int16_t *)(void *)want, pcm.s, pcm.n));
out:
	free(want);
	rcd_pcm_free(&pcm);
	rcd_buf_free(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"wav_chunks", wav_chunks, 0}, {"wav_oom", wav_oom, T_OOM},
	{"hostile", hostile, 0},       {"amr", amr, 0},
	{"amr_sounds", amr_sounds, 0}, {NULL, NULL, 0},
};
