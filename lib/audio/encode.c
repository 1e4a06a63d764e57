#include "audio/encode.h"

#include "audio/ogg.h"
#include "audio/opus.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES_PER_SECOND 50 /* 20 ms each; as many packets go on one page */
#define MAX_FRAME (48000 / FRAMES_PER_SECOND)
#define HEADERS 2 /* packets: OpusHead, OpusTags */
/* Frames of silence behind a piece: a decoder starts the next one with what this one left in it,
 * the encoder did not. With three voices the next one's first packet came out as it was meant to 32
 * dB and better; after one such frame to 23, after none to 16 and less, which is a click. */
#define QUIET 2
#define MAX_PACKET 1276 /* one frame never needs more (RFC 6716 section 3.4), one byte over */

struct rcd_encoder {
	struct rcd_opus_encoder *opus;
	struct rcd_ogg_writer *ogg;
	rcd_bytes_fn *out;
	void *arg;
	int hz;
	int lookahead;  /* samples of the input that the encoder holds back */
	size_t frame;   /* samples in one */
	size_t fill;    /* samples waiting in s */
	int64_t n;      /* samples taken */
	int64_t frames; /* packets written */
	bool open;      /* samples came since the last cut */
	bool dead;      /* failed or finished: takes nothing more */
	int16_t s[MAX_FRAME];
};

static int64_t convert_to_48(const struct rcd_encoder *e, int64_t n)
{
	return n * (RCD_OPUS_HZ / e->hz);
}

static int flush_pages(struct rcd_encoder *e, struct rcd_err *err)
{
	struct rcd_sv head, body;

	while (rcd_ogg_flush(e->ogg, &head, &body))
		if (e->out(e->arg, head.p, head.n, err) != 0 || e->out(e->arg, body.p, body.n, err) != 0)
			return -1;
	return 0;
}

static void write_le(char *p, size_t bytes, uint32_t v)
{
	for (size_t i = 0; i < bytes; i++)
		p[i] = (char)(v >> 8 * i & 0xff);
}

static int put_head(struct rcd_encoder *e, struct rcd_err *err)
{
	char head[19] = "OpusHead\x01\x01"; /* version 1, one channel, no gain, mapping family 0 */

	write_le(head + 10, 2, (uint32_t)convert_to_48(e, e->lookahead));
	write_le(head + 12, 4, (uint32_t)e->hz);
	if (rcd_ogg_put(e->ogg, (struct rcd_sv){head, sizeof(head)}, 0, false, err) != 0)
		return -1;
	return flush_pages(e, err);
}

static int put_tags(struct rcd_encoder *e, struct rcd_err *err)
{
	static const char comment[] = "ENCODER=recado";
	const char *vendor = rcd_opus_vendor();
	struct rcd_buf b;
	char n[4];
	int ret = -1;

	rcd_buf_init(&b, 1024);
	rcd_buf_str(&b, "OpusTags");
	write_le(n, 4, (uint32_t)strlen(vendor));
	rcd_buf_add(&b, n, 4);
	rcd_buf_str(&b, vendor);
	write_le(n, 4, 1);
	rcd_buf_add(&b, n, 4);
	write_le(n, 4, sizeof(comment) - 1);
	rcd_buf_add(&b, n, 4);
	rcd_buf_str(&b, comment);
	if (b.bad)
		ret = rcd_fail_nomem(err);
	else if (rcd_ogg_put(e->ogg, rcd_buf_view(&b), 0, false, err) == 0)
		ret = flush_pages(e, err);
	rcd_buf_free(&b);
	return ret;
}

static int check_conf(const struct rcd_encoder_conf *c, struct rcd_err *err)
{
	if (!rcd_opus_hz_ok(c->hz))
		return rcd_fail(err, RCD_INVAL, 0, "cannot encode from %d Hz", c->hz);
	if (c->bitrate != 0 && (c->bitrate < 6000 || c->bitrate > 510000))
		return rcd_fail(err, RCD_INVAL, 0, "bitrate %d is not 6000..510000", c->bitrate);
	if (c->complexity < -1 || c->complexity > 10)
		return rcd_fail(err, RCD_INVAL, 0, "complexity %d is not 0..10", c->complexity);
	return 0;
}

