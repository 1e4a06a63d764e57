#include "audio/ogg.h"
#include "audio/opus.h"
#include "base/limits.h"
#include "tests/unit/audio.h"

/* --- what we write -------------------------------------------------------------------- */

/* Where got lies best over want, within ±20 samples; *r is how well. */
static int best_lag(const int16_t *want, const int16_t *got, size_t n, double *r)
{
	int best = 0;

	*r = 0;
	for (int lag = -20; lag <= 20; lag++) {
		double wg = 0, ww = 0, gg = 0;

		for (size_t i = 20; i + 20 < n; i++) {
			double w = want[i], g = got[(ptrdiff_t)i + lag];

			wg += w * g;
			ww += w * w;
			gg += g * g;
		}
		if (wg / sqrt(ww * gg) > *r) {
			*r = wg / sqrt(ww * gg);
			best = lag;
		}
	}
	return best;
}

static int round_trip(int from, int to, size_t n, double min_r)
{
	struct rcd_buf b = {0};
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	int16_t *s = malloc(n * sizeof(*s)), *want = NULL;
	size_t expect = n * (size_t)to / (size_t)from;
	double r;
	int ret = 0;

	if (s == NULL || (want = malloc((expect + 1) * sizeof(*want))) == NULL) {
		ret = T_NOMEM;
		goto out;
	}
	a_sweep(s, n, from);
	a_sweep(want, expect, to);
	T_DO(a_encode(s, n, from, 777, &b, &err), err);
	T_INT(rcd_sniff(rcd_buf_view(&b), (struct rcd_sv){0}), RCD_KIND_OGG_OPUS);
	T_DO(rcd_decode(NULL, rcd_buf_view(&b), RCD_KIND_OGG_OPUS, to, &pcm, &err), err);
	T_INT(pcm.n, expect);
	T_INT(pcm.hz, to);
	if (min_r > 0) {
		/* libopus's own resampler is up to 50 µs early or late */
		if (abs(best_lag(want, pcm.s, expect, &r)) > (to + 19999) / 20000 || r < min_r)
			T_FAIL("%d to %d Hz: correlation %.3f at %d", from, to, r,
			       best_lag(want, pcm.s, expect, &r));
	}
out:
	rcd_pcm_free(&pcm);
	rcd_buf_free(&b);
	free(want);
	free(s);
	return ret;
}

static int every_rate(void)
{
	static const int hz[] = {8000, 12000, 16000, 24000, 48000};
	int ret = 0;

	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < 5; k++)
			T_INT(round_trip(hz[i], hz[k], (size_t)hz[i] * 2 + 123, 0), 0);
out:
	return ret;
}

static int sounds_the_same(void)
{
	int ret = 0;

	T_INT(round_trip(24000, 24000, 72000, 0.9), 0);
	T_INT(round_trip(24000, 16000, 72000, 0.9), 0);
	T_INT(round_trip(24000, 48000, 72000, 0.9), 0);
out:
	return ret;
}

/* Lengths around the edges of frames, of seconds and of the lookahead. */
static int every_length(void)
{
	static const size_t n[] = {1,     2,     103,   319,   320,   321,   640,   15895, 15896,
	                           15897, 15999, 16000, 16001, 16104, 16320, 31999, 32000, 32001};
	int ret = 0;

	for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++)
		T_INT(round_trip(16000, 16000, n[i], 0), 0);
out:
	return ret;
}

static int oom(void)
{
	return round_trip(16000, 16000, 40000, 0);
}

static int64_t le_at(const char *p, size_t bytes)
{
	int64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | (unsigned char)p[bytes];
	return v;
}

static int page_rules(void)
{
	struct rcd_buf b = {0};
	struct rcd_err err = {0};
	static int16_t s[24000 * 5 + 77];
	int64_t before = 0, granule = 0;
	int pages = 0, ret = 0;

	a_sweep(s, 24000 * 5 + 77, 24000);
	T_DO(a_encode(s, 24000 * 5 + 77, 24000, 480, &b, &err), err);
	for (size_t at = 0; at < b.n; pages++) {
		size_t segments = (unsigned char)b.p[at + 26], body = 0;

		T_OK(memcmp(b.p + at, "OggS", 4) == 0);
		for (size_t i = 0; i < segments; i++)
			body += (unsigned char)b.p[at + 27 + i];
		granule = le_at(b.p + at + 6, 8);
		T_OK(granule - before <= 48000); /* a page at least every second */
		before = granule;
		T_INT(b.p[at + 5] & 2, pages == 0 ? 2 : 0);
		at += 27 + segments + body;
		T_INT(b.p[at - 27 - segments - body + 5] & 4, at == b.n ? 4 : 0);
	}
	T_INT(granule, 2 * (24000 * 5 + 77) + le_at(b.p + 28 + 10, 2));
	T_INT(pages, 2 + 6);
out:
	rcd_buf_free(&b);
	return ret;
}

