/* The way of a model's words to the channel: whole characters, marks found, reasoning left out. */

#include "answer/filter.h"

#include "answer/filter_int.h"
#include "base/limits.h"
#include "base/visible.h"

#include <string.h>

#define MAX_HELD                                                                                   \
	(4 * RCD_FILTER_JSON) /* bytes between a mark's begin and what decides about it                \
	                       */
#define MAX_ROLE 64

void rcd_filter_init(struct rcd_filter *f, const struct rcd_filter_sink *sink, const json_t *tools)
{
	*f = (struct rcd_filter){.sink = sink, .tools = tools, .skip_space = true};
	rcd_buf_init(&f->in, RCD_MAX_TEXT + MAX_HELD);
	rcd_buf_init(&f->out, RCD_MAX_TEXT + MAX_HELD);
}

void rcd_filter_done(struct rcd_filter *f)
{
	rcd_buf_free(&f->in);
	rcd_buf_free(&f->out);
}

/* --- whole characters that show ----------------------------------------------------------- */

/* Joiners and variation selectors shape the emoji around them; tags spell the flag of a region. */
static bool is_emoji_joiner(const struct rcd_filter *f, uint32_t cp)
{
	if (cp >= 0xE0020 && cp <= 0xE007F)
		return f->before == 0x1F3F4 || (f->before >= 0xE0020 && f->before <= 0xE007F);
	return cp == 0x200C || cp == 0x200D || cp == 0xFE0E || cp == 0xFE0F;
}

static void take_char(struct rcd_filter *f, uint32_t cp, const char *p, size_t n)
{
	if (cp == 0xFFFD && n != 3) /* malformed */
		return;
	if (rcd_is_invisible(cp) && !is_emoji_joiner(f, cp))
		return;
	f->before = cp;
	if (cp != '\r')
		rcd_buf_add(&f->in, p, n);
}

/* Length of the UTF-8 sequence that begins with c. */
static size_t get_char_length(unsigned char c)
{
	if (c >= 0xF0 && c < 0xF5)
		return 4;
	if (c >= 0xE0)
		return c < 0xF0 ? 3 : 1;
	return c >= 0xC2 ? 2 : 1;
}

/* Is v a truncated UTF-8 sequence? */
static bool is_begun(struct rcd_sv v)
{
	if (get_char_length((unsigned char)v.p[0]) <= v.n)
		return false;
	for (size_t i = 1; i < v.n; i++)
		if ((v.p[i] & 0xC0) != 0x80)
			return false;
	return true;
}

/* The bytes of a split character are kept until it is complete or proves malformed. */
static void take_part(struct rcd_filter *f, struct rcd_sv *words)
{
	while (f->n_part > 0 && words->n > 0 && (words->p[0] & 0xC0) == 0x80 &&
	       f->n_part < get_char_length((unsigned char)f->part[0])) {
		f->part[f->n_part++] = words->p[0];
		*words = rcd_sv_skip(*words, 1);
	}
	if (f->n_part > 0 &&
	    (words->n > 0 || f->n_part == get_char_length((unsigned char)f->part[0]))) {
		const char *p = f->part, *end = f->part + f->n_part;
		uint32_t cp = rcd_utf8_next(&p, end);

		if (p == end)
			take_char(f, cp, f->part, f->n_part);
		f->n_part = 0;
	}
}

static void take_in(struct rcd_filter *f, struct rcd_sv words)
{
	const char *p, *end;

	take_part(f, &words);
	p = words.p;
	end = p != NULL ? p + words.n : NULL;
	while (p < end) {
		const char *from = p;
		size_t left = (size_t)(end - p);
		uint32_t cp;

		if (is_begun((struct rcd_sv){p, left})) {
			memcpy(f->part, p, left);
			f->n_part = left;
			return;
		}
		cp = rcd_utf8_next(&p, end);
		take_char(f, cp, from, (size_t)(p - from));
	}
}

/* --- output -------------------------------------------------------------------------------- */

static void keep_tail(struct rcd_filter *f, struct rcd_sv v)
{
	size_t keep;

	if (v.n >= RCD_FILTER_TAIL) {
		memcpy(f->tail, v.p + v.n - RCD_FILTER_TAIL, RCD_FILTER_TAIL);
		f->n_tail = RCD_FILTER_TAIL;
		return;
	}
	keep = f->n_tail < RCD_FILTER_TAIL - v.n ? f->n_tail : RCD_FILTER_TAIL - v.n;
	memmove(f->tail, f->tail + f->n_tail - keep, keep);
	memcpy(f->tail + keep, v.p, v.n);
	f->n_tail = keep + v.n;
}

static bool is_ascii_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

static void take_back(struct rcd_filter *f)
{
	f->removed += f->n_tail;
	rcd_buf_reset(&f->out);
	f->n_tail = 0;
	f->restart = f->restart || f->said;
	f->said = f->visible = f->doubtful = false;
	f->skip_space = true;
}

