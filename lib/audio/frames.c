#include "audio/frames.h"

#include <string.h>

#define MAX_TAGS 64
#define ENOUGH 4      /* frames in a row that are no accident, wherever the first one is */
#define MAX_FREE 8192 /* the longest frame of the free format that is looked for */

/* --- one frame: its length, or 0 when there is none at the start of b ---------------------- */

static bool is_mpeg(struct rcd_sv b)
{
	unsigned version = rcd_sv_byte(b, 1) >> 3 & 3, layer = rcd_sv_byte(b, 1) >> 1 & 3,
			 f = rcd_sv_byte(b, 2) >> 2 & 3;

	return b.n >= 4 && rcd_sv_byte(b, 0) == 0xff && (rcd_sv_byte(b, 1) & 0xe0) == 0xe0 &&
	       version != 1 && layer != 0 && f != 3;
}

static size_t measure_mpeg(struct rcd_sv b)
{
	static const uint16_t rates[3][15] = {
		{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
		{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
		{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	};
	static const uint16_t low_rates[2][15] = {
		/* of MPEG 2 and 2.5: layer I, then II and III */
		{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
		{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	};
	static const size_t hz[3] = {44100, 48000, 32000};
	unsigned version = rcd_sv_byte(b, 1) >> 3 & 3; /* 0: 2.5, 2: 2, 3: 1 */
	unsigned layer = 4 - (rcd_sv_byte(b, 1) >> 1 & 3);
	unsigned rate = rcd_sv_byte(b, 2) >> 4, f = rcd_sv_byte(b, 2) >> 2 & 3,
			 pad = rcd_sv_byte(b, 2) >> 1 & 1;
	size_t bits, at;

	if (!is_mpeg(b) || rate == 0 || rate == 15)
		return 0;
	at = hz[f];
	if (version != 3) /* MPEG 2 halves the rates, 2.5 quarters them */
		at >>= version == 2 ? 1 : 2;
	bits = 1000U * (version == 3 ? rates[layer - 1][rate] : low_rates[layer != 1][rate]);
	if (layer == 1)
		return (12 * bits / at + pad) * 4;
	return (layer == 3 && version != 3 ? 72 : 144) * bits / at + pad;
}

static size_t measure_adts(struct rcd_sv b)
{
	size_t n = (size_t)(rcd_sv_byte(b, 3) & 3) << 11 | rcd_sv_byte(b, 4) << 3 |
	           rcd_sv_byte(b, 5) >> 5;

	if (b.n < 7 || rcd_sv_byte(b, 0) != 0xff || (rcd_sv_byte(b, 1) & 0xf6) != 0xf0 ||
	    (rcd_sv_byte(b, 2) >> 2 & 15) > 12)
		return 0;
	return n > 7 ? n : 0;
}

static size_t measure_loas(struct rcd_sv b)
{
	size_t n = (size_t)(rcd_sv_byte(b, 1) & 0x1f) << 8 | rcd_sv_byte(b, 2);

	return b.n >= 4 && rcd_sv_byte(b, 0) == 0x56 && (rcd_sv_byte(b, 1) & 0xe0) == 0xe0 && n > 0
	           ? 3 + n
	           : 0;
}

/* --- a run of them ------------------------------------------------------------------------- */

static const struct framing {
	enum rcd_framing name;
	size_t (*frame)(struct rcd_sv b);
	uint8_t same[3]; /* the bits of the header that all frames of a stream have in common */
} framings[] = {
	{RCD_FRAMING_MPEG, measure_mpeg, {0xff, 0xfe, 0x0c}},
	{RCD_FRAMING_ADTS, measure_adts, {0xff, 0xfe, 0xfc}},
	{RCD_FRAMING_LOAS, measure_loas, {0xff, 0xe0, 0x00}},
};
#define N_FRAMINGS (sizeof(framings) / sizeof(framings[0]))

static bool is_alike(const struct framing *f, struct rcd_sv a, struct rcd_sv b)
{
	for (size_t i = 0; i < 3; i++)
		if (((rcd_sv_byte(a, i) ^ rcd_sv_byte(b, i)) & f->same[i]) != 0)
			return false;
	return true;
}

/* How many frames stand in a row at the start of b, at most ENOUGH. *whole: the last of them ends
 * the file. */
static int count_frames(const struct framing *f, struct rcd_sv b, bool *whole)
{
	struct rcd_sv rest = b;
	int count = 0;
	size_t n;

	*whole = false;
	while (count < ENOUGH && (n = f->frame(rest)) > 0 && is_alike(f, b, rest)) {
		count++;
		*whole = n == rest.n;
		if (n >= rest.n)
			break;
		rest = rcd_sv_skip(rest, n);
	}
	return count;
}

/* MPEG's free format does not say how long its frames are: all are equally long, but for a byte. */
static bool is_free_format(struct rcd_sv b)
{
	const struct framing *mpeg = &framings[0];

	if (!is_mpeg(b) || rcd_sv_byte(b, 2) >> 4 != 0)
		return false;
	for (size_t n = 24; n < MAX_FREE && 3 * n + 8 < b.n; n++) {
		int found = 1;

		if (!is_alike(mpeg, b, rcd_sv_skip(b, n)) || rcd_sv_byte(b, n + 2) >> 4 != 0)
			continue;
		for (size_t at = n, k = 1; k < ENOUGH; k++, at += n) {
			at += rcd_sv_byte(b, at) != 0xff && rcd_sv_byte(b, at + 1) == 0xff;
			found += is_mpeg(rcd_sv_skip(b, at)) && is_alike(mpeg, b, rcd_sv_skip(b, at));
		}
		if (found == ENOUGH)
			return true;
	}
	return false;
}

static enum rcd_framing find_here(struct rcd_sv b)
{
	bool whole;

	for (size_t i = 0; i < N_FRAMINGS; i++) {
		int n = count_frames(&framings[i], b, &whole);

		if (n >= 2 || (n == 1 && whole))
			return framings[i].name;
	}
	return RCD_FRAMING_NONE;
}

static enum rcd_framing find_behind(struct rcd_sv b, size_t *at)
{
	size_t end = b.n < RCD_FRAMES_SEARCH ? b.n : RCD_FRAMES_SEARCH;
	bool whole;

	for (*at = 0; *at < end; (*at)++) {
		struct rcd_sv rest = rcd_sv_skip(b, *at);

		if (rcd_sv_byte(rest, 0) != 0xff && rcd_sv_byte(rest, 0) != 0x56)
			continue;
		for (size_t i = 0; i < N_FRAMINGS; i++) {
			int n = count_frames(&framings[i], rest, &whole);

			if (n == ENOUGH || (n == ENOUGH - 1 && whole))
				return framings[i].name;
		}
	}
	*at = 0;
	return RCD_FRAMING_NONE;
}

enum rcd_framing rcd_frames_find(struct rcd_sv b, bool search, size_t *at)
{
	enum rcd_framing f = find_here(b);

	*at = 0;
	if (f == RCD_FRAMING_NONE && search && is_free_format(b))
		f = RCD_FRAMING_MPEG;
	return f == RCD_FRAMING_NONE && search ? find_behind(b, at) : f;
}

/* --- tags ---------------------------------------------------------------------------------- */

static size_t measure_id3(struct rcd_sv b)
{
	if (b.n < 10 || !rcd_sv_starts(b, RCD_SV("ID3")) ||
	    ((rcd_sv_byte(b, 6) | rcd_sv_byte(b, 7) | rcd_sv_byte(b, 8) | rcd_sv_byte(b, 9)) & 0x80) !=
	        0)
		return 0;
	return 10 +
	       ((size_t)rcd_sv_byte(b, 6) << 21 | rcd_sv_byte(b, 7) << 14 | rcd_sv_byte(b, 8) << 7 |
	        rcd_sv_byte(b, 9)) +
	       ((rcd_sv_byte(b, 5) & 0x10) != 0 ? 10 : 0);
}

/* In front of the audio it begins with its header, which its size does not count. */
static size_t measure_ape(struct rcd_sv b)
{
	if (b.n < 32 || !rcd_sv_starts(b, RCD_SV("APETAGEX")))
		return 0;
	return 32 + ((size_t)rcd_sv_byte(b, 12) | (size_t)rcd_sv_byte(b, 13) << 8 |
	             (size_t)rcd_sv_byte(b, 14) << 16 | (size_t)rcd_sv_byte(b, 15) << 24);
}

static size_t count_zeros(struct rcd_sv b)
{
	size_t n = 0;

	while (n < b.n && b.p[n] == 0)
		n++;
	return n;
}

size_t rcd_frames_tags(struct rcd_sv b)
{
	struct rcd_sv rest = b;

	for (int i = 0; i < MAX_TAGS; i++) {
		size_t n = measure_id3(rest);

		if (n == 0)
			n = measure_ape(rest);
		if (n == 0)
			n = count_zeros(rest);
		if (n == 0 && rcd_sv_starts(rest, RCD_SV("TAG")))
			n = 128; /* the first version of ID3, which belongs at the end */
		if (n == 0 || n >= rest.n)
			break; /* a tag as long as the file has a size that is wrong */
		rest = rcd_sv_skip(rest, n);
	}
	return b.n - rest.n;
}