/* Two strangers read what we write: opusinfo finds nothing to complain about, ffmpeg
 * hears the same samples as we do. */
static int strangers_agree(void)
{
	char ogg[300], raw[300], said[300];
	char *info[] = {"opusinfo", ogg, NULL};
	char *ff[] = {"ffmpeg", "-nostdin", "-v",    "error", "-c:a", "libopus", "-i",
	              ogg,      "-f",       "s16le", "-y",    raw,    NULL};
	struct rcd_buf b = {0};
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	static int16_t s[60000];
	char *text = NULL, *other = NULL;
	size_t n = 0;
	int ret = 0;

	(void)snprintf(ogg, sizeof(ogg), "%s/a.ogg", t_dir());
	(void)snprintf(raw, sizeof(raw), "%s/a.raw", t_dir());
	(void)snprintf(said, sizeof(said), "%s/a.txt", t_dir());
	a_sweep(s, 60000, 24000);
	T_DO(a_encode(s, 60000, 24000, 60000, &b, &err), err);
	T_OK(a_write(ogg, b.p, b.n));
	if (a_run(info, said) >= 0) {
		T_OK((text = t_slurp(said, &n)) != NULL);
		T_OK(strstr(text, "Playback length: 0m:02.500s") != NULL);
		T_OK(strstr(text, "ENCODER=recado") != NULL);
		T_OK(strstr(text, "WARNING") == NULL);
	}
	if (a_run(ff, NULL) >= 0) {
		T_OK((other = t_slurp(raw, &n)) != NULL);
		T_DO(rcd_decode(NULL, rcd_buf_view(&b), RCD_KIND_OGG_OPUS, 48000, &pcm, &err), err);
		T_INT(n / 2, pcm.n);
		T_OK(a_snr(pcm.s, (int16_t *)(void *)other, pcm.n) > 40);
	}
out:
	free(other);
	free(text);
	rcd_pcm_free(&pcm);
	rcd_buf_free(&b);
	return ret;
}

static int encoder_refuses(void)
{
	struct rcd_encoder_conf conf = {.hz = 44100};
	struct a_sink sink = {.fail_after = 5};
	struct rcd_encoder *e = NULL;
	struct rcd_err err = {0};
	static int16_t s[16000];
	int64_t ms = -1;
	int ret = 0, got = 0;

	rcd_buf_init(&sink.b, 1 << 20);
	T_INT(rcd_encoder_open(&e, &conf, a_collect, &sink, &err), -1);
	T_INT(err.code, RCD_INVAL);
	conf = (struct rcd_encoder_conf){.hz = 16000, .complexity = 11};
	T_INT(rcd_encoder_open(&e, &conf, a_collect, &sink, &err), -1);
	conf = (struct rcd_encoder_conf){.hz = 16000, .bitrate = 1};
	T_INT(rcd_encoder_open(&e, &conf, a_collect, &sink, &err), -1);
	T_OK(e == NULL);
	conf = (struct rcd_encoder_conf){.hz = 16000, .complexity = -1};
	T_DO(rcd_encoder_open(&e, &conf, a_collect, &sink, &err), err);
	T_INT(rcd_encoder_finish(e, &ms, &err), -1); /* nothing came */
	T_INT(err.code, RCD_INVAL);
	T_INT(ms, -1);
	e = rcd_encoder_free(e);
	sink.calls = 0;
	T_DO(rcd_encoder_open(&e, &conf, a_collect, &sink, &err), err);
	for (int i = 0; i < 10 && got == 0; i++)
		got = rcd_encoder_write(e, s, 16000, &err);
	T_INT(got, -1);
	T_INT(err.code, RCD_IO); /* the sink's own error comes through */
	T_INT(rcd_encoder_write(e, s, 16000, &err), -1);
	T_INT(rcd_encoder_finish(e, &ms, &err), -1);
	T_INT(err.code, RCD_INVAL);
out:
	(void)rcd_encoder_free(e);
	rcd_buf_free(&sink.b);
	return ret;
}

static int speech_limit(void)
{
	struct rcd_encoder_conf conf = {.hz = 8000, .bitrate = 6000, .complexity = 0};
	struct a_sink sink = {0};
	struct rcd_encoder *e = NULL;
	struct rcd_err err = {0};
	static int16_t s[8000];
	int ret = 0, got = 0, i = 0;

	rcd_buf_init(&sink.b, 16 << 20);
	T_DO(rcd_encoder_open(&e, &conf, a_collect, &sink, &err), err);
	while (i <= RCD_MAX_SPEECH_SECONDS && (got = rcd_encoder_write(e, s, 8000, &err)) == 0)
		i++;
	T_INT(got, -1);
	T_INT(err.code, RCD_LIMIT);
	T_INT(i, RCD_MAX_SPEECH_SECONDS);
out:
	(void)rcd_encoder_free(e);
	rcd_buf_free(&sink.b);
	return ret;
}

