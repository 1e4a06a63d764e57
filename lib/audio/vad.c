/* Voice activity of a whole note, in two passes over frames of 20 ms: first the level in
 * four octave-wide bands of each frame, then, where a frame stands clear of the noise
 * floor, whether it has a pitch and whether the spectrum around it moves. Steady noise is
 * never clear, unsteady noise has no pitch, hum and tones have no movement, clicks are too
 * short. A voice that only whispers has no pitch either and is missed. */
#include "audio/vad.h"

#include "audio/resample.h"

#include <math.h>
#include <stdlib.h>

#define HZ 16000
#define SPEECH_MS 250 /* less than a spoken "oi" is nobody speaking */
#define FRAME 320     /* 20 ms */
#define FRAME_MS 20
#define BANDS 4 /* 4–8, 2–4, 1–2, 0–1 kHz */

#define QUIET_DB (-62.0F) /* below full scale: not loud enough to understand */
#define CLEAR_DB 6.0F     /* over the floor */
#define FLOOR_PART 10     /* the floor is what one frame in ten stays under */
#define HISTOGRAM 128     /* 1 dB each, down from full scale */

#define LOW_HZ 4000 /* the rate at which a pitch is looked for */
#define WINDOW 128  /* 32 ms of it */
#define MIN_LAG 4   /* the valley before the first peak is looked for from here */
#define PITCH_LAG (LOW_HZ / 400)
#define MAX_LAG (LOW_HZ / 60)
#define PITCH 0.55F  /* correlation at one pitch period */
#define VALLEY 0.30F /* and how far it falls in between: rumble has no valley */

#define AROUND 8         /* frames on either side that are compared, 160 ms */
#define MOVEMENT_DB 7.0F /* between the weakest and the strongest of them, in two bands */
#define MAX_GAP 15       /* frames between two voiced ones that a word still bridges */
#define MIN_VOICED 5     /* fewer in a row of words are no speech */
#define EDGE 10          /* frames of consonants before and after the first and last vowel */

struct frame {
	float level;       /* dB below full scale */
	float band[BANDS]; /* likewise */
	bool clear;
};

static float get_db(float mean_square)
{
	/* 4: under the noise of rounding to 16 bits nothing is told apart */
	return 10.0F * log10f((mean_square + 4.0F) / (32768.0F * 32768.0F));
}

/* Three levels of Haar's wavelet: as rough as filters get, but what is compared is each
 * band with itself, and it costs two additions a sample. */
static void measure_frame(const int16_t *s, struct frame *f)
{
	float e[BANDS] = {0}, sum = 0, all;

	for (size_t i = 0; i < FRAME; i += 8) {
		float a[4], d, b[2], c, g, h;

		for (size_t k = 0; k < 4; k++) {
			a[k] = (float)(s[i + 2 * k] + s[i + 2 * k + 1]);
			d = (float)(s[i + 2 * k] - s[i + 2 * k + 1]);
			e[0] += d * d;
		}
		for (size_t k = 0; k < 2; k++) {
			b[k] = a[2 * k] + a[2 * k + 1];
			c = a[2 * k] - a[2 * k + 1];
			e[1] += c * c;
		}
		g = b[0] - b[1];
		h = b[0] + b[1];
		e[2] += g * g;
		e[3] += h * h;
		sum += h;
	}
	e[3] -= sum * sum / (FRAME / 8.0F); /* a constant is not sound */
	all = e[0] / 2 + e[1] / 4 + e[2] / 8 + e[3] / 8;
	f->level = get_db(all / FRAME);
	f->band[0] = get_db(e[0] / 2 / FRAME);
	f->band[1] = get_db(e[1] / 4 / FRAME);
	f->band[2] = get_db(e[2] / 8 / FRAME);
	f->band[3] = get_db(e[3] / 8 / FRAME);
}

static float find_noise_floor(const struct frame *f, size_t n, size_t band)
{
	size_t count[HISTOGRAM] = {0}, seen = 0;
	int at = HISTOGRAM - 1;

	for (size_t i = 0; i < n; i++) {
		float below = -f[i].band[band];
		int bin = below < HISTOGRAM - 1 ? (int)below : HISTOGRAM - 1;

		count[below < 0 ? 0 : bin]++;
	}
	for (; at > 0; at--)
		if ((seen += count[at]) > n / FLOOR_PART)
			break;
	return (float)-at;
}

/* One band over its own floor is enough: in a noisy room only the lowest may be. */
static void mark_clear(struct frame *f, size_t n)
{
	float least[BANDS];

	for (size_t b = 0; b < BANDS; b++)
		least[b] = find_noise_floor(f, n, b) + CLEAR_DB;
	for (size_t i = 0; i < n; i++) {
		f[i].clear = false;
		for (size_t b = 0; b < BANDS; b++)
			f[i].clear |= f[i].level > QUIET_DB && f[i].band[b] > least[b];
	}
}

