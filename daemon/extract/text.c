#include "daemon/extract/text.h"

#include "base/limits.h"
#include "knowledge/frame.h"

enum { GAP_NONE, GAP_SPACE, GAP_LINE, GAP_PARAGRAPH };

#define TITLE 400                                 /* bytes of a heading */
#define FRAMES (2 * RCD_MAX_DOCUMENT_TEXT + 4096) /* the text and the lines around it */

void rcd_text_init(struct rcd_prose *t)
{
	*t = (struct rcd_prose){.gap = GAP_NONE};
	rcd_buf_init(&t->frames, FRAMES);
	rcd_buf_init(&t->open, RCD_MAX_DOCUMENT_TEXT);
}

void rcd_text_done(struct rcd_prose *t)
{
	rcd_buf_free(&t->frames);
	rcd_buf_free(&t->open);
}

static void widen_gap(struct rcd_prose *t, int gap)
{
	if (t->gap < gap)
		t->gap = gap;
}

static void write_word(struct rcd_prose *t, struct rcd_sv w)
{
	static const char *const gaps[] =
		{[GAP_NONE] = "", [GAP_SPACE] = " ", [GAP_LINE] = "\n", [GAP_PARAGRAPH] = "\n\n"};

	t->total += w.n + 2;
	if (t->over || t->total > RCD_MAX_DOCUMENT_TEXT) {
		t->over = true;
		return;
	}
	if (t->open.n > 0)
		rcd_buf_str(&t->open, gaps[t->gap]);
	t->gap = GAP_NONE;
	rcd_buf_utf8(&t->open, w);
}

/* Space, no-break space and the control characters. */
static size_t match_blank(struct rcd_sv v)
{
	if ((unsigned char)v.p[0] <= ' ' || v.p[0] == 0x7F)
		return 1;
	return v.n > 1 && v.p[0] == '\xC2' && v.p[1] == '\xA0' ? 2 : 0;
}

void rcd_text_add(struct rcd_prose *t, struct rcd_sv v)
{
	while (v.n > 0) {
		size_t n = match_blank(v);

		if (n > 0) {
			widen_gap(t, GAP_SPACE);
			v = rcd_sv_skip(v, n);
			continue;
		}
		while (n < v.n && match_blank(rcd_sv_skip(v, n)) == 0)
			n++;
		write_word(t, (struct rcd_sv){v.p, n});
		v = rcd_sv_skip(v, n);
	}
}

void rcd_text_lines(struct rcd_prose *t, struct rcd_sv v)
{
	struct rcd_sv line;

	while (rcd_sv_cut(&v, '\n', &line)) {
		if (rcd_sv_trim(line).n == 0)
			widen_gap(t, GAP_PARAGRAPH);
		rcd_text_add(t, line);
		widen_gap(t, GAP_LINE);
	}
}

void rcd_text_line(struct rcd_prose *t)
{
	widen_gap(t, GAP_LINE);
}

void rcd_text_paragraph(struct rcd_prose *t)
{
	widen_gap(t, GAP_PARAGRAPH);
}

static void put_frame(struct rcd_prose *t, enum rcd_frame_kind kind, int number, struct rcd_sv text)
{
	rcd_frame_put(&t->frames, &(struct rcd_frame){kind, number, text});
}

static void flush_open(struct rcd_prose *t)
{
	if (t->open.n > 0) {
		put_frame(t, RCD_FRAME_TEXT, 0, rcd_buf_view(&t->open));
		t->said = true;
	}
	if (!t->open.bad)
		rcd_buf_reset(&t->open);
	t->gap = GAP_NONE;
}

void rcd_text_heading(struct rcd_prose *t, int level, struct rcd_sv title)
{
	flush_open(t);
	title.n = rcd_utf8_cut(title, TITLE);
	rcd_text_add(t, title); /* its white space in order */
	if (level < 1)
		level = 1;
	if (t->open.n > 0)
		put_frame(t, RCD_FRAME_HEADING, level > 6 ? 6 : level, rcd_buf_view(&t->open));
	if (!t->open.bad)
		rcd_buf_reset(&t->open);
	t->gap = GAP_NONE;
}

void rcd_text_page(struct rcd_prose *t, int page)
{
	flush_open(t);
	if (page >= 1 && page <= RCD_MAX_DOCUMENT_PAGES)
		put_frame(t, RCD_FRAME_PAGE, page, RCD_SV(""));
	else
		t->over = true;
}

bool rcd_text_end(struct rcd_prose *t)
{
	flush_open(t);
	put_frame(t, RCD_FRAME_END, 0, RCD_SV(""));
	return !t->over && !t->open.bad && !t->frames.bad;
}

bool rcd_text_empty(const struct rcd_prose *t)
{
	return !t->said && t->open.n == 0;
}