/* v without leading white space and invisible characters. */
static struct rcd_sv skip_blank(struct rcd_sv v)
{
	const char *p = v.p, *end = v.p + v.n;

	while (p < end) {
		const char *at = p;
		uint32_t cp = rcd_utf8_next(&p, end);

		if (!rcd_is_space(cp) && !rcd_is_invisible(cp))
			return rcd_sv_skip(v, (size_t)(at - v.p));
	}
	return rcd_sv_skip(v, v.n);
}

static void write_text(struct rcd_filter *f, struct rcd_sv v)
{
	if (f->doubtful) {
		v = skip_blank(v);
		if (v.n > 0)
			take_back(f);
	}
	while (f->skip_space && v.n > 0 && is_ascii_space(v.p[0]))
		v = rcd_sv_skip(v, 1);
	if (v.n == 0)
		return;
	f->skip_space = false;
	f->visible = f->visible || !rcd_is_blank(v);
	rcd_buf_sv(&f->out, v);
	keep_tail(f, v);
}

static int flush_out(struct rcd_filter *f, struct rcd_err *err)
{
	int ret = 0;

	if (f->in.bad || f->out.bad)
		return rcd_fail_nomem(err);
	if (f->restart) {
		f->restart = false;
		ret = f->sink->restart(f->sink->arg, err);
	}
	if (ret == 0 && f->out.n > 0) {
		f->said = true;
		ret = f->sink->words(f->sink->arg, rcd_buf_view(&f->out), err);
	}
	rcd_buf_reset(&f->out);
	return ret;
}

/* --- marks --------------------------------------------------------------------------------- */

/* Removing a mark with white space on both sides would leave a gap. */
static void close_gap(struct rcd_filter *f)
{
	f->skip_space = f->n_tail == 0 || is_ascii_space(f->tail[f->n_tail - 1]);
}

/* A lone end tag closes reasoning whose beginning the engine's template wrote. After another end
 * tag it is either superfluous, at the end of the answer, or the end of a nested block: the next
 * words decide, since an answer follows reasoning. */
static void close_reasoning(struct rcd_filter *f)
{
	const bool open = f->reasoning, again = f->closed;

	f->reasoning = f->fenced = false;
	f->closed = true;
	close_gap(f);
	if (open)
		return;
	if (again && f->visible) {
		f->doubtful = true;
		return;
	}
	take_back(f);
}

static int apply_mark(struct rcd_filter *f, enum rcd_mark what, struct rcd_sv mark,
                      struct rcd_err *err)
{
	bool was = f->reasoning;

	if (was && what != RCD_MARK_TEXT)
		f->removed += mark.n;
	switch (what) {
	case RCD_MARK_OPEN:
		f->reasoning = true;
		f->fenced = f->fenced || (!was && mark.p[0] == '`');
		return 0;
	case RCD_MARK_CLOSE:
		close_reasoning(f);
		return 0;
	case RCD_MARK_END:
		if (was)
			close_reasoning(f);
		return 0;
	case RCD_MARK_CALL: /* a model that reasons about tools has called none */
		return was ? 0 : rcd_fail(err, RCD_PROTO, 0, "the model wrote a tool call as text");
	case RCD_MARK_ROLE:
		f->role = true;
		f->role_n = 0;
		return 0;
	case RCD_MARK_TEXT:
		write_text(f, mark);
		return 0;
	default:
		close_gap(f);
		return 0;
	}
}

static int find_json(struct rcd_filter *f, struct rcd_sv v, bool last, enum rcd_mark *what)
{
	if (v.p[0] == '{' && rcd_mark_names_tool((struct rcd_sv){f->tail, f->n_tail}, '{', f->tools)) {
		*what = RCD_MARK_CALL;
		return 1;
	}
	return rcd_mark_json(&f->scan, v, f->tools, last, what);
}

static int find_mark(struct rcd_filter *f, struct rcd_sv v, bool last, enum rcd_mark *what)
{
	int n = RCD_MARK_NONE;
	bool named;

	switch (v.p[0]) {
	case '`':
		if (!f->fenced)
			return rcd_mark_fence(v, last, what);
		*what = RCD_MARK_CLOSE;
		if (rcd_sv_starts(v, RCD_SV("```")))
			return 3;
		return v.n < 3 && !last ? RCD_MARK_MORE : RCD_MARK_NONE;
	case 'a':
	case 'A':
		return rcd_mark_word(v, (f->n_tail == 0 || f->doubtful) && !f->reasoning, last, what);
	case '(':
		*what = RCD_MARK_CALL;
		named = rcd_mark_names_tool((struct rcd_sv){f->tail, f->n_tail}, '(', f->tools);
		return named && !f->reasoning ? 1 : RCD_MARK_NONE;
	case '{':
		return f->reasoning ? RCD_MARK_NONE : find_json(f, v, last, what);
	case '[':
		n = rcd_mark_tag(v, last, what);
		return n == RCD_MARK_NONE && !f->reasoning ? find_json(f, v, last, what) : n;
	default:
		return rcd_mark_tag(v, last, what);
	}
}

