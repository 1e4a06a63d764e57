#include "audio/ogg.h"

#include "base/crypto.h"
#include "base/limits.h"

#include <ogg/ogg.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 65536

/* Each loss of sync may cost the check sum of a 64 KB page that is none: so many are
 * enough for any honest damage, and few enough that hostile bytes cannot burn time. */
#define MAX_LOSSES 4096

struct rcd_ogg_reader {
	ogg_sync_state sync;
	ogg_stream_state stream;
	struct rcd_sv rest; /* not yet given to libogg */
	struct rcd_sv magic;
	unsigned pages, losses;
	bool open;    /* a logical stream of ours has begun */
	bool content; /* and it had more than its first page */
};

int rcd_ogg_reader_open(struct rcd_ogg_reader **out, struct rcd_sv bytes, struct rcd_sv magic,
                        struct rcd_err *err)
{
	struct rcd_ogg_reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return rcd_fail_nomem(err);
	(void)ogg_sync_init(&r->sync);
	if (ogg_stream_init(&r->stream, 0) != 0) {
		(void)rcd_ogg_reader_free(r);
		return rcd_fail_nomem(err);
	}
	r->rest = bytes;
	r->magic = magic;
	*out = r;
	return 0;
}

struct rcd_ogg_reader *rcd_ogg_reader_free(struct rcd_ogg_reader *r)
{
	if (r == NULL)
		return NULL;
	(void)ogg_stream_clear(&r->stream);
	(void)ogg_sync_clear(&r->sync);
	free(r);
	return NULL;
}

static int feed_sync(struct rcd_ogg_reader *r, struct rcd_err *err)
{
	size_t n = r->rest.n < CHUNK ? r->rest.n : CHUNK;
	char *p = ogg_sync_buffer(&r->sync, (long)n);

	if (p == NULL)
		return rcd_fail_nomem(err);
	memcpy(p, r->rest.p, n);
	r->rest = rcd_sv_skip(r->rest, n);
	return ogg_sync_wrote(&r->sync, (long)n);
}

/* 1: a sound page, 0: the end. */
static int read_page(struct rcd_ogg_reader *r, ogg_page *og, struct rcd_err *err)
{
	for (;;) {
		long n = ogg_sync_pageseek(&r->sync, og);

		if (n > 0) {
			if (++r->pages > RCD_MAX_OGG_PAGES)
				return rcd_fail(err, RCD_LIMIT, 0, "more than %d ogg pages", RCD_MAX_OGG_PAGES);
			return 1;
		}
		if (n < 0 && ++r->losses > MAX_LOSSES)
			return rcd_fail(err, RCD_PROTO, 0, "ogg stream too damaged");
		if (n == 0 && r->rest.n == 0)
			return 0;
		if (n == 0 && feed_sync(r, err) != 0)
			return -1;
	}
}

static struct rcd_sv get_body(const ogg_page *og)
{
	return (struct rcd_sv){(const char *)og->body, (size_t)og->body_len};
}

/* Whether the page belongs to a stream we follow; *first when it begins one. */
static bool is_followed(struct rcd_ogg_reader *r, ogg_page *og, bool *first)
{
	*first = false;
	if (ogg_page_version(og) != 0)
		return false;
	if (ogg_page_bos(og)) {
		/* a second stream that begins beside ours runs in parallel: not for us */
		if (!rcd_sv_starts(get_body(og), r->magic) || (r->open && !r->content))
			return false;
		(void)ogg_stream_reset_serialno(&r->stream, ogg_page_serialno(og));
		r->open = *first = true;
		r->content = false;
		return true;
	}
	if (!r->open || ogg_page_serialno(og) != (int)r->stream.serialno)
		return false;
	r->content = true;
	return true;
}

static int read_packets(struct rcd_ogg_reader *r, ogg_page *og, struct rcd_ogg_page *page)
{
	ogg_packet op;
	int got;

	page->n = 0;
	page->hole = false;
	if (ogg_stream_pagein(&r->stream, og) != 0)
		return -1;
	while ((got = ogg_stream_packetout(&r->stream, &op)) != 0) {
		if (got < 0)
			page->hole = true;
		else if (page->n < RCD_OGG_MAX_PACKETS)
			page->packet[page->n++] = (struct rcd_sv){(char *)op.packet, (size_t)op.bytes};
	}
	return 0;
}

int rcd_ogg_next(struct rcd_ogg_reader *r, struct rcd_ogg_page *page, struct rcd_err *err)
{
	ogg_page og;
	bool first;
	int got;

	while ((got = read_page(r, &og, err)) > 0) {
		if (!is_followed(r, &og, &first))
			continue;
		if (read_packets(r, &og, page) != 0) /* the serial is right: only memory is left */
			return rcd_fail_nomem(err);
		page->first = first;
		page->last = ogg_page_eos(&og) != 0;
		page->granule = ogg_page_granulepos(&og);
		return 1;
	}
	return got;
}

/* --- writing ---------------------------------------------------------------------------- */

struct rcd_ogg_writer {
	ogg_stream_state stream;
	ogg_int64_t packets;
};

int rcd_ogg_writer_open(struct rcd_ogg_writer **out, struct rcd_err *err)
{
	struct rcd_ogg_writer *w = calloc(1, sizeof(*w));
	int serial;

	if (w == NULL)
		return rcd_fail_nomem(err);
	rcd_random(&serial, sizeof(serial));
	if (ogg_stream_init(&w->stream, serial) != 0) {
		free(w);
		return rcd_fail_nomem(err);
	}
	*out = w;
	return 0;
}

struct rcd_ogg_writer *rcd_ogg_writer_free(struct rcd_ogg_writer *w)
{
	if (w == NULL)
		return NULL;
	(void)ogg_stream_clear(&w->stream);
	free(w);
	return NULL;
}

int rcd_ogg_put(struct rcd_ogg_writer *w, struct rcd_sv packet, int64_t granule, bool last,
                struct rcd_err *err)
{
	ogg_packet op = {
		.packet = (unsigned char *)(uintptr_t)packet.p,
		.bytes = (long)packet.n,
		.b_o_s = w->packets == 0,
		.e_o_s = last,
		.granulepos = granule,
		.packetno = w->packets,
	};

	if (ogg_stream_packetin(&w->stream, &op) != 0)
		return rcd_fail_nomem(err);
	w->packets++;
	return 0;
}

bool rcd_ogg_flush(struct rcd_ogg_writer *w, struct rcd_sv *head, struct rcd_sv *page_body)
{
	ogg_page og;

	if (ogg_stream_flush(&w->stream, &og) == 0)
		return false;
	*head = (struct rcd_sv){(const char *)og.header, (size_t)og.header_len};
	*page_body = get_body(&og);
	return true;
}
