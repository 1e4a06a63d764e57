/* Markdown inside a line: emphasis, links, code, entities. */

#include "answer/marks_int.h"
#include "base/visible.h"

#include <string.h>

#define FAR 800 /* bytes at most between the two marks of a pair */
#define MAX_DEPTH 4

struct line {
	struct rcd_sv all;
	const char *p;
	struct rcd_marks_inline how;
	struct rcd_buf *out;
};

static struct rcd_sv get_rest(const struct line *l)
{
	return (struct rcd_sv){l->p, (size_t)(l->all.p + l->all.n - l->p)};
}

/* A letter or a digit of any script. */
static bool is_word(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	return c >= 0xAA && c != 0xAB && c != 0xBB && c != 0xB7 && c != 0xD7 &&
	       !(c >= 0x2000 && c < 0x2C00) && !(c >= 0x3000 && c < 0x3040) &&
	       !(c >= 0xFE00 && c < 0xFE10) && c < 0x1F000 && c != 0xBF && c != 0xB0;
}

static uint32_t char_before(struct rcd_sv all, const char *p)
{
	const char *q = p;

	if (p == all.p)
		return ' ';
	do
		q--;
	while (q > all.p && ((unsigned char)*q & 0xC0) == 0x80);
	return rcd_utf8_next(&q, p);
}

static uint32_t char_at(struct rcd_sv all, const char *p)
{
	const char *end = all.p + all.n;

	return p < end ? rcd_utf8_next(&p, end) : ' ';
}

static void write_nested(const struct line *l, struct rcd_sv text, bool bold)
{
	struct rcd_marks_inline how = l->how;

	how.depth++;
	how.bold = how.bold || bold;
	rcd_marks_line(text, how, l->out);
}

/* --- links ---------------------------------------------------------------------------------- */

/* Where the bracket at v's beginning is closed; 0: nowhere near. */
static size_t find_closing(struct rcd_sv v, char open, char close)
{
	int depth = 0;

	for (size_t i = 0; i < v.n && i < FAR; i++) {
		if (v.p[i] == '\\')
			i++;
		else if (v.p[i] == open)
			depth++;
		else if (v.p[i] == close && --depth == 0)
			return i;
	}
	return 0;
}

/* "https://… "title"" without the title and the "<>" around it. */
static struct rcd_sv strip_address(struct rcd_sv in)
{
	struct rcd_sv v = rcd_sv_trim(in);
	size_t n = 0;

	if (v.n > 1 && v.p[0] == '<' && memchr(v.p, '>', v.n) != NULL)
		return (struct rcd_sv){v.p + 1, (size_t)((const char *)memchr(v.p, '>', v.n) - v.p - 1)};
	while (n < v.n && v.p[n] != ' ')
		n++;
	v.n = n;
	if (rcd_sv_starts(v, RCD_SV("mailto:")) || rcd_sv_starts(v, RCD_SV("tel:")))
		v = rcd_sv_skip(v, v.p[0] == 'm' ? 7 : 4);
	else if (memmem(v.p, v.n, "://", 3) == NULL && !rcd_sv_starts(v, RCD_SV("www.")))
		v.n = 0; /* a place in a page that the customer does not have */
	return v;
}

/* Does text say where the link leads already? */
static bool has_address(struct rcd_sv text, struct rcd_sv url)
{
	const char *scheme = memmem(url.p, url.n, "://", 3);
	struct rcd_sv bare = scheme != NULL ? rcd_sv_skip(url, (size_t)(scheme - url.p) + 3) : url;

	if (bare.n > 0 && bare.p[bare.n - 1] == '/')
		bare.n--;
	if (text.n > 0 && text.p[text.n - 1] == '/')
		text.n--;
	return bare.n > 0 && (rcd_sv_ends(text, bare) || rcd_sv_ieq(text, bare));
}

/* "[text](address)"; false: not a link. */
static bool take_link(struct line *l, size_t skip)
{
	struct rcd_sv v = rcd_sv_skip(get_rest(l), skip), text, url;
	size_t mid = find_closing(v, '[', ']'), end;

	if (mid == 0 || mid + 1 >= v.n || v.p[mid + 1] != '(' || l->how.depth >= MAX_DEPTH)
		return false;
	end = find_closing(rcd_sv_skip(v, mid + 1), '(', ')');
	if (end == 0)
		return false;
	text = rcd_sv_trim((struct rcd_sv){v.p + 1, mid - 1});
	url = strip_address((struct rcd_sv){v.p + mid + 2, end - 1});
	if (text.n > 0 && !has_address(text, url))
		write_nested(l, text, false);
	if (text.n > 0 && url.n > 0 && !has_address(text, url))
		rcd_buf_str(l->out, text.p[text.n - 1] == ':' ? " " : ": ");
	if (url.n > 0)
		rcd_buf_sv(l->out, url);
	else if (has_address(text, url))
		rcd_buf_sv(l->out, text);
	l->p = v.p + mid + 1 + end + 1;
	return true;
}

