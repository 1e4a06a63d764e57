/* What a voice may answer in the place of PCM. */
#include "provider/voice_body.h"
#include "tests/unit/audio.h"

#define HZ 24000

struct heard {
	int16_t s[4 * HZ];
	size_t n;
};

static int hear(void *arg, const int16_t *s, size_t n, struct rcd_err *err)
{
	struct heard *h = arg;

	if (h->n + n > sizeof(h->s) / sizeof(h->s[0]))
		return rcd_fail(err, RCD_LIMIT, 0, "too much");
	memcpy(h->s + h->n, s, n * sizeof(*s));
	h->n += n;
	return 0;
}

/* The body in pieces of that size. */
static int body(struct heard *h, struct rcd_sv v, size_t piece, struct rcd_err *err)
{
	struct rcd_voice_body b = {.doing = "voice",
	                           .decoder = a_decoder(),
	                           .hz = HZ,
	                           .fn = hear,
	                           .arg = h};
	int ret = 0;

	h->n = 0;
	rcd_voice_body_init(&b);
	while (ret == 0 && v.n > 0) {
		size_t n = v.n < piece ? v.n : piece;

		ret = rcd_voice_body_add(&b, (const uint8_t *)v.p, n, err);
		v = rcd_sv_skip(v, n);
	}
	if (ret == 0)
		ret = rcd_voice_body_end(&b, err);
	rcd_voice_body_free(&b);
	return ret;
}

static const size_t pieces[] = {1, 333, 8192, 1 << 20};
#define N_PIECES (sizeof(pieces) / sizeof(pieces[0]))

/* A tone, silence with a little dither, an "s", a click and silence. */
static int16_t sample_of(int kind, size_t i, uint32_t *seed)
{
	switch (kind) {
	case 0:
		return a_clip(0.9 * sin(2 * M_PI * 150 * (double)i / HZ));
	case 1:
		return (int16_t)lrint(a_noise(seed) * 1.4);
	case 2:
		return (int16_t)(a_noise(seed) * 9000);
	default:
		return i == 10 ? -1 : 0;
	}
}

static int pcm(void)
{
	static struct heard h;
	static int16_t s[HZ];
	struct rcd_sv v = {(const char *)s, sizeof(s)};
	uint32_t seed = 3;
	struct rcd_err err = {0};
	int ret = 0;

	for (int kind = 0; kind < 4; kind++) {
		for (size_t i = 0; i < HZ; i++)
			s[i] = sample_of(kind, i, &seed);
		for (size_t k = kind == 0 ? 0 : 2; k < N_PIECES; k++) {
			T_DO(body(&h, v, pieces[k], &err), err);
			T_OK(h.n == HZ && memcmp(h.s, s, sizeof(s)) == 0);
		}
	}
	v.n--;
	T_INT(body(&h, v, 500, &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_INT(body(&h, RCD_SV(""), 500, &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_DO(body(&h, RCD_SV("abcd"), 1, &err), err); /* two samples, not a word */
	T_INT(h.n, 2);
out:
	return ret;
}

/* In another format it is decoded: the same tone comes out. */
static int other_sound(void)
{
	static const struct {
		const char *name;
		const char *option[3];
	} f[] = {{"ogg", {"-c:a", "libopus", NULL}},
	         {"wav", {"-c:a", "pcm_s16le", NULL}},
	         {"mp3", {"-c:a", "libmp3lame", NULL}},
	         {"aac", {"-c:a", "aac", NULL}},
	         {"flac", {"-c:a", "flac", NULL}}};
	static struct heard h;
	char out[300], option[2][20], *bytes = NULL,
								  tone[] = "sine=frequency=300:sample_rate=24000:duration=1";
	struct rcd_err err = {0};
	int ret = 0;
	size_t n;

	(void)snprintf(option[0], sizeof(option[0]), "-c:a");
	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++) {
		char *ff[] = {"ffmpeg", "-nostdin", "-v",      "quiet",   "-y", "-f", "lavfi",
		              "-i",     tone,       option[0], option[1], out,  NULL};

		(void)snprintf(option[1], sizeof(option[1]), "%s", f[i].option[1]);
		(void)snprintf(out, sizeof(out), "%s/voice.%s", t_dir(), f[i].name);
		if (a_run(ff, NULL) != 0)
			continue; /* not installed */
		free(bytes);
		T_OK((bytes = t_slurp(out, &n)) != NULL);
		for (size_t k = 1; k < N_PIECES; k++) {
			double level = 0;

			T_DO(body(&h, (struct rcd_sv){bytes, n}, pieces[k], &err), err);
			if (h.n < HZ - 2400 || h.n > HZ + 4800)
				T_FAIL("%s: %zu samples", f[i].name, h.n);
			for (size_t at = 4000; at < 20000; at++)
				level += (double)h.s[at] * h.s[at];
			level = sqrt(level / 16000);
			if (level < 2000 || level > 4000) /* ffmpeg's tone has an eighth of the full level */
				T_FAIL("%s: level %.0f", f[i].name, level);
		}
		T_INT(body(&h, (struct rcd_sv){bytes, 500}, 100, &err) == 0 && h.n > 12000, 0); /* cut */
	}
out:
	free(bytes);
	return ret;
}

static int no_sound(void)
{
	static struct heard h;
	static char noise[20000];
	const struct rcd_sv bodies[] = {
		RCD_SV("{\"detail\": {\"status\": \"quota_exceeded\"}}"),
		RCD_SV("<html><body>502</body></html>"),
		RCD_SV("The service is down for maintenance; it will be back within the hour or so."),
		RCD_SV("%PDF-1.7 what"),
		RCD_SV("\x89PNG\r\n\x1a\n and more"),
		RCD_SV("ID3 and nothing behind it"),
		{noise, sizeof(noise)}, /* as a compressed file that nobody knows */
	};
	struct rcd_err err = {0};
	uint32_t seed = 17;
	int ret = 0;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(a_noise(&seed) * 127.9);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		for (size_t k = 1; k < N_PIECES; k++) {
			T_INT(body(&h, bodies[i], pieces[k], &err), -1);
			T_INT(err.code, RCD_PROTO);
			T_INT(h.n, 0);
		}
	T_STR(rcd_voice_not_pcm(
			  RCD_SV("OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x13OpusHead\1\1")),
	      "ogg-opus");
	T_STR(rcd_voice_not_pcm((struct rcd_sv){noise, sizeof(noise)}), "noise");
	T_OK(rcd_voice_not_pcm(RCD_SV("\0\0\1\0\2\0")) == NULL &&
	     rcd_voice_not_pcm(RCD_SV("")) == NULL);
	T_OK(!rcd_voice_type_ok("text/html; charset=utf-8") && !rcd_voice_type_ok("Application/JSON"));
	T_OK(rcd_voice_type_ok("audio/pcm") && rcd_voice_type_ok("") &&
	     rcd_voice_type_ok("application/octet-stream"));
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"pcm", pcm, 0},
	{"other_sound", other_sound, 0},
	{"no_sound", no_sound, 0},
	{NULL, NULL, 0},
};