int rcd_encoder_open(struct rcd_encoder **out, const struct rcd_encoder_conf *conf,
                     rcd_bytes_fn *fn, void *arg, struct rcd_err *err)
{
	struct rcd_encoder *e;

	if (check_conf(conf, err) != 0)
		return -1;
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return rcd_fail_nomem(err);
	e->out = fn;
	e->arg = arg;
	e->hz = conf->hz;
	e->frame = (size_t)(conf->hz / FRAMES_PER_SECOND);
	if (rcd_opus_encoder_open(&e->opus, conf->hz, conf->bitrate > 0 ? conf->bitrate : 32000,
	                          conf->complexity >= 0 ? conf->complexity : 5, err) != 0 ||
	    rcd_ogg_writer_open(&e->ogg, err) != 0)
		goto fail;
	e->lookahead = rcd_opus_lookahead(e->opus);
	if (put_head(e, err) != 0 || put_tags(e, err) != 0)
		goto fail;
	*out = e;
	return 0;
fail:
	(void)rcd_encoder_free(e);
	return -1;
}

struct rcd_encoder *rcd_encoder_free(struct rcd_encoder *e)
{
	if (e == NULL)
		return NULL;
	(void)rcd_opus_encoder_free(e->opus);
	(void)rcd_ogg_writer_free(e->ogg);
	free(e);
	return NULL;
}

/* The last packet's position is the exact end, the others' is what a decoder has given out by
 * then, pre-skip included. */
static int put_packet(struct rcd_encoder *e, struct rcd_sv packet, bool last, struct rcd_err *err)
{
	int64_t granule;

	e->frames++;
	granule = convert_to_48(e, last ? e->n + e->lookahead : e->frames * (int64_t)e->frame);
	if (rcd_ogg_put(e->ogg, packet, granule, last, err) != 0)
		return -1;
	return last || e->frames % FRAMES_PER_SECOND == 0 ? flush_pages(e, err) : 0;
}

/* s holds one frame. */
static int put_frame(struct rcd_encoder *e, const int16_t *s, bool last, struct rcd_err *err)
{
	uint8_t p[MAX_PACKET];
	int n = rcd_opus_encode(e->opus, s, (int)e->frame, p, (int)sizeof(p));

	if (n < 0)
		return rcd_fail(err, RCD_INVAL, 0, "opus encoder failed");
	return put_packet(e, (struct rcd_sv){(char *)p, (size_t)n}, last, err);
}

static int take_samples(struct rcd_encoder *e, const int16_t *s, size_t n, struct rcd_err *err)
{
	while (n > 0) {
		size_t part = e->frame - e->fill;

		if (e->fill == 0 && n >= e->frame) { /* whole frames go without a copy */
			part = e->frame;
			if (put_frame(e, s, false, err) != 0)
				return -1;
		} else {
			part = part < n ? part : n;
			memcpy(e->s + e->fill, s, part * sizeof(*s));
			e->fill += part;
			if (e->fill == e->frame && put_frame(e, e->s, false, err) != 0)
				return -1;
			e->fill %= e->frame;
		}
		s += part;
		n -= part;
	}
	return 0;
}

int rcd_encoder_write(struct rcd_encoder *e, const int16_t *s, size_t n, struct rcd_err *err)
{
	if (e->dead)
		return rcd_fail(err, RCD_INVAL, 0, "encoder already ended");
	/* a cut may have gone a little beyond it */
	if ((int64_t)n > (int64_t)RCD_MAX_SPEECH_SECONDS * e->hz - e->n)
		return rcd_fail(err, RCD_LIMIT, 0, "speech longer than %d s", RCD_MAX_SPEECH_SECONDS);
	e->n += (int64_t)n;
	e->open |= n > 0;
	if (take_samples(e, s, n, err) == 0)
		return 0;
	e->dead = true; /* the output has a gap now */
	return -1;
}

/* Silence pushes out what the encoder still holds, and more of it until end. */
static int push_silence(struct rcd_encoder *e, int64_t end, bool finish, struct rcd_err *err)
{
	while (e->frames * (int64_t)e->frame < end) {
		bool last = finish && (e->frames + 1) * (int64_t)e->frame >= end;

		memset(e->s + e->fill, 0, (e->frame - e->fill) * sizeof(*e->s));
		e->fill = 0;
		if (put_frame(e, e->s, last, err) != 0)
			return -1;
	}
	return 0;
}

static int64_t count_written(const struct rcd_encoder *e)
{
	return e->frames * (int64_t)e->frame;
}

int rcd_encoder_cut(struct rcd_encoder *e, int64_t *packets, struct rcd_err *err)
{
	if (e->dead)
		return rcd_fail(err, RCD_INVAL, 0, "encoder already ended");
	if (e->open) {
		if (push_silence(e, e->n + e->lookahead + QUIET * (int64_t)e->frame, false, err) != 0) {
			e->dead = true;
			return -1;
		}
		rcd_opus_encoder_reset(e->opus);
		e->n = count_written(e);
		e->open = false;
	}
	*packets = e->frames;
	return 0;
}

