#include "audio/vad.h"
#include "tests/unit/audio.h"

#define HZ 16000
#define SECONDS 4
#define N ((size_t)HZ * SECONDS)

static int64_t ms(int16_t *s, size_t n)
{
	struct rcd_pcm pcm = {s, n, HZ};

	return rcd_vad_speech_ms(&pcm);
}

static void add_noise(int16_t *s, size_t n, double rms, uint32_t seed)
{
	for (size_t i = 0; i < n; i++)
		s[i] = a_clip(s[i] / 32767.0 + rms * sqrt(3) * a_noise(&seed));
}

static double level(const int16_t *s, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)s[i] * s[i];
	return sqrt(sum / (double)n) / 32767;
}

/* A voice as simple as can be: pulses of a pitch that wanders, through two resonances that
 * move from vowel to vowel, four syllables a second, a pause in every second. */
static void voice(int16_t *s, size_t n, double pitch)
{
	double phase = 0, y[4] = {0};

	for (size_t i = 0; i < n; i++) {
		double t = (double)i / HZ, syllable = fmod(t * 4, 1), out = 0;
		double f[2] = {500 + 250 * sin(2 * M_PI * 0.9 * t), 1500 + 700 * sin(2 * M_PI * 1.3 * t)};
		double loud = fmod(t, 1) > 0.8 ? 0 : pow(sin(M_PI * syllable), 1.5);

		phase += pitch * (1 + 0.15 * sin(2 * M_PI * 0.7 * t)) / HZ;
		if (phase >= 1)
			phase -= 1;
		for (size_t k = 0; k < 2; k++) {
			double r = exp(-M_PI * 80 / HZ), in = phase < pitch / HZ ? 1 : 0;
			double v = in + 2 * r * cos(2 * M_PI * f[k] / HZ) * y[2 * k] - r * r * y[2 * k + 1];

			y[2 * k + 1] = y[2 * k];
			y[2 * k] = v;
			out += v;
		}
		s[i] = a_clip(0.15 * loud * out);
	}
}

/* --- what is no speech ---------------------------------------------------------------- */

static int silence(void)
{
	static int16_t s[N];
	int ret = 0;

	T_INT(ms(s, N), 0);
	T_INT(ms(s, 0), 0);
	T_INT(ms(s, 1), 0);
	T_INT(ms(s, 319), 0);
	T_INT(ms(s, 320), 0);
	for (size_t i = 0; i < N; i++)
		s[i] = (int16_t)(12000 + (int)(i % 3) - 1); /* a constant and its rounding */
	T_INT(ms(s, N), 0);
	for (size_t i = 0; i < N; i++)
		s[i] = i > N / 2 ? 9000 : 0;
	T_INT(ms(s, N), 0);
out:
	return ret;
}

static int noise(void)
{
	static const double rms[] = {0.0003, 0.003, 0.03, 0.3};
	static int16_t s[N];
	int ret = 0;

	for (size_t i = 0; i < 4; i++) {
		memset(s, 0, sizeof(s));
		add_noise(s, N, rms[i], 1 + (uint32_t)i);
		T_INT(ms(s, N), 0);
		memset(s, 0, sizeof(s)); /* that begins in the middle, that comes in gusts */
		add_noise(s + N / 2, N / 2, rms[i], 11 + (uint32_t)i);
		T_INT(ms(s, N), 0);
		for (size_t k = 0; k < N; k++)
			s[k] = (int16_t)(s[N / 2 + k % (N / 2)] * (0.5 + 0.5 * sin((double)k / HZ * 6)));
		T_INT(ms(s, N), 0);
	}
out:
	return ret;
}

/* The same after a phone's codec, which leaves its own traces on noise. */
static int noise_in_a_note(void)
{
	static const double rms[] = {0.001, 0.01, 0.1};
	static int16_t s[N];
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	struct rcd_buf b = {0};
	int ret = 0;

	for (size_t i = 0; i < 3; i++) {
		memset(s, 0, sizeof(s));
		add_noise(s, N, rms[i], 31 + (uint32_t)i);
		T_DO(a_encode(s, N, HZ, N, &b, &err), err);
		T_DO(rcd_decode(NULL, rcd_buf_view(&b), RCD_KIND_OGG_OPUS, HZ, &pcm, &err), err);
		T_OK(rcd_vad_speech_ms(&pcm) <= 100);
		rcd_pcm_free(&pcm);
		rcd_buf_free(&b);
	}
out:
	rcd_pcm_free(&pcm);
	rcd_buf_free(&b);
	return ret;
}

