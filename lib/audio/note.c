/* Ogg/Opus to PCM (RFC 7845), as phones really write it: see rcd_decode. */
#include "audio/note.h"
#include "audio/ogg.h"
#include "audio/opus.h"
#include "audio/pcmbuf.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CONCEAL_48 RCD_OPUS_HZ /* for one hole */
#define SLACK_SECONDS 2            /* decoded beyond the limit: pre-skip and what the end drops */

/* Everything counted at 48 kHz ends in _48; the rest is samples at hz. */
struct note {
	struct rcd_opus_decoder *dec;
	struct rcd_pcmbuf out;
	int hz;
	int64_t decoded_48; /* of the whole file: bounds the work, whatever is dropped again */
	bool sound;         /* one packet at least was Opus */

	/* of the logical stream that is being read */
	bool open, tagged;
	bool hole;          /* pages are missing behind the last audio */
	size_t start;       /* out.n when it began */
	size_t skip;        /* of the pre-skip, still to be dropped */
	int64_t granule_48; /* of the last page that said one */
	int packet_48;      /* length of the last packet */
	int64_t drop_48;    /* what lies beyond the end, should the last page be the last */
};

static int64_t convert_to_hz(const struct note *t, int64_t n_48)
{
	return n_48 * t->hz / RCD_OPUS_HZ;
}

static unsigned read_le16(const char *p)
{
	return (unsigned)(unsigned char)p[0] | (unsigned)(unsigned char)p[1] << 8;
}

/* Drops what the granule position of a stream's last page says is beyond its end. */
static void end_stream(struct note *t)
{
	int64_t drop = (t->drop_48 * t->hz + RCD_OPUS_HZ - 1) / RCD_OPUS_HZ;

	if (t->out.n - t->start < (size_t)drop)
		t->out.n = t->start;
	else
		t->out.n -= (size_t)drop;
	t->open = false;
	t->drop_48 = 0;
}

static int begin_stream(struct note *t, struct rcd_sv head, struct rcd_err *err)
{
	unsigned channels, family;

	if (head.n < 19)
		return rcd_fail(err, RCD_PROTO, 0, "opus header of %zu bytes", head.n);
	channels = (unsigned char)head.p[9];
	family = (unsigned char)head.p[18];
	if (((unsigned char)head.p[8] & 0xf0) != 0)
		return rcd_fail(err, RCD_DENIED, 0, "opus header version %d", head.p[8] & 0xff);
	if (channels == 0)
		return rcd_fail(err, RCD_PROTO, 0, "opus header without channels");
	if (channels > 2 || family > 1 || (family == 1 && (head.n < 21 || head.p[19] != 1)))
		return rcd_fail(err, RCD_DENIED, 0, "opus with %u channels in mapping family %u", channels,
		                family);
	t->open = true;
	t->tagged = t->hole = false;
	t->start = t->out.n;
	t->skip = (size_t)convert_to_hz(t, read_le16(head.p + 10));
	t->granule_48 = 0;
	t->packet_48 = RCD_OPUS_HZ / 50;
	rcd_opus_decoder_reset(t->dec, (int16_t)read_le16(head.p + 16));
	return 0;
}

/* Decodes one packet, or conceals room samples when it is absent; *got says how many. */
static int decode_one(struct note *t, struct rcd_sv packet, int room, int *got, struct rcd_err *err)
{
	int16_t *s;
	size_t drop;

	if (t->decoded_48 > (int64_t)(RCD_MAX_NOTE_SECONDS + SLACK_SECONDS) * RCD_OPUS_HZ)
		return rcd_fail(err, RCD_LIMIT, 0, "note longer than %d s", RCD_MAX_NOTE_SECONDS);
	if (rcd_pcmbuf_room(&t->out, (size_t)room, err) != 0)
		return -1;
	s = t->out.s + t->out.n;
	*got = rcd_opus_decode(t->dec, packet, s, room);
	if (*got < 0)
		return 0;
	t->decoded_48 += (int64_t)*got * RCD_OPUS_HZ / t->hz;
	drop = t->skip < (size_t)*got ? t->skip : (size_t)*got;
	if (drop > 0)
		memmove(s, s + drop, ((size_t)*got - drop) * sizeof(*s));
	t->skip -= drop;
	t->out.n += (size_t)*got - drop;
	return 0;
}