/* --- pieces ----------------------------------------------------------------------------- */

#define PIECE_HZ 24000
#define PACKET (PIECE_HZ / 50)

/* Syllables of a voice of so many Hz. A bare tone would not do: its coder predicts each period from
 * the last, and what a decoder has left from before grows in it instead of fading. */
static void syllables(int16_t *s, size_t n, double pitch)
{
	uint32_t seed = (uint32_t)pitch;
	double phase = 0;

	for (size_t i = 0; i < n; i++) {
		double t = (double)i / PIECE_HZ, loud = pow(sin(2 * M_PI * 2.3 * t), 2), v = 0;

		phase += 2 * M_PI * pitch * (1 + 0.1 * sin(2 * M_PI * 1.7 * t)) / PIECE_HZ;
		for (int k = 1; k <= 8; k++)
			v += sin(k * phase) / k;
		s[i] = a_clip(loud * (0.25 * v + 0.03 * a_noise(&seed)));
	}
}

static int put_piece(struct rcd_encoder *e, const int16_t *s, size_t n, int64_t *end,
                     struct rcd_err *err)
{
	return rcd_encoder_write(e, s, n, err) == 0 ? rcd_encoder_cut(e, end, err) : -1;
}

/* How much what stands in a from packet i on sounds like what stands in b from packet k on. */
static double likeness(const struct rcd_pcm *a, int64_t i, const struct rcd_pcm *b, int64_t k,
                       size_t n)
{
	size_t at = (size_t)i * PACKET, there = (size_t)k * PACKET;
	double r = 0;

	if (a->n >= at + n && b->n >= there + n)
		(void)best_lag(a->s + at, b->s + there, n, &r);
	return r;
}

/* Two pieces in one note; then, in another, the second of them, a new one, and the first. */
static int pieces(void)
{
	const struct rcd_encoder_conf conf = {.hz = PIECE_HZ, .bitrate = 32000, .complexity = 5};
	enum { LONG = PIECE_HZ * 2 + 333, SHORT = PIECE_HZ - 1 };
	static int16_t low[LONG], high[SHORT];
	struct rcd_pcm pcm[2] = {{0}, {0}}, was[2] = {{low, LONG, PIECE_HZ}, {high, SHORT, PIECE_HZ}};
	struct a_sink one = {0}, two = {0};
	struct rcd_encoder *e = NULL;
	struct rcd_err err = {0};
	int64_t a, b, again, c, all, ms;
	int ret = 0;

	syllables(low, LONG, 110);
	syllables(high, SHORT, 190);
	rcd_buf_init(&one.b, 1 << 20);
	rcd_buf_init(&two.b, 1 << 20);
	T_DO(rcd_encoder_open(&e, &conf, a_collect, &one, &err), err);
	T_DO(put_piece(e, low, LONG, &a, &err), err);
	T_DO(put_piece(e, high, SHORT, &b, &err), err);
	T_DO(rcd_encoder_cut(e, &all, &err), err); /* nothing since: nothing is added */
	T_INT(all, b);
	T_INT(a, LONG / PACKET + 4); /* the rest, and silence */
	T_DO(rcd_encoder_finish(e, &ms, &err), err);
	T_INT(ms, 20 * b);
	e = rcd_encoder_free(e);

	T_DO(rcd_encoder_open(&e, &conf, a_collect, &two, &err), err);
	T_DO(rcd_encoder_copy(e, rcd_buf_view(&one.b), a, b - a, &err), err);
	T_DO(put_piece(e, low, SHORT, &c, &err), err);
	T_DO(rcd_encoder_copy(e, rcd_buf_view(&one.b), 0, a, &err), err);
	T_DO(rcd_encoder_cut(e, &again, &err), err);
	T_INT(again, c + a);
	T_DO(rcd_encoder_finish(e, &ms, &err), err);
	T_INT(ms, 20 * again);

	T_DO(rcd_decode(NULL, rcd_buf_view(&one.b), RCD_KIND_OGG_OPUS, PIECE_HZ, &pcm[0], &err), err);
	T_DO(rcd_decode(NULL, rcd_buf_view(&two.b), RCD_KIND_OGG_OPUS, PIECE_HZ, &pcm[1], &err), err);
	T_INT(pcm[1].n, again * PACKET);
	T_OK(likeness(&was[0], 0, &pcm[0], 0, LONG) > 0.75);
	T_OK(likeness(&was[1], 0, &pcm[0], a, SHORT) > 0.9);
	T_OK(likeness(&pcm[0], a, &pcm[1], 0, SHORT) > 0.99);
	T_OK(likeness(&pcm[0], 0, &pcm[1], b - a, SHORT) > 0.98);
	T_OK(likeness(&pcm[0], 0, &pcm[1], c, LONG) > 0.99);
out:
	rcd_pcm_free(&pcm[0]);
	rcd_pcm_free(&pcm[1]);
	(void)rcd_encoder_free(e);
	rcd_buf_free(&one.b);
	rcd_buf_free(&two.b);
	return ret;
}

