/* Speech without a synthesiser: one tone per letter, silence between words. Unintelligible, but
 * with the length, pauses and loudness of speech. */

#include "daemon/sandbox/speech_int.h"

#include <math.h>

#define LETTER_MS 65
#define PAUSE_MS 45
#define STOP_MS 250
#define MAX_CHUNK 4800 /* 100 ms at 48 kHz */
#define PI 3.14159265358979f

/* Two formants over a falling pitch; the letter selects them. */
static void make_tone(uint32_t letter, int hz, int16_t *s, size_t n)
{
	float f1 = 300.0f + (float)(letter % 7) * 70.0f;
	float f2 = 900.0f + (float)(letter % 11) * 130.0f;
	float pitch = 125.0f - (float)(letter % 5) * 4.0f;

	for (size_t i = 0; i < n; i++) {
		float t = (float)i / (float)hz;
		float shape = sinf(PI * (float)i / (float)n);
		float beat = 0.6f + 0.4f * cosf(2 * PI * pitch * t);
		float wave = 0.7f * sinf(2 * PI * f1 * t) + 0.3f * sinf(2 * PI * f2 * t);

		s[i] = (int16_t)(9000.0f * shape * beat * wave);
	}
}

int rcd_sb_hum(struct rcd_sv text, int hz, rcd_pcm_fn *fn, void *arg, struct rcd_err *err)
{
	const char *p = text.p, *end = text.p + text.n;
	int16_t s[MAX_CHUNK * 3];

	while (p < end) {
		uint32_t ch = rcd_utf8_next(&p, end);
		bool space = ch <= ' ', stop = ch == '.' || ch == '!' || ch == '?';
		int quiet_ms = stop ? STOP_MS : PAUSE_MS;
		size_t n = (size_t)(hz * (stop || space ? quiet_ms : LETTER_MS) / 1000);

		for (size_t i = 0; i < n; i++)
			s[i] = 0;
		if (!space && !stop)
			make_tone(ch, hz, s, n);
		if (fn(arg, s, n, err) != 0)
			return -1;
	}
	return 0;
}