/* Noise of the wind, all of it low: it hangs together over a pitch period, but has none. */
static int rumble(void)
{
	static int16_t s[N];
	uint32_t seed = 5;
	double a = 0, b = 0;
	int ret = 0;

	for (size_t i = 0; i < N; i++) {
		a += 0.02 * (a_noise(&seed) - a);
		b += 0.02 * (a - b);
		s[i] = a_clip(4 * b * (0.6 + 0.4 * sin((double)i / HZ * 5)));
	}
	T_OK(ms(s, N) <= 200);
out:
	return ret;
}

static int hum_and_tones(void)
{
	static const double tones[] = {100, 220, 350, 440, 1000, 3000};
	static int16_t s[N];
	int ret = 0;

	for (size_t i = 0; i < N; i++) {
		double w = 2 * M_PI * 60 * (double)i / HZ;

		s[i] = a_clip(0.3 * sin(w) + 0.1 * sin(2 * w) + 0.1 * sin(3 * w) + 0.05 * sin(5 * w));
	}
	T_INT(ms(s, N), 0);
	add_noise(s, N, 0.02, 3);
	T_INT(ms(s, N), 0);
	memset(s, 0, N / 3 * sizeof(*s)); /* the hum begins when something is switched on */
	T_INT(ms(s, N), 0);
	for (size_t t = 0; t < sizeof(tones) / sizeof(tones[0]); t++) {
		for (size_t i = 0; i < N; i++)
			s[i] = a_clip(0.3 * sin(2 * M_PI * tones[t] * (double)i / HZ));
		T_INT(ms(s, N), 0);
		for (size_t i = 0; i < N; i++) /* an engaged line: a quarter of a second on and off */
			s[i] = i / (HZ / 4) % 2 ? s[i] : 0;
		T_INT(ms(s, N), 0);
		add_noise(s, N, 0.003, 3);
		T_INT(ms(s, N), 0);
	}
out:
	return ret;
}

static int clicks(void)
{
	static int16_t s[N];
	uint32_t seed = 9;
	int ret = 0;

	for (size_t i = 0; i < N; i += HZ / 3)
		s[i] = 30000;
	T_INT(ms(s, N), 0);
	for (size_t i = 100; i + 400 < N; i += HZ / 5) /* keys: 10 ms of decaying noise */
		for (size_t k = 0; k < 300; k++)
			s[i + k] = a_clip(0.6 * a_noise(&seed) * exp(-(double)k / 60));
	T_INT(ms(s, N), 0);
	add_noise(s, N, 0.003, 3);
	T_INT(ms(s, N), 0);
out:
	return ret;
}

/* --- what is --------------------------------------------------------------------------- */

static int synthetic_voice(void)
{
	static int16_t clean[N], s[N];
	static const double pitch[] = {90, 120, 180, 240, 320};
	int ret = 0;

	for (size_t p = 0; p < 5; p++) {
		int64_t got[4];

		voice(clean, N, pitch[p]);
		got[0] = ms(clean, N);
		for (size_t i = 0; i < N; i++)
			s[i] = (int16_t)lrint(clean[i] * 0.0316); /* 30 dB less */
		got[1] = ms(s, N);
		memcpy(s, clean, sizeof(s));
		add_noise(s, N, level(clean, N) * 0.316, 8); /* 10 dB over the noise */
		got[2] = ms(s, N);
		memcpy(s, clean, sizeof(s));
		for (size_t i = 0; i < N; i++)
			s[i] = a_clip(s[i] / 32767.0 + 0.03 * sin(2 * M_PI * 60 * (double)i / HZ));
		got[3] = ms(s, N);
		for (size_t i = 0; i < 4; i++)
			if (got[i] < SECONDS * 600 || got[i] > SECONDS * 1000)
				T_FAIL("pitch %.0f, way %zu: %lld ms", pitch[p], i, (long long)got[i]);
	}
out:
	return ret;
}