/* A piece of whole frames ends like any other: what the encoder holds back is its own. */
static int whole_frames(void)
{
	const struct rcd_encoder_conf conf = {.hz = PIECE_HZ, .bitrate = 32000, .complexity = 5};
	static int16_t low[PIECE_HZ], high[PIECE_HZ];
	struct rcd_pcm was = {high, PIECE_HZ, PIECE_HZ}, pcm = {0};
	struct a_sink one = {0}, two = {0};
	struct rcd_encoder *e = NULL;
	struct rcd_err err = {0};
	int64_t a, b, ms;
	int ret = 0;

	syllables(low, PIECE_HZ, 110);
	syllables(high, PIECE_HZ, 190);
	rcd_buf_init(&one.b, 1 << 20);
	rcd_buf_init(&two.b, 1 << 20);
	T_DO(rcd_encoder_open(&e, &conf, a_collect, &one, &err), err);
	T_DO(put_piece(e, low, PIECE_HZ, &a, &err), err);
	T_INT(a, 50 + 3);
	T_DO(put_piece(e, high, PIECE_HZ, &b, &err), err);
	T_INT(b, 2 * a);
	T_DO(rcd_encoder_finish(e, &ms, &err), err);
	e = rcd_encoder_free(e);
	T_DO(rcd_encoder_open(&e, &conf, a_collect, &two, &err), err);
	T_DO(rcd_encoder_copy(e, rcd_buf_view(&one.b), a, b - a, &err), err);
	T_DO(rcd_encoder_finish(e, &ms, &err), err);
	T_DO(rcd_decode(NULL, rcd_buf_view(&two.b), RCD_KIND_OGG_OPUS, PIECE_HZ, &pcm, &err), err);
	T_OK(likeness(&was, 0, &pcm, 0, PIECE_HZ) > 0.9);
out:
	rcd_pcm_free(&pcm);
	(void)rcd_encoder_free(e);
	rcd_buf_free(&one.b);
	rcd_buf_free(&two.b);
	return ret;
}