static float get_dot_product(const float *a, const float *b)
{
	float s0 = 0, s1 = 0, s2 = 0, s3 = 0; /* four sums that need not wait for each other */

	for (size_t i = 0; i < WINDOW; i += 4) {
		s0 += a[i] * b[i];
		s1 += a[i + 1] * b[i + 1];
		s2 += a[i + 2] * b[i + 2];
		s3 += a[i + 3] * b[i + 3];
	}
	return s0 + s1 + s2 + s3;
}

/* Whether the sound at s (4 · (WINDOW + MAX_LAG) samples) repeats itself at a pitch between
 * 60 and 400 Hz. */
static bool is_voiced(const int16_t *s)
{
	const size_t n = WINDOW + MAX_LAG;
	float x[WINDOW + MAX_LAG], sum = 0, energy, here, valley = 1;

	for (size_t i = 0; i < n; i++) {
		x[i] = (float)(s[4 * i] + s[4 * i + 1] + s[4 * i + 2] + s[4 * i + 3]);
		sum += x[i];
	}
	for (size_t i = 0; i < n; i++)
		x[i] -= sum / (float)n;
	energy = here = get_dot_product(x, x);
	for (size_t lag = 1; lag <= MAX_LAG; lag++) {
		float r;

		here += x[lag + WINDOW - 1] * x[lag + WINDOW - 1] - x[lag - 1] * x[lag - 1];
		if (lag < MIN_LAG)
			continue;
		r = get_dot_product(x, x + lag) / sqrtf(energy * (here > 1 ? here : 1) + 1);
		if (lag >= PITCH_LAG && r > PITCH && r - valley > VALLEY)
			return true;
		valley = r < valley ? r : valley;
	}
	return false;
}

/* A frame in the middle of what is clear: the edges of a tone would look like movement. */
static bool is_inner(const struct frame *f, size_t n, size_t i)
{
	return i > 0 && i + 1 < n && f[i - 1].clear && f[i].clear && f[i + 1].clear;
}

static bool is_moving(const struct frame *f, size_t n, size_t at)
{
	size_t from = at > AROUND ? at - AROUND : 0, to = at + AROUND < n ? at + AROUND : n - 1;
	float lo[BANDS], hi[BANDS], most = 0, second = 0;

	for (size_t b = 0; b < BANDS; b++)
		lo[b] = hi[b] = f[at].band[b];
	for (size_t i = from; i <= to; i++) {
		if (!is_inner(f, n, i))
			continue;
		for (size_t b = 0; b < BANDS; b++) {
			lo[b] = fminf(lo[b], f[i].band[b]);
			hi[b] = fmaxf(hi[b], f[i].band[b]);
		}
	}
	for (size_t b = 0; b < BANDS; b++) {
		float range = hi[b] - lo[b];

		second = fmaxf(second, fminf(range, most));
		most = fmaxf(most, range);
	}
	return (most + second) / 2 > MOVEMENT_DB;
}

/* Frames of one stretch of words whose first and last vowels are at first and last. */
static size_t count_stretch(const struct frame *f, size_t n, size_t first, size_t last)
{
	size_t from = first, to = last;

	while (from > 0 && first - from < EDGE && f[from - 1].clear)
		from--;
	while (to + 1 < n && to - last < EDGE && f[to + 1].clear)
		to++;
	return to - from + 1;
}

static size_t count_speech(const int16_t *s, const struct frame *f, size_t n)
{
	const size_t reach = (4 * (WINDOW + MAX_LAG) + FRAME - 1) / FRAME;
	size_t total = 0, first = 0, last = 0, vowels = 0;

	for (size_t i = 0; i + reach <= n; i++) {
		if (!is_inner(f, n, i) || !is_moving(f, n, i) || !is_voiced(s + i * FRAME))
			continue;
		if (vowels > 0 && i - last > MAX_GAP) {
			total += vowels >= MIN_VOICED ? count_stretch(f, n, first, last) : 0;
			vowels = 0;
		}
		if (vowels++ == 0)
			first = i;
		last = i;
	}
	return total + (vowels >= MIN_VOICED ? count_stretch(f, n, first, last) : 0);
}

int64_t rcd_vad_speech_ms(const struct rcd_pcm *pcm)
{
	const size_t n = pcm->n / FRAME;
	struct frame *f;
	size_t speech;

	if (n == 0)
		return 0;
	f = pcm->hz == HZ ? malloc(n * sizeof(*f)) : NULL;
	if (f == NULL)
		return (int64_t)pcm->n * 1000 / pcm->hz;
	for (size_t i = 0; i < n; i++)
		measure_frame(pcm->s + i * FRAME, &f[i]);
	mark_clear(f, n);
	speech = count_speech(pcm->s, f, n);
	free(f);
	return (int64_t)speech * FRAME_MS;
}

bool rcd_vad_nobody_speaks(const struct rcd_pcm *pcm)
{
	struct rcd_pcm slow = {0};
	bool nobody;

	if (pcm->hz == HZ)
		return rcd_vad_speech_ms(pcm) < SPEECH_MS;
	if (rcd_pcm_resample_roughly(pcm, HZ, &slow, RCD_UNREAD_ERR) != 0)
		return false;
	nobody = rcd_vad_speech_ms(&slow) < SPEECH_MS;
	rcd_pcm_free(&slow);
	return nobody;
}