static int conceal_gap(struct note *t, int64_t n_48, struct rcd_err *err)
{
	int got;

	if (n_48 > MAX_CONCEAL_48)
		n_48 = MAX_CONCEAL_48;
	while (n_48 >= RCD_OPUS_UNIT_48) {
		int64_t part = n_48 < RCD_OPUS_MAX_PACKET_48 ? n_48 : RCD_OPUS_MAX_PACKET_48;

		part -= part % RCD_OPUS_UNIT_48;
		if (decode_one(t, (struct rcd_sv){0}, (int)convert_to_hz(t, part), &got, err) != 0)
			return -1;
		n_48 -= part;
	}
	return 0;
}

static int decode_packet(struct note *t, struct rcd_sv packet, struct rcd_err *err)
{
	int length = rcd_opus_length_48(packet), got = -1;

	if (length > 0) {
		if (decode_one(t, packet, (int)convert_to_hz(t, RCD_OPUS_MAX_PACKET_48), &got, err) != 0)
			return -1;
		t->packet_48 = length;
	}
	if (got > 0) {
		t->sound = true;
		return 0;
	}
	return conceal_gap(t, t->packet_48, err); /* damaged or left out on purpose (length 0) */
}

/* The position of a page is where its last packet ends; less than we counted means that
 * the stream ends inside it (RFC 7845 section 4.4). Without the end-of-stream flag, or on
 * a clock that stands still, we believe it only as far as the last packet: broken writers
 * count at another rate, and half a customer's sentence must not vanish for that. */
static int64_t count_beyond_end(const struct note *t, const struct rcd_ogg_page *page,
                                int64_t length_48)
{
	int64_t kept;

	if (page->granule < t->granule_48) /* also any negative one: ours never is */
		return 0;
	kept = page->granule - t->granule_48;
	if (kept >= length_48)
		return 0;
	if (length_48 - kept <= t->packet_48 || (page->last && kept > 0))
		return length_48 - kept;
	return 0;
}

static int decode_page(struct note *t, const struct rcd_ogg_page *page, size_t first,
                       struct rcd_err *err)
{
	int64_t length = 0;
	int last = t->packet_48;

	for (size_t i = first; i < page->n; i++) {
		int n = rcd_opus_length_48(page->packet[i]);

		last = n > 0 ? n : last;
		length += last;
	}
	if (t->hole && page->granule > t->granule_48 &&
	    conceal_gap(t, page->granule - t->granule_48 - length, err) != 0)
		return -1;
	t->hole = false;
	for (size_t i = first; i < page->n; i++)
		if (decode_packet(t, page->packet[i], err) != 0)
			return -1;
	t->drop_48 = count_beyond_end(t, page, length);
	if (page->granule >= 0)
		t->granule_48 = page->granule;
	return 0;
}

static int on_page(struct note *t, const struct rcd_ogg_page *page, struct rcd_err *err)
{
	size_t i = 0;

	if (page->first) {
		end_stream(t);
		if (page->n == 0)
			return 0;
		if (begin_stream(t, page->packet[i++], err) != 0)
			return -1;
	}
	t->hole |= page->hole;
	if (!t->open || i == page->n)
		return 0;
	if (!t->tagged && rcd_sv_starts(page->packet[i], RCD_SV("OpusTags")))
		i++;
	t->tagged = true;
	return i < page->n ? decode_page(t, page, i, err) : 0;
}

static int finish_note(struct note *t, struct rcd_pcm *out, struct rcd_err *err)
{
	end_stream(t);
	if (!t->sound)
		return rcd_fail(err, RCD_PROTO, 0, "no opus audio in the file");
	if (t->out.n > (size_t)RCD_MAX_NOTE_SECONDS * (size_t)t->hz)
		return rcd_fail(err, RCD_LIMIT, 0, "note longer than %d s", RCD_MAX_NOTE_SECONDS);
	return rcd_pcmbuf_take(&t->out, t->hz, out, err);
}

int rcd_decode_opus(struct rcd_sv bytes, int hz, struct rcd_pcm *out, struct rcd_err *err)
{
	struct note t = {
		.hz = hz,
		.out.max = (size_t)(RCD_MAX_NOTE_SECONDS + 2 * SLACK_SECONDS) * (size_t)hz,
	};
	struct rcd_ogg_reader *r = NULL;
	struct rcd_ogg_page page;
	int got = -1;

	if (rcd_ogg_reader_open(&r, bytes, RCD_SV("OpusHead"), err) != 0 ||
	    rcd_opus_decoder_open(&t.dec, hz, err) != 0)
		goto out;
	while ((got = rcd_ogg_next(r, &page, err)) > 0)
		if ((got = on_page(&t, &page, err)) != 0)
			break;
	if (got == 0)
		got = finish_note(&t, out, err);
out:
	free(t.out.s);
	(void)rcd_opus_decoder_free(t.dec);
	(void)rcd_ogg_reader_free(r);
	return got;
}
