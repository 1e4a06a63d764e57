#include "provider/voice_body.h"

#include "base/limits.h"

#include <strings.h>

#define HEAD 4096 /* as much is looked at before the first sample goes on: 85 ms at 24 kHz */
#define PIECE 2048
#define LEAST_TEXT 64
/* Speech is never as loud as bytes of a compressed file read as samples (a level of 18,900), and
 * the loudest sounds of it are vowels, whose neighbouring samples are alike. */
#define NOISE_LEVEL 12000.0

static int16_t make_sample(uint8_t low, uint8_t high)
{
	return (int16_t)(uint16_t)(low | high << 8);
}

bool rcd_voice_type_ok(const char *type)
{
	static const char *const none[] = {"text/",
	                                   "application/json",
	                                   "application/problem+json",
	                                   "application/xml",
	                                   "image/",
	                                   "video/"};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (strncasecmp(type, none[i], rcd_sv(none[i]).n) == 0)
			return false;
	return true;
}

static int fail_not_pcm(const struct rcd_voice_body *b, const char *what, struct rcd_err *err)
{
	return rcd_fail(err, RCD_PROTO, 0, "%s: the answer is %s, not the PCM that was asked for",
	                b->doing, what);
}

static bool is_noise(struct rcd_sv v)
{
	double level = 0, change = 0;
	int16_t was = 0;
	size_t n = v.n / 2;

	for (size_t i = 0; i < n; i++) {
		int16_t s = make_sample((uint8_t)v.p[2 * i], (uint8_t)v.p[2 * i + 1]);

		level += (double)s * s;
		change += ((double)s - was) * ((double)s - was);
		was = s;
	}
	return n >= 64 && level > (double)n * NOISE_LEVEL * NOISE_LEVEL && change > level;
}

/* Samples as they come, cut anywhere. */
static int pass_samples(struct rcd_voice_body *b, const uint8_t *p, size_t n, struct rcd_err *err)
{
	int16_t s[PIECE];
	size_t i = 0;

	while (i < n) {
		size_t count = 0;

		if (b->has_half) {
			s[count++] = make_sample(b->half, p[i++]);
			b->has_half = false;
		}
		for (; count < PIECE && n - i >= 2; i += 2)
			s[count++] = make_sample(p[i], p[i + 1]);
		if (n - i == 1 && count < PIECE) {
			b->half = p[i++];
			b->has_half = true;
		}
		if (count > 0 && b->fn(b->arg, s, count, err) != 0)
			return -1;
		b->any = b->any || count > 0;
	}
	return 0;
}

/* A few samples may well look like letters. */
static bool is_chance(struct rcd_sv head, enum rcd_kind kind)
{
	return kind == RCD_KIND_TEXT && head.n < LEAST_TEXT && head.p[0] != '{' && head.p[0] != '<';
}

/* Only right at the beginning, and not by a search: what a search finds in PCM is chance. A tag
 * may be longer than what is here. */
static enum rcd_kind sniff_head(struct rcd_sv head)
{
	enum rcd_kind kind = rcd_sniff(head, RCD_SV("application/x-pcm"));

	if (rcd_sv_starts(head, RCD_SV("ID3")))
		return RCD_KIND_MP3;
	return kind != RCD_KIND_UNKNOWN && is_chance(head, kind) ? RCD_KIND_UNKNOWN : kind;
}

const char *rcd_voice_not_pcm(struct rcd_sv head)
{
	enum rcd_kind kind;

	if (head.n > HEAD)
		head.n = HEAD;
	kind = sniff_head(head);
	if (kind != RCD_KIND_UNKNOWN)
		return rcd_kind_name(kind);
	return is_noise(head) ? "noise" : NULL;
}

static int decide_kind(struct rcd_voice_body *b, struct rcd_err *err)
{
	struct rcd_sv head = rcd_buf_view(&b->held);
	const char *what = rcd_voice_not_pcm(head);
	int ret;

	if (what != NULL && rcd_kind_is_audio(sniff_head(head))) {
		b->what = RCD_BODY_OTHER;
		return 0;
	}
	if (what != NULL)
		return fail_not_pcm(b, what, err);
	b->what = RCD_BODY_PCM;
	ret = pass_samples(b, (const uint8_t *)head.p, head.n, err);
	rcd_buf_free(&b->held);
	return ret;
}

void rcd_voice_body_init(struct rcd_voice_body *b)
{
	rcd_buf_init(&b->held, RCD_MAX_MEDIA);
}

int rcd_voice_body_add(struct rcd_voice_body *b, const uint8_t *p, size_t n, struct rcd_err *err)
{
	if (b->what == RCD_BODY_PCM)
		return pass_samples(b, p, n, err);
	rcd_buf_add(&b->held, p, n);
	if (b->held.bad)
		return b->held.over ? rcd_fail(err, RCD_LIMIT, 0, "%s: more than %d MB", b->doing,
		                               RCD_MAX_MEDIA >> 20)
		                    : rcd_fail_nomem(err);
	return b->what == RCD_BODY_UNKNOWN && b->held.n >= HEAD ? decide_kind(b, err) : 0;
}

static int decode_held(struct rcd_voice_body *b, struct rcd_err *err)
{
	struct rcd_sv bytes = rcd_buf_view(&b->held);
	enum rcd_kind kind = rcd_sniff(bytes, RCD_SV("audio/x"));
	struct rcd_pcm pcm = {0};
	struct rcd_err why = {0};
	int ret;

	if (!rcd_kind_is_audio(kind))
		return fail_not_pcm(b, "no sound", err);
	if (rcd_decode(b->decoder, bytes, kind, b->hz, &pcm, &why) != 0)
		return why.code == RCD_NOMEM
		           ? rcd_fail_nomem(err)
		           : rcd_fail(err, RCD_PROTO, 0, "%s: %s that cannot be decoded: %.80s", b->doing,
		                      rcd_kind_name(kind), why.msg);
	ret = b->fn(b->arg, pcm.s, pcm.n, err);
	rcd_pcm_free(&pcm);
	return ret;
}

int rcd_voice_body_end(struct rcd_voice_body *b, struct rcd_err *err)
{
	if (b->what == RCD_BODY_UNKNOWN && b->held.n > 0 && decide_kind(b, err) != 0)
		return -1;
	if (b->what == RCD_BODY_OTHER)
		return decode_held(b, err);
	if (b->has_half)
		return rcd_fail(err, RCD_PROTO, 0, "%s: half a sample at the end", b->doing);
	return b->any ? 0 : rcd_fail(err, RCD_PROTO, 0, "%s: an empty answer", b->doing);
}

void rcd_voice_body_free(struct rcd_voice_body *b)
{
	rcd_buf_free(&b->held);
}