static int spoken(const char *who, const char *speed)
{
	struct rcd_pcm pcm = {0}, note = {0};
	struct rcd_err err = {0};
	struct rcd_buf b = {0};
	int16_t *s = NULL;
	int64_t all, got;
	size_t n = 0;
	int ret = 0;
	char *wav = a_speech(who, speed,
	                     "Bom dia. Eu gostaria de saber se vocês abrem no sábado e quanto "
	                     "custa a limpeza de pele, por favor.",
	                     &n);

	if (wav == NULL)
		goto out; /* espeak-ng is not installed */
	T_DO(rcd_decode(a_decoder(), (struct rcd_sv){wav, n}, RCD_KIND_WAV, HZ, &pcm, &err), err);
	all = (int64_t)pcm.n * 1000 / HZ;
	T_OK((s = malloc(pcm.n * sizeof(*s))) != NULL);
	for (int way = 0; way < 4; way++) {
		memcpy(s, pcm.s, pcm.n * sizeof(*s));
		if (way == 1)
			for (size_t i = 0; i < pcm.n; i++)
				s[i] = (int16_t)lrint(s[i] * 0.0316);
		if (way == 2)
			add_noise(s, pcm.n, level(s, pcm.n) * 0.316, 21);
		if (way == 3) {
			T_DO(a_encode(s, pcm.n, HZ, pcm.n, &b, &err), err);
			T_DO(rcd_decode(NULL, rcd_buf_view(&b), RCD_KIND_OGG_OPUS, HZ, &note, &err), err);
			memcpy(s, note.s, note.n * sizeof(*s));
		}
		got = ms(s, pcm.n);
		if (got < all * 7 / 10 || got > all)
			T_FAIL("%s at %s, way %d: %lld of %lld ms", who, speed, way, (long long)got,
			       (long long)all);
	}
out:
	rcd_pcm_free(&pcm);
	rcd_pcm_free(&note);
	rcd_buf_free(&b);
	free(s);
	free(wav);
	return ret;
}

static int spoken_all(void)
{
	static const char *const who[] = {"pt-br", "pt-br+f2", "pt-br+m3", "pt-br+f4", "en+croak"};
	int ret = 0;

	for (size_t i = 0; i < 5; i++) {
		T_INT(spoken(who[i], "160"), 0);
		T_INT(spoken(who[i], "230"), 0);
	}
out:
	return ret;
}

/* One word, cut close. */
static int one_word(void)
{
	static const char *const words[] = {"Sim.", "Não.", "Oi!", "É.", "Amanhã"};
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	char *wav = NULL;
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		free(wav);
		rcd_pcm_free(&pcm);
		if ((wav = a_speech("pt-br", "160", words[i], &n)) == NULL)
			goto out;
		T_DO(rcd_decode(a_decoder(), (struct rcd_sv){wav, n}, RCD_KIND_WAV, HZ, &pcm, &err), err);
		if (rcd_vad_speech_ms(&pcm) < 100)
			T_FAIL("%s: %lld of %zu ms", words[i], (long long)rcd_vad_speech_ms(&pcm), pcm.n / 16);
	}
out:
	rcd_pcm_free(&pcm);
	free(wav);
	return ret;
}

/* What cannot be judged is taken for speech: to ask a customer again for nothing is worse
 * than to transcribe a silence. */
static int not_judged(void)
{
	static int16_t s[N];
	struct rcd_pcm pcm = {s, N, 24000};
	int ret = 0;

	T_INT(rcd_vad_speech_ms(&pcm), N / 24);
out:
	return ret;
}

static int oom(void)
{
	static int16_t s[N];
	int ret = 0;
	int64_t got = ms(s, N);

	T_OK(got == 0 || got == SECONDS * 1000);
	ret = got == 0 ? 0 : T_NOMEM;
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"silence", silence, 0},
	{"noise", noise, 0},
	{"noise_in_a_note", noise_in_a_note, 0},
	{"rumble", rumble, 0},
	{"hum_and_tones", hum_and_tones, 0},
	{"clicks", clicks, 0},
	{"synthetic_voice", synthetic_voice, 0},
	{"spoken_all", spoken_all, 0},
	{"one_word", one_word, 0},
	{"not_judged", not_judged, 0},
	{"oom", oom, T_OOM},
	{NULL, NULL, 0},
};
