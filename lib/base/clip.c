#include "base/clip.h"

#include <string.h>

/* bytes of a message that is shortened; 64 of them with their marks fit max twice */
#define KEEP 200

struct piece {
	size_t begin, keep; /* bytes */
	bool cut;
};

static size_t find_end(const struct rcd_buf *text, const struct rcd_messages *m, size_t i)
{
	return i + 1 < m->n ? m->start[i + 1] : text->n;
}

/* One message gives up to excess bytes, and is told how many it keeps. */
static void cut_piece(const struct rcd_buf *text, struct piece *p, size_t len, size_t least,
                      size_t excess)
{
	struct rcd_sv v = {text->p + p->begin, len};
	size_t keep = len > excess ? len - excess : 0;

	p->keep = rcd_utf8_cut(v, keep > least ? keep : least);
	p->cut = true;
}

static void write_pieces(struct rcd_buf *text, const struct piece *p, size_t n, const char *mark,
                         size_t total)
{
	struct rcd_buf out;

	rcd_buf_init(&out, total);
	for (size_t i = 0; i < n; i++) {
		rcd_buf_add(&out, text->p + p[i].begin, p[i].keep);
		if (p[i].cut)
			rcd_buf_str(&out, mark);
	}
	out.max = text->max;
	if (out.bad) {
		text->bad = true;
		rcd_buf_free(&out);
	} else {
		rcd_buf_free(text);
		*text = out;
	}
}

bool rcd_shorten(struct rcd_buf *text, const struct rcd_messages *m, size_t max, const char *mark)
{
	struct piece p[RCD_MAX_TURN_MESSAGES];
	const size_t more = strlen(mark);
	size_t total = text->n;

	if (text->bad || text->n <= max || m->n == 0)
		return false;
	for (size_t i = 0; i < m->n; i++) {
		size_t len = find_end(text, m, i) - m->start[i];
		bool last = i + 1 == m->n;

		p[i] = (struct piece){m->start[i], len, false};
		if (total <= max || (!last && len <= KEEP + more))
			continue;
		cut_piece(text, &p[i], len, last ? 0 : KEEP, total - max + more);
		total = total - len + p[i].keep + more;
	}
	write_pieces(text, p, m->n, mark, total + 1);
	return true;
}