/* An address goes through as it is, underscores and tildes included. */
static bool take_address(struct line *l)
{
	struct rcd_sv v = get_rest(l);
	size_t n = 0;

	if (is_word(char_before(l->all, l->p)) ||
	    !(rcd_sv_starts(v, RCD_SV("http://")) || rcd_sv_starts(v, RCD_SV("https://")) ||
	      rcd_sv_starts(v, RCD_SV("www."))))
		return false;
	while (n < v.n && strchr(" \t<>\"`|*", v.p[n]) == NULL &&
	       !rcd_sv_starts(rcd_sv_skip(v, n), RCD_SV("~~")))
		n++;
	rcd_buf_add(l->out, v.p, n);
	l->p += n;
	return n > 0;
}

/* --- pairs ---------------------------------------------------------------------------------- */

struct pair {
	const char *mark;     /* in Markdown */
	const char *whatsapp; /* as WhatsApp has it; NULL: the same */
	bool bold, inner;     /* inner: "***x***" is bold and italic */
};

static const struct pair pairs[] = {
	{"***", "*_", true, true}, {"___", "*_", true, true}, {"**", "*", true, false},
	{"__", "*", true, false},  {"~~", "~", false, false}, {"*", NULL, true, false},
	{"_", NULL, false, false}, {"~", NULL, false, false},
};

/* The end of what begins at from: the same mark, not touching a space on its inner side unless the
 * model put one there by mistake ("**Note: **"). NULL: none. */
static const char *find_close(struct rcd_sv all, const char *from, const char *mark)
{
	size_t n = strlen(mark), look = (size_t)(all.p + all.n - from);
	const char *end = from + (look < FAR ? look : FAR);

	for (const char *p = from; p + n <= end; p++) {
		if (*p == '\\') {
			p++;
		} else if (*p == '`') { /* code: no marks in it */
			const char *tick = memchr(p + 1, '`', (size_t)(end - p - 1));

			p = tick != NULL ? tick : p;
		} else if (memcmp(p, mark, n) == 0) {
			size_t run = 0;

			while (p + run < end && p[run] == mark[0])
				run++;
			if (run == n || (n == 2 && run == 3) || (run == 3 && n == 1))
				return run == n ? p : p + (run - n);
			p += run - 1;
		}
	}
	return NULL;
}

static bool is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == 0xA0;
}

/* May a mark of n characters stand here and begin something? */
static bool can_open(const struct line *l, const struct pair *pair, size_t n)
{
	uint32_t before = char_before(l->all, l->p), after = char_at(l->all, l->p + n);

	if (is_blank(after) || after == (uint32_t)(unsigned char)pair->mark[0])
		return false;
	if (before < 0x80 && before >= '0' && before <= '9')
		return false; /* 5**2 */
	return n > 1 && pair->mark[0] != '_' ? true : !is_word(before);
}

static bool can_close(struct rcd_sv all, const char *close, size_t n, bool strict)
{
	uint32_t before = char_before(all, close), after = char_at(all, close + n);

	return !strict || (!is_blank(before) && !is_word(after));
}

static void write_pair(struct line *l, const struct pair *pair, struct rcd_sv in, bool shown)
{
	const char *mark = pair->whatsapp != NULL ? pair->whatsapp : pair->mark;
	bool inner = pair->inner;

	if (l->how.bold && pair->bold) {
		write_nested(l, in, true);
		return;
	}
	if (shown)
		rcd_buf_str(l->out, mark);
	write_nested(l, in, pair->bold && pair->whatsapp != NULL);
	if (shown && inner)
		rcd_buf_ch(l->out, '_');
	if (shown)
		rcd_buf_ch(l->out, mark[0]);
}

/* WhatsApp's own "*x*" and Markdown's, which may be either, stay as they are. */
static bool take_pair(struct line *l, const struct pair *pair)
{
	size_t n = strlen(pair->mark);
	const bool strict = n == 1 || pair->mark[0] == '_';
	const char *from = l->p + n, *close;
	struct rcd_sv in;
	bool shown, lead, tail;

	if (!rcd_sv_starts(get_rest(l), rcd_sv(pair->mark)) || !can_open(l, pair, n) ||
	    l->how.depth >= MAX_DEPTH)
		return false;
	close = find_close(l->all, from, pair->mark);
	if (close == NULL || close == from || !can_close(l->all, close, n, strict))
		return false;
	in = (struct rcd_sv){from, (size_t)(close - from)};
	lead = is_blank((uint32_t)(unsigned char)in.p[0]);
	tail = is_blank((uint32_t)(unsigned char)in.p[in.n - 1]);
	in = rcd_sv_trim(in);
	if (in.n == 0)
		return false;
	shown = l->how.style == RCD_MARKS_WHATSAPP && !is_word(char_before(l->all, l->p)) &&
	        (tail || !is_word(char_at(l->all, close + n)));
	if (lead)
		rcd_buf_ch(l->out, ' ');
	write_pair(l, pair, in, shown);
	if (tail)
		rcd_buf_ch(l->out, ' ');
	l->p = close + n;
	return true;
}