/* Up to the next byte that a mark could begin with. */
static size_t count_plain(struct rcd_sv v)
{
	size_t n = 0;

	while (n < v.n && (v.p[n] == '\0' || strchr("<[{(&`aA\xE2\xE3\xEF", v.p[n]) == NULL))
		n++;
	return n;
}

static size_t measure_char(struct rcd_sv v)
{
	const char *p = v.p;

	(void)rcd_utf8_next(&p, v.p + v.n);
	return (size_t)(p - v.p);
}

/* The role name after its token: up to the end of the line, at most MAX_ROLE bytes. */
static size_t pass_role(struct rcd_filter *f, struct rcd_sv v, size_t n)
{
	const char *line = memchr(v.p, '\n', n);
	size_t most = MAX_ROLE - f->role_n;

	if (line != NULL && (size_t)(line - v.p) < most)
		n = (size_t)(line - v.p) + 1;
	else if (n > most)
		n = rcd_utf8_cut((struct rcd_sv){v.p, n}, most);
	else
		line = NULL;
	f->role = line == NULL && n > 0 && f->role_n + n < MAX_ROLE;
	f->role_n += n;
	if (!f->role)
		close_gap(f);
	return n;
}

/* Text that is not a mark: written, or dropped as reasoning. Returns the bytes consumed. */
static size_t pass_text(struct rcd_filter *f, struct rcd_sv v, size_t n)
{
	size_t role = f->role ? pass_role(f, v, n) : 0;

	if (role > 0)
		return role;
	if (f->reasoning)
		f->removed += n;
	else
		write_text(f, (struct rcd_sv){v.p, n});
	return n;
}

/* Consumes one piece of v; *n: its bytes, 0: more input is needed. */
static int step_once(struct rcd_filter *f, struct rcd_sv v, bool last, size_t *n,
                     struct rcd_err *err)
{
	enum rcd_mark what = RCD_MARK_TEXT;
	int mark;

	*n = count_plain(v);
	if (*n > 0) {
		*n = pass_text(f, v, *n);
		return 0;
	}
	mark = find_mark(f, v, last, &what);
	if (mark == RCD_MARK_MORE && v.n < MAX_HELD)
		return 0;
	f->scan = (struct rcd_json_scan){0};
	if (mark <= 0) {
		*n = pass_text(f, v, measure_char(v));
		return 0;
	}
	*n = what == RCD_MARK_TEXT ? rcd_utf8_cut(v, (size_t)mark) : (size_t)mark;
	f->role = false;
	return apply_mark(f, what, (struct rcd_sv){v.p, *n}, err);
}

static int advance_input(struct rcd_filter *f, bool last, struct rcd_err *err)
{
	struct rcd_sv v = rcd_buf_view(&f->in);
	size_t n = 1;

	if (f->in.bad)
		return rcd_fail_nomem(err);
	while (v.n > 0 && n > 0) {
		if (step_once(f, v, last, &n, err) != 0)
			return -1;
		v = rcd_sv_skip(v, n);
	}
	rcd_buf_drop(&f->in, f->in.n - v.n);
	return flush_out(f, err);
}

int rcd_filter_push(struct rcd_filter *f, struct rcd_sv words, struct rcd_err *err)
{
	take_in(f, words);
	return advance_input(f, false, err);
}

int rcd_filter_end(struct rcd_filter *f, struct rcd_err *err)
{
	f->n_part = 0;
	return advance_input(f, true, err);
}

/* --- at once ------------------------------------------------------------------------------- */

struct whole {
	struct rcd_buf *out;
	size_t from;
};

static int add_words(void *arg, struct rcd_sv words, struct rcd_err *err)
{
	struct whole *w = arg;

	rcd_buf_sv(w->out, words);
	return w->out->bad ? rcd_fail_nomem(err) : 0;
}

static int remove_words(void *arg, struct rcd_err *err)
{
	struct whole *w = arg;

	(void)err;
	w->out->n = w->from;
	return 0;
}

int rcd_filter_text(struct rcd_sv text, const json_t *tools, struct rcd_buf *out,
                    struct rcd_err *err)
{
	struct whole w = {out, out->n};
	const struct rcd_filter_sink sink = {add_words, remove_words, &w};
	struct rcd_filter f;
	int ret;

	rcd_filter_init(&f, &sink, tools);
	ret = rcd_filter_push(&f, text, err);
	if (ret == 0)
		ret = rcd_filter_end(&f, err);
	rcd_filter_done(&f);
	return ret;
}