/* Copies the wanted packets of the page; *at: packets before it. to: NULL only counts. */
static int take_page(struct rcd_encoder *to, const struct rcd_ogg_page *page, int64_t *at,
                     int64_t first, int64_t end, struct rcd_err *err)
{
	if (page->hole || page->first != (*at == -HEADERS))
		return rcd_fail(err, RCD_PROTO, 0, "a note with something between its packets");
	for (size_t i = 0; i < page->n; i++, ++*at) {
		if (*at < first || *at >= end)
			continue;
		if (rcd_opus_length_48(page->packet[i]) != RCD_OPUS_HZ / FRAMES_PER_SECOND)
			return rcd_fail(err, RCD_PROTO, 0, "a note with packets of another length");
		if (to != NULL && put_packet(to, page->packet[i], false, err) != 0)
			return -1;
	}
	return 0;
}

static int walk_packets(struct rcd_encoder *to, struct rcd_sv note, int64_t first, int64_t end,
                        struct rcd_err *err)
{
	struct rcd_ogg_reader *r = NULL;
	struct rcd_ogg_page page;
	int64_t at = -HEADERS;
	int ret = 0;

	if (rcd_ogg_reader_open(&r, note, RCD_SV("OpusHead"), err) != 0)
		return -1;
	while (ret == 0 && at < end) {
		ret = rcd_ogg_next(r, &page, err);
		if (ret > 0)
			ret = take_page(to, &page, &at, first, end, err);
		else if (ret == 0)
			ret = rcd_fail(err, RCD_PROTO, 0, "a note that ends too soon");
	}
	(void)rcd_ogg_reader_free(r);
	return ret;
}

int rcd_encoder_copy(struct rcd_encoder *e, struct rcd_sv note, int64_t first, int64_t n,
                     struct rcd_err *err)
{
	if (e->dead || e->open)
		return rcd_fail(err, RCD_INVAL, 0, "encoder not at a cut");
	if (first < 0 || n <= 0)
		return rcd_fail(err, RCD_PROTO, 0, "no packets of a note");
	if (n > (int64_t)RCD_MAX_SPEECH_SECONDS * FRAMES_PER_SECOND - e->frames)
		return rcd_fail(err, RCD_LIMIT, 0, "speech longer than %d s", RCD_MAX_SPEECH_SECONDS);
	if (walk_packets(NULL, note, first, first + n, err) != 0)
		return -1;
	e->dead = walk_packets(e, note, first, first + n, err) != 0; /* the output has a gap then */
	e->n = count_written(e);
	return e->dead ? -1 : 0;
}

int rcd_encoder_finish(struct rcd_encoder *e, int64_t *duration_ms, struct rcd_err *err)
{
	if (e->dead)
		return rcd_fail(err, RCD_INVAL, 0, "encoder already ended");
	e->dead = true;
	if (e->n == 0)
		return rcd_fail(err, RCD_INVAL, 0, "no sample to encode");
	/* There is always a frame left to carry the end-of-stream flag, because the lookahead is
	 * never 0. */
	if (push_silence(e, e->n + e->lookahead, true, err) != 0)
		return -1;
	*duration_ms = e->n * 1000 / e->hz;
	return 0;
}

static int append_bytes(void *arg, const void *p, size_t n, struct rcd_err *err)
{
	struct rcd_buf *out = arg;

	rcd_buf_add(out, p, n);
	if (!out->bad)
		return 0;
	return out->over ? rcd_fail(err, RCD_LIMIT, 0, "a note of more than %zu bytes", out->max)
	                 : rcd_fail_nomem(err);
}

int rcd_encode_pcm(const struct rcd_pcm *pcm, struct rcd_buf *out, struct rcd_err *err)
{
	const struct rcd_encoder_conf conf = {.hz = pcm->hz, .complexity = -1};
	struct rcd_encoder *e = NULL;
	int64_t ms;
	int ret = rcd_encoder_open(&e, &conf, append_bytes, out, err);

	if (ret != 0 || e == NULL)
		return -1;
	ret = rcd_encoder_write(e, pcm->s, pcm->n, err);
	if (ret == 0)
		ret = rcd_encoder_finish(e, &ms, err);
	(void)rcd_encoder_free(e);
	return ret;
}