/* "`x`", "``x``" */
static bool take_code(struct line *l)
{
	struct rcd_sv v = get_rest(l), in;
	size_t ticks = 0, n;

	while (ticks < v.n && ticks < 4 && v.p[ticks] == '`')
		ticks++;
	for (n = ticks; n + ticks <= v.n && n < FAR; n++)
		if (memcmp(v.p + n, v.p, ticks) == 0 && (n + ticks == v.n || v.p[n + ticks] != '`'))
			break;
	if (n + ticks > v.n || n >= FAR || n == ticks)
		return false;
	in = (struct rcd_sv){v.p + ticks, n - ticks};
	if (l->how.style == RCD_MARKS_WHATSAPP && ticks != 2)
		rcd_buf_add(l->out, v.p, n + ticks);
	else if (l->how.style == RCD_MARKS_WHATSAPP)
		rcd_buf_fmt(l->out, "`%.*s`", RCD_SV_ARG(rcd_sv_trim(in)));
	else
		rcd_buf_sv(l->out, in);
	l->p += n + ticks;
	return true;
}

/* --- the rest ------------------------------------------------------------------------------- */

static bool take_escape(struct line *l)
{
	struct rcd_sv v = get_rest(l);

	if (v.n < 2 || strchr("\\`*_{}[]()#+-.!~|>$", v.p[1]) == NULL)
		return false;
	rcd_buf_ch(l->out, v.p[1]);
	l->p += 2;
	return true;
}

static bool take_entity(struct line *l)
{
	static const struct {
		const char *entity, *text;
	} known[] = {{"&amp;", "&"},   {"&lt;", "<"},  {"&gt;", ">"},
	             {"&quot;", "\""}, {"&#39;", "'"}, {"&nbsp;", " "}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (rcd_sv_starts(get_rest(l), rcd_sv(known[i].entity))) {
			rcd_buf_str(l->out, known[i].text);
			l->p += strlen(known[i].entity);
			return true;
		}
	return false;
}

/* "<https://…>", "<name@host>", "<br>"; every other "<" is text. */
static bool take_angle(struct line *l)
{
	struct rcd_sv v = get_rest(l), in;
	const char *close = memchr(v.p, '>', v.n < FAR ? v.n : FAR);

	if (close == NULL)
		return false;
	in = (struct rcd_sv){v.p + 1, (size_t)(close - v.p - 1)};
	if (rcd_sv_ieq(in, RCD_SV("br")) || rcd_sv_ieq(in, RCD_SV("br/")) ||
	    rcd_sv_ieq(in, RCD_SV("br /")))
		rcd_buf_ch(l->out, l->how.cell ? ' ' : '\n');
	else if (memchr(in.p, ' ', in.n) == NULL &&
	         (rcd_sv_starts(in, RCD_SV("http://")) || rcd_sv_starts(in, RCD_SV("https://")) ||
	          (in.n > 2 && memchr(in.p + 1, '@', in.n - 2) != NULL)))
		rcd_buf_sv(l->out, in);
	else
		return false;
	l->p = close + 1;
	return true;
}

static bool take_emphasis(struct line *l)
{
	size_t run = 0;
	struct rcd_sv v = get_rest(l);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (take_pair(l, &pairs[i]))
			return true;
	while (run < v.n && v.p[run] == v.p[0]) /* a run is looked at once */
		run++;
	rcd_buf_add(l->out, v.p, run);
	l->p += run;
	return true;
}

static bool take_mark(struct line *l)
{
	switch (*l->p) {
	case '*':
	case '_':
	case '~':
		return take_emphasis(l);
	case '`':
		return take_code(l);
	case '[':
		return take_link(l, 0);
	case '!':
		return rcd_sv_starts(get_rest(l), RCD_SV("![")) && take_link(l, 1);
	case '<':
		return take_angle(l);
	case '&':
		return take_entity(l);
	case '\\':
		return take_escape(l);
	case 'h':
	case 'w':
		return take_address(l);
	default:
		return false;
	}
}

void rcd_marks_line(struct rcd_sv text, struct rcd_marks_inline how, struct rcd_buf *out)
{
	struct line l = {text, text.p, how, out};

	while (text.n > 0 && l.p < text.p + text.n && !out->bad)
		if (!take_mark(&l))
			rcd_buf_ch(out, *l.p++);
}