/* What has not the packets that are asked for is refused before anything is written. */
static int pieces_refused(void)
{
	const struct rcd_encoder_conf conf = {.hz = PIECE_HZ, .bitrate = 32000, .complexity = 5};
	static int16_t s[PIECE_HZ];
	struct rcd_encoder *e = NULL;
	struct a_sink sink = {0};
	struct rcd_buf note = {0};
	struct rcd_err err = {0};
	int64_t end, ms;
	int ret = 0;

	a_sweep(s, PIECE_HZ, PIECE_HZ);
	rcd_buf_init(&sink.b, 1 << 20);
	T_DO(a_encode(s, PIECE_HZ, PIECE_HZ, 480, &note, &err), err);
	T_DO(rcd_encoder_open(&e, &conf, a_collect, &sink, &err), err);
	T_INT(rcd_encoder_copy(e, rcd_buf_view(&note), 40, 20, &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_INT(rcd_encoder_copy(e, (struct rcd_sv){note.p, note.n / 2}, 0, 50, &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_INT(rcd_encoder_copy(e, RCD_SV("no note"), 0, 1, &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_INT(rcd_encoder_copy(e, rcd_buf_view(&note), -1, 5, &err), -1);
	T_INT(rcd_encoder_copy(e, rcd_buf_view(&note), 0, 0, &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_INT(rcd_encoder_copy(e, rcd_buf_view(&note), 0, RCD_MAX_SPEECH_SECONDS * 50 + 1, &err), -1);
	T_INT(err.code, RCD_LIMIT);
	T_DO(rcd_encoder_cut(e, &end, &err), err);
	T_INT(end, 0);
	T_DO(rcd_encoder_write(e, s, 100, &err), err);
	T_INT(rcd_encoder_copy(e, rcd_buf_view(&note), 0, 5, &err), -1); /* not at a cut */
	T_INT(err.code, RCD_INVAL);
	T_DO(rcd_encoder_finish(e, &ms, &err), err);
	T_INT(ms, 4);
	T_INT(rcd_encoder_cut(e, &end, &err), -1);
out:
	(void)rcd_encoder_free(e);
	rcd_buf_free(&sink.b);
	rcd_buf_free(&note);
	return ret;
}

/* --- what others write ------------------------------------------------------------------ */

/* A file put together by hand: packets of `ms` of a sweep at 16 kHz, per_page of them on a
 * page, and every field that phones are known to treat their own way. */
struct odd {
	int ms, per_page, packets;
	int pre_skip, channels, family, gain;
	uint32_t serial;
	bool eos;
	int skip_page;       /* audio page left out, its number used up; -1: none */
	int64_t granule_cut; /* taken off the last page's position */
	int granule_div;     /* the clock runs slow by this; 0: right */
};

static const struct odd phone =
	{.ms = 20, .per_page = 50, .packets = 250, .pre_skip = 312, .channels = 1, .skip_page = -1};

static uint32_t crc(const uint8_t *p, size_t n)
{
	uint32_t c = 0;

	for (size_t i = 0; i < n; i++) {
		c ^= (uint32_t)p[i] << 24;
		for (int k = 0; k < 8; k++)
			c = c & 0x80000000U ? c << 1 ^ 0x04c11db7U : c << 1;
	}
	return c;
}

static void put_le(uint8_t *p, size_t n, uint64_t v)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void page(struct rcd_buf *b, unsigned flags, int64_t granule, uint32_t serial, uint32_t no,
                 const struct rcd_sv *packet, size_t n)
{
	uint8_t h[27 + 255] = "OggS";
	size_t segments = 0, at = b->n;
	uint8_t sum[4];

	for (size_t i = 0; i < n; i++) {
		size_t left = packet[i].n;

		for (; left >= 255; left -= 255)
			h[27 + segments++] = 255;
		h[27 + segments++] = (uint8_t)left;
	}
	h[5] = (uint8_t)flags;
	put_le(h + 6, 8, (uint64_t)granule);
	put_le(h + 14, 4, serial);
	put_le(h + 18, 4, no);
	h[26] = (uint8_t)segments;
	rcd_buf_add(b, h, 27 + segments);
	for (size_t i = 0; i < n; i++)
		rcd_buf_sv(b, packet[i]);
	if (b->bad)
		return;
	put_le(sum, 4, crc((uint8_t *)b->p + at, b->n - at));
	memcpy(b->p + at + 22, sum, 4);
}

static void heads(const struct odd *o, struct rcd_buf *b)
{
	uint8_t head[21] = "OpusHead\x01";
	struct rcd_sv packet = {(char *)head, o->family > 0 ? 21 : 19};
	struct rcd_sv tags = RCD_SV("OpusTags\x03\0\0\0abc\0\0\0\0");

	head[9] = (uint8_t)o->channels;
	put_le(head + 10, 2, (uint64_t)o->pre_skip);
	put_le(head + 12, 4, 16000);
	put_le(head + 16, 2, (uint64_t)o->gain);
	head[18] = (uint8_t)o->family;
	head[19] = 1;
	page(b, 2, 0, o->serial, 0, &packet, 1);
	page(b, 0, 0, o->serial, 1, &tags, 1);
}

/* Appends the file to b. */
static int build(const struct odd *o, struct rcd_buf *b, struct rcd_err *err)
{
	static uint8_t bytes[60][1500]; /* packets of one page */
	static int16_t s[16000 / 1000 * 120];
	struct rcd_sv packet[60];
	struct rcd_opus_encoder *e = NULL;
	size_t frame = (size_t)o->ms * 16, k = 0;
	uint32_t no = 2;
	int ret = rcd_opus_encoder_open(&e, 16000, 24000, 0, err);

	heads(o, b);
	for (int i = 0; ret == 0 && i < o->packets; i++) {
		int64_t granule = (i + 1) * (int64_t)o->ms * 48;
		bool last = i + 1 == o->packets;

		for (size_t at = 0; at < frame; at++)
			s[at] = a_clip(0.4 *
			               sin(2 * M_PI * 300 * ((double)i * (double)frame + (double)at) / 16000));
		packet[k] = (struct rcd_sv){(char *)bytes[k],
		                            (size_t)rcd_opus_encode(e, s, (int)frame, bytes[k],
		                                                    sizeof(bytes[k]))};
		if (++k < (size_t)o->per_page && !last)
			continue;
		granule = (granule - (last ? o->granule_cut : 0)) / (o->granule_div ? o->granule_div : 1);
		if ((int)no - 2 != o->skip_page)
			page(b, last && o->eos ? 4 : 0, granule, o->serial, no, packet, k);
		no++;
		k = 0;
	}
	(void)rcd_opus_encoder_free(e);
	return ret == 0 && b->bad ? rcd_fail_nomem(err) : ret;
}

/* Samples at 16 kHz that the odd file decodes to, or minus the code of the error. */
static int64_t length_of(const struct odd *o, struct rcd_err *err)
{
	struct rcd_pcm pcm = {0};
	struct rcd_buf b;
	int64_t n = -1;

	rcd_buf_init(&b, 16 << 20);
	if (build(o, &b, err) == 0 &&
	    rcd_decode(NULL, rcd_buf_view(&b), RCD_KIND_OGG_OPUS, 16000, &pcm, err) == 0)
		n = (int64_t)pcm.n;
	else
		n = -(int64_t)err->code;
	rcd_pcm_free(&pcm);
	rcd_buf_free(&b);
	return n;
}

static int phones(void)
{
	static const int ms[] = {5, 10, 20, 40, 60, 120};
	struct rcd_err err = {0};
	struct odd o = phone;
	int ret = 0;

	T_INT(length_of(&o, &err), 5 * 16000 - 104); /* serial 0, no end flag */
	o.pre_skip = 104;
	T_INT(length_of(&o, &err), 5 * 16000 - 34);
	o.serial = 0xfffffffe;
	o.channels = 2;
	o.eos = true;
	T_INT(length_of(&o, &err), 5 * 16000 - 34);
	o.family = 1;
	T_INT(length_of(&o, &err), 5 * 16000 - 34);
	for (size_t i = 0; i < sizeof(ms) / sizeof(ms[0]); i++) {
		o = phone;
		o.ms = ms[i];
		o.per_page = 1;
		o.packets = 30;
		T_INT(length_of(&o, &err), 30 * 16 * ms[i] - 104);
	}
	o.packets = 1;
	o.pre_skip = 65535; /* more than there is: nothing left */
	T_INT(length_of(&o, &err), -RCD_PROTO);
out:
	return ret;
}

static int end_of_stream(void)
{
	struct rcd_err err = {0};
	struct odd o = phone;
	int ret = 0;

	o.granule_cut = 480; /* 10 ms */
	T_INT(length_of(&o, &err), 5 * 16000 - 104 - 160);
	o.eos = true;
	T_INT(length_of(&o, &err), 5 * 16000 - 104 - 160);
	o.granule_cut = 24000; /* with the flag a page may be cut short by more than a packet */
	T_INT(length_of(&o, &err), 5 * 16000 - 104 - 8000);
	o.eos = false; /* without it that is a broken clock */
	T_INT(length_of(&o, &err), 5 * 16000 - 104);
	o.granule_cut = 0;
	o.granule_div = 3; /* positions counted at 16 kHz */
	T_INT(length_of(&o, &err), 5 * 16000 - 104);
	o.granule_div = 1 << 30; /* or not at all */
	o.eos = true;
	T_INT(length_of(&o, &err), 5 * 16000 - 104);
out:
	return ret;
}

static int holes(void)
{
	struct rcd_err err = {0};
	struct odd o = phone;
	int ret = 0;

	for (o.skip_page = 0; o.skip_page < 4; o.skip_page++)
		T_INT(length_of(&o, &err), 5 * 16000 - 104);
	T_INT(length_of(&o, &err), 4 * 16000 - 104); /* the last page: nobody knows of it */
	o = (struct odd){.ms = 120,
	                 .per_page = 25,
	                 .packets = 75,
	                 .pre_skip = 312,
	                 .channels = 1,
	                 .skip_page = 1};
	T_INT(length_of(&o, &err), 2 * 48000 + 16000 - 104); /* 3 s are missing, 1 s is concealed */
out:
	return ret;
}

static int gain_and_refusals(void)
{
	struct rcd_err err = {0};
	struct odd o = phone;
	struct rcd_pcm loud = {0}, quiet = {0};
	struct rcd_buf b;
	double a = 0, c = 0;
	int ret = 0;

	rcd_buf_init(&b, 16 << 20);
	T_DO(build(&o, &b, &err), err);
	T_DO(rcd_decode(NULL, rcd_buf_view(&b), RCD_KIND_OGG_OPUS, 16000, &loud, &err), err);
	rcd_buf_reset(&b);
	o.gain = -20 * 256;
	T_DO(build(&o, &b, &err), err);
	T_DO(rcd_decode(NULL, rcd_buf_view(&b), RCD_KIND_OGG_OPUS, 16000, &quiet, &err), err);
	T_INT(loud.n, quiet.n);
	for (size_t i = 0; i < loud.n; i++) {
		a += (double)loud.s[i] * loud.s[i];
		c += (double)quiet.s[i] * quiet.s[i];
	}
	T_OK(fabs(10 * log10(a / c) - 20) < 0.5);
	o = phone;
	o.channels = 3;
	T_INT(length_of(&o, &err), -RCD_DENIED);
	o.family = 1;
	T_INT(length_of(&o, &err), -RCD_DENIED);
	o.channels = 1;
	o.family = 255;
	T_INT(length_of(&o, &err), -RCD_DENIED);
	o.family = o.channels = 0;
	T_INT(length_of(&o, &err), -RCD_PROTO);
	o = phone;
	o.packets = 0;
	T_INT(length_of(&o, &err), -RCD_PROTO);
out:
	rcd_pcm_free(&loud);
	rcd_pcm_free(&quiet);
	rcd_buf_free(&b);
	return ret;
}

static int chained(void)
{
	struct rcd_err err = {0};
	struct odd o = phone;
	struct rcd_pcm pcm = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 16 << 20);
	o.granule_cut = 480;
	T_DO(build(&o, &b, &err), err); /* the same serial again, no end flags */
	T_DO(build(&o, &b, &err), err);
	o.serial = 7;
	o.pre_skip = 3840;
	o.eos = true;
	T_DO(build(&o, &b, &err), err);
	T_DO(rcd_decode(NULL, rcd_buf_view(&b), RCD_KIND_OGG_OPUS, 16000, &pcm, &err), err);
	T_INT(pcm.n, 3 * (5 * 16000 - 160) - 2 * 104 - 1280);
out:
	rcd_pcm_free(&pcm);
	rcd_buf_free(&b);
	return ret;
}

/* A stream of another codec that runs beside ours, page by page. */
static int multiplexed(void)
{
	struct rcd_sv other = RCD_SV("fishead\0and so on");
	struct rcd_err err = {0};
	struct rcd_pcm pcm = {0};
	struct odd o = phone;
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 16 << 20);
	page(&b, 2, 0, 99, 0, &other, 1);
	T_DO(build(&o, &b, &err), err);
	page(&b, 4, 12345, 99, 1, &other, 1);
	T_DO(rcd_decode(NULL, rcd_buf_view(&b), RCD_KIND_OGG_OPUS, 16000, &pcm, &err), err);
	T_INT(pcm.n, 5 * 16000 - 104);
out:
	rcd_pcm_free(&pcm);
	rcd_buf_free(&b);
	return ret;
}

static int too_long(void)
{
	struct rcd_err err = {0};
	struct odd o = {.ms = 120,
	                .per_page = 60,
	                .channels = 1,
	                .skip_page = -1,
	                .packets = RCD_MAX_NOTE_SECONDS * 1000 / 120};
	int ret = 0;

	T_INT(length_of(&o, &err), RCD_MAX_NOTE_SECONDS * 16000);
	o.packets++;
	T_INT(length_of(&o, &err), -RCD_LIMIT);
out:
	return ret;
}

/* --- hostile bytes ---------------------------------------------------------------------- */

static bool sane(struct rcd_sv bytes)
{
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	bool ok = rcd_decode(NULL, bytes, RCD_KIND_OGG_OPUS, 16000, &pcm, &err) == 0
	              ? pcm.n > 0 && pcm.n <= 16000 * RCD_MAX_NOTE_SECONDS
	              : pcm.s == NULL && err.code != RCD_OK && err.msg[0] != '\0';

	rcd_pcm_free(&pcm);
	return ok;
}

static int cut_anywhere(void)
{
	struct rcd_err err = {0};
	struct odd o = {.ms = 20,
	                .per_page = 3,
	                .packets = 12,
	                .pre_skip = 312,
	                .channels = 1,
	                .skip_page = -1,
	                .eos = true};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1 << 20);
	T_DO(build(&o, &b, &err), err);
	for (size_t n = 0; n <= b.n; n++) {
		char *exact = malloc(n + 1); /* so that a byte too far is seen by ASan */

		T_OK(exact != NULL);
		memcpy(exact + 1, b.p, n);
		T_OK(sane((struct rcd_sv){exact + 1, n}));
		free(exact);
	}
out:
	rcd_buf_free(&b);
	return ret;
}

/* Flips bits; half of the time the page's check sum is made right again, so that the bytes
 * reach libopus and the position arithmetic. */
static int flipped(void)
{
	struct rcd_err err = {0};
	struct odd o =
		{.ms = 20, .per_page = 3, .packets = 6, .pre_skip = 312, .channels = 1, .skip_page = -1};
	struct rcd_buf good, bad;
	uint32_t seed = 4711;
	int ret = 0;

	rcd_buf_init(&good, 1 << 20);
	rcd_buf_init(&bad, 1 << 20);
	T_DO(build(&o, &good, &err), err);
	for (int round = 0; round < 1500; round++) {
		rcd_buf_reset(&bad);
		rcd_buf_add(&bad, good.p, good.n);
		for (int i = 0; i < 1 + round % 5; i++) {
			size_t at = (size_t)((a_noise(&seed) + 1) / 2 * (double)good.n) % good.n;

			bad.p[at] = (char)(bad.p[at] ^ 1 << (round + i) % 8);
		}
		for (size_t at = 0; round % 2 && at + 27 < bad.n;) {
			size_t n = 27 + (unsigned char)bad.p[at + 26], end = at + n;
			uint8_t zero[4] = {0}, sum[4];

			for (size_t i = at + 27; i < at + n && i < bad.n; i++)
				end += (unsigned char)bad.p[i];
			if (end > bad.n)
				break;
			memcpy(bad.p + at + 22, zero, 4);
			put_le(sum, 4, crc((uint8_t *)bad.p + at, end - at));
			memcpy(bad.p + at + 22, sum, 4);
			at = end;
		}
		T_OK(sane(rcd_buf_view(&bad)));
	}
out:
	rcd_buf_free(&good);
	rcd_buf_free(&bad);
	return ret;
}

/* Positions at the ends of their range. */
static int wild_positions(void)
{
	static const int64_t wild[] = {INT64_MAX, INT64_MAX - 1, INT64_MIN, -1, -2, 1, 0};
	const size_t n = sizeof(wild) / sizeof(wild[0]);
	struct rcd_sv packet = RCD_SV("\x08\xff\xfe\x10\x20\x30");
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1 << 20);
	for (size_t i = 0; i < n * n * 4; i++) {
		rcd_buf_reset(&b);
		heads(&phone, &b);
		page(&b, 0, wild[i % n], 0, 2, &packet, 1);
		page(&b, i / n / n & 1 ? 4 : 0, wild[i / n % n], 0, i / n / n & 2 ? 9 : 3, &packet, 1);
		T_OK(!b.bad && sane(rcd_buf_view(&b)));
	}
out:
	rcd_buf_free(&b);
	return ret;
}

/* Page headers that promise 64 KB and lie, one behind the other: each costs a check sum
 * over what follows. Must end soon, not after 20 MB × 64 KB. */
static int lying_pages(void)
{
	const size_t n = 8 << 20;
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	char *p = malloc(n);
	int ret = 0;

	T_OK(p != NULL);
	memset(p, 0xff, n);
	for (size_t i = 0; i + 27 <= n; i += 27) {
		memset(p + i, 0, 26);
		memcpy(p + i, "OggS", 4);
	}
	(void)alarm(20);
	T_INT(rcd_decode(NULL, (struct rcd_sv){p, n}, RCD_KIND_OGG_OPUS, 16000, &pcm, &err), -1);
	T_INT(err.code, RCD_PROTO);
out:
	free(p);
	return ret;
}

/* Streams without end whose every sample is pre-skip: nothing comes out, so nothing but
 * the count of what was decoded can stop it. */
static int endless_pre_skip(void)
{
	struct odd o =
		{.ms = 120, .per_page = 8, .packets = 8, .pre_skip = 65535, .channels = 1, .skip_page = -1};
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	struct rcd_buf one, b;
	int ret = 0;

	rcd_buf_init(&one, 1 << 20);
	rcd_buf_init(&b, 64 << 20);
	T_DO(build(&o, &one, &err), err);
	for (int i = 0; i < 2000; i++)
		rcd_buf_sv(&b, rcd_buf_view(&one));
	T_OK(!b.bad);
	T_INT(rcd_decode(NULL, rcd_buf_view(&b), RCD_KIND_OGG_OPUS, 16000, &pcm, &err), -1);
	T_INT(err.code, RCD_LIMIT);
out:
	rcd_buf_free(&one);
	rcd_buf_free(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"every_rate", every_rate, 0},
	{"sounds_the_same", sounds_the_same, 0},
	{"every_length", every_length, 0},
	{"oom", oom, T_OOM},
	{"pieces", pieces, T_OOM},
	{"whole_frames", whole_frames, 0},
	{"pieces_refused", pieces_refused, 0},
	{"page_rules", page_rules, 0},
	{"strangers_agree", strangers_agree, 0},
	{"encoder_refuses", encoder_refuses, 0},
	{"speech_limit", speech_limit, 0},
	{"phones", phones, 0},
	{"end_of_stream", end_of_stream, 0},
	{"holes", holes, 0},
	{"gain_and_refusals", gain_and_refusals, 0},
	{"chained", chained, 0},
	{"multiplexed", multiplexed, 0},
	{"too_long", too_long, 0},
	{"cut_anywhere", cut_anywhere, 0},
	{"flipped", flipped, 0},
	{"wild_positions", wild_positions, 0},
	{"lying_pages", lying_pages, 0},
	{"endless_pre_skip", endless_pre_skip, 0},
	{NULL, NULL, 0},
};
