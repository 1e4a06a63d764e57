#include "answer/caption.h"

#include "base/quote.h"

#define MAX_HELD 4096 /* more of one description is read and not kept */

void rcd_captions_init(struct rcd_captions *c)
{
	*c = (struct rcd_captions){.n = 0};
	rcd_buf_init(&c->held, MAX_HELD);
	rcd_buf_init(&c->text, RCD_MAX_CAPTIONS * (4 * RCD_CAPTION_CHARS + 8));
}

void rcd_captions_done(struct rcd_captions *c)
{
	rcd_buf_free(&c->held);
	rcd_buf_free(&c->text);
}

static void put_held(struct rcd_captions *c, struct rcd_buf *out)
{
	rcd_buf_sv(out, rcd_buf_view(&c->held));
	out->bad = out->bad || c->held.bad; /* words that were lost for want of memory */
	rcd_buf_reset(&c->held);
}

/* One that shows nothing keeps its place: the next describes the next picture. */
static void keep_caption(struct rcd_captions *c)
{
	if (c->n < RCD_MAX_CAPTIONS) {
		(void)rcd_quote(&c->text, rcd_sv_trim(rcd_buf_view(&c->held)), RCD_CAPTION_CHARS);
		rcd_buf_ch(&c->text, '\n');
		c->n++;
	}
	c->text.bad = c->text.bad || c->held.bad;
	rcd_buf_reset(&c->held);
	c->depth = 0;
	c->behind = true;
}

/* -1: it is no caption; 0: it may become one; 1: its description begins. */
static int match_head(struct rcd_sv held)
{
	static const char *const heads[] = {"[imagem:", "[image:"};
	int best = -1;

	held = rcd_sv_trim(held);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct rcd_sv head = rcd_sv(heads[i]);
		size_t n = 0;

		while (n < held.n && n < head.n && rcd_ascii_lower(held.p[n]) == head.p[n])
			n++;
		if (n == head.n)
			return 1;
		if (n == held.n)
			best = 0;
	}
	return best;
}

static void read_inside(struct rcd_captions *c, char ch)
{
	c->depth += ch == '[';
	c->depth -= ch == ']';
	if (c->depth == 0 || ch == '\n')
		keep_caption(c);
	else if (c->held.n + 1 < MAX_HELD)
		rcd_buf_ch(&c->held, ch);
}

static void read_head(struct rcd_captions *c, char ch, struct rcd_buf *out)
{
	int match;

	rcd_buf_ch(&c->held, ch);
	match = c->held.n < MAX_HELD / 2 ? match_head(rcd_buf_view(&c->held)) : -1;
	if (match == 1) {
		rcd_buf_reset(&c->held);
		c->depth = 1;
	} else if (match < 0 || ch == '\n') {
		put_held(c, out);
		c->mid_line = ch != '\n';
	}
}

void rcd_captions_push(struct rcd_captions *c, struct rcd_sv words, struct rcd_buf *out)
{
	for (size_t i = 0; i < words.n; i++) {
		char ch = words.p[i];

		if (c->depth > 0) {
			read_inside(c, ch);
		} else if (c->mid_line) {
			rcd_buf_ch(out, ch);
			c->mid_line = ch != '\n';
		} else if (!c->behind || (ch != ' ' && ch != '\n' && ch != '\r' && ch != '\t')) {
			c->behind = false;
			read_head(c, ch, out);
		}
	}
}

void rcd_captions_end(struct rcd_captions *c, struct rcd_buf *out)
{
	if (c->depth > 0)
		keep_caption(c);
	put_held(c, out);
	c->mid_line = c->behind = false;
}
