/* Takes off what is for the eye: Markdown, pictures, invisible characters, broken bytes. Lines
 * that ended by their form alone (headings, items, rows) end in a full stop afterwards. */

#include "speech/spoken_int.h"

#include <string.h>

#define LOOK 600 /* bytes at most that a link or a tag may take */

static bool is_picture(uint32_t c)
{
	return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF && c != 0x27A1) ||
	       (c >= 0x2B00 && c <= 0x2BFF) || (c >= 0xE0000 && c <= 0xE007F) || c == 0x231A ||
	       c == 0x231B || (c >= 0x23E9 && c <= 0x23FA) || (c >= 0x25A0 && c <= 0x25FF) ||
	       c == 0x260E || c == 0x3030;
}

static bool is_invisible(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
	       (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
	       (c >= 0xFE00 && c <= 0xFE0F) || c == 0x20E3 || c == 0xFFFD;
}

static bool is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == 0xA0 || c == 0x202F ||
	       (c >= 0x2000 && c <= 0x200A);
}

static void unmark_text(struct rcd_sv text, int depth, struct rcd_buf *out);

/* Where c is, from p on, not far away. */
static const char *find_near(const char *p, const char *end, char c)
{
	size_t n = end - p < LOOK ? (size_t)(end - p) : LOOK;

	return memchr(p, c, n);
}

/* "[text](address)" and "[text]" give text. */
static const char *read_link(const char *p, const char *end, int depth, struct rcd_buf *out)
{
	const char *close = find_near(p, end, ']'), *stop;

	if (close == NULL || depth > 2)
		return NULL;
	unmark_text((struct rcd_sv){p + 1, (size_t)(close - p - 1)}, depth + 1, out);
	if (close + 1 < end && close[1] == '(' && (stop = find_near(close, end, ')')) != NULL)
		return stop + 1;
	return close + 1;
}

/* "<https://…>" gives the address, "<b>" nothing. */
static const char *read_tag(const char *p, const char *end, struct rcd_buf *out)
{
	const char *close = find_near(p, end, '>');
	struct rcd_sv in;

	if (close == NULL || close == p + 1 || close[-1] == ' ' ||
	    !(p[1] == '/' || (p[1] | 0x20) >= 'a'))
		return NULL;
	in = (struct rcd_sv){p + 1, (size_t)(close - p - 1)};
	if (memchr(in.p, '@', in.n) != NULL || rcd_sv_starts(in, RCD_SV("http")))
		unmark_text(in, 3, out);
	else
		rcd_buf_ch(out, ' ');
	return close + 1;
}

static const char *read_entity(const char *p, const char *end, struct rcd_buf *out)
{
	static const struct rcd_spoken_word known[] = {{"&amp;", "&"},   {"&nbsp;", " "},
	                                               {"&quot;", "\""}, {"&lt;", " "},
	                                               {"&gt;", " "},    {"&#39;", "'"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (rcd_sv_starts((struct rcd_sv){p, (size_t)(end - p)}, rcd_sv(known[i].mark))) {
			rcd_buf_str(out, known[i].said);
			return p + strlen(known[i].mark);
		}
	return NULL;
}

/* The marks of one character; false: not a mark here. */
static bool skip_mark(const char *begin, const char *p, const char *end, struct rcd_buf *out)
{
	bool inside = p > begin && p + 1 < end;

	switch (*p) {
	case '*':
		if (inside && rcd_spoken_is_digit(p[-1]) && rcd_spoken_is_digit(p[1]))
			rcd_buf_str(out, "×");
		return true;
	case '~':
		return !(p + 1 < end && rcd_spoken_is_digit(p[1]) && (p == begin || p[-1] != '~'));
	case '_':
		return !(inside && !rcd_spoken_ends(p + 1, end) && p[-1] != ' ' && p[-1] != '*' &&
		         p[-1] != '_');
	case '\\':
		return p + 1 < end && ((p[1] >= '!' && p[1] <= '/') || (p[1] >= '[' && p[1] <= '`'));
	case '#':
	case '`':
		return true;
	default:
		return false;
	}
}

static void unmark_text(struct rcd_sv text, int depth, struct rcd_buf *out)
{
	const char *p = text.p, *end = text.p + text.n;

	while (p < end) {
		const char *from = p, *next = NULL;
		uint32_t c;

		if (*p == '[')
			next = read_link(p, end, depth, out);
		else if (*p == '!' && p + 1 < end && p[1] == '[')
			next = p + 1;
		else if (*p == '<' && p + 1 < end)
			next = read_tag(p, end, out);
		else if (*p == '&')
			next = read_entity(p, end, out);
		else if (skip_mark(text.p, p, end, out))
			next = p + 1;
		if (next != NULL) {
			p = next;
			continue;
		}
		c = rcd_utf8_next(&p, end);
		if (is_picture(c))
			rcd_buf_str(out, ", "); /* they often stand where a mark would */
		else if (is_blank(c))
			rcd_buf_ch(out, ' ');
		else if (!is_invisible(c))
			rcd_buf_add(out, from, (size_t)(p - from));
	}
}

/* --- lines -------------------------------------------------------------------------------- */

static bool is_made_of(struct rcd_sv line, const char *chars)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\0' || strchr(chars, line.p[i]) == NULL)
			return false;
	return line.n >= 3;
}

static bool is_rule(struct rcd_sv line)
{
	return rcd_sv_starts(line, RCD_SV("```")) || rcd_sv_starts(line, RCD_SV("~~~")) ||
	       is_made_of(line, "-* ") || is_made_of(line, "_ ") || is_made_of(line, "= ") ||
	       (line.n > 0 && line.p[0] == '|' && is_made_of(line, "|:- "));
}

/* Takes the mark of a heading, a quotation or an item off *line. */
static bool take_form(struct rcd_sv *line)
{
	static const char *const items[] = {"- [ ] ", "- [x] ", "- ", "* ", "+ ",
	                                    "• ",     "– ",     "▪ ", "● "};
	size_t n = 0;

	while (n < line->n && line->p[n] == '#')
		n++;
	if (n > 0 && n <= 6 && n < line->n && line->p[n] == ' ') {
		*line = rcd_sv_skip(*line, n + 1);
		return true;
	}
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		if (rcd_sv_starts(*line, rcd_sv(items[i]))) {
			*line = rcd_sv_skip(*line, strlen(items[i]));
			return true;
		}
	return false;
}

/* "1. " and "2) " before an item become "1: ". */
static bool take_number(struct rcd_sv *line, struct rcd_buf *out)
{
	const char *p = line->p, *end = line->p + line->n;

	if (line->n < 4 || rcd_spoken_digits(&p, end, 1, 2) < 0 || end - p < 3 ||
	    (*p != '.' && *p != ')') || p[1] != ' ' || rcd_spoken_is_digit(p[2]))
		return false;
	rcd_buf_add(out, line->p, (size_t)(p - line->p));
	rcd_buf_str(out, ": ");
	*line = rcd_sv_skip(*line, (size_t)(p - line->p) + 2);
	return true;
}

static void end_line(struct rcd_buf *out, size_t from)
{
	while (out->n > from && strchr(" ,", out->p[out->n - 1]) != NULL)
		out->n--;
	if (out->n > from && strchr(".!?:;", out->p[out->n - 1]) == NULL &&
	    !rcd_sv_ends(rcd_buf_view(out), RCD_SV("…")))
		rcd_buf_ch(out, '.');
}

static void unmark_table_row(struct rcd_sv line, struct rcd_buf *out)
{
	struct rcd_sv cell;

	while (rcd_sv_cut(&line, '|', &cell)) {
		cell = rcd_sv_trim(cell);
		if (cell.n == 0)
			continue;
		unmark_text(cell, 0, out);
		rcd_buf_str(out, ", ");
	}
}

void rcd_spoken_unmark(struct rcd_sv text, struct rcd_buf *out)
{
	struct rcd_sv line;

	while (rcd_sv_cut(&text, '\n', &line) && !out->bad) {
		size_t from = out->n;
		bool table, form;

		line = rcd_sv_trim(line);
		if (is_rule(line))
			continue;
		while (line.n > 0 && line.p[0] == '>')
			line = rcd_sv_trim(rcd_sv_skip(line, 1));
		table = line.n > 0 && line.p[0] == '|';
		form = take_form(&line);
		form |= take_number(&line, out);
		if (table)
			unmark_table_row(line, out);
		else
			unmark_text(line, 0, out);
		if (!out->bad && (form || table))
			end_line(out, from);
		if (out->n > from && text.p != NULL)
			rcd_buf_ch(out, '\n');
	}
}

void rcd_spoken_pictures(struct rcd_sv text, const struct rcd_spoken_lang *lang,
                         struct rcd_buf *out)
{
	const struct rcd_spoken_word *known, *last = NULL;

	for (const char *p = text.p, *end = text.p + text.n; p < end; (void)rcd_utf8_next(&p, end)) {
		struct rcd_sv rest = {p, (size_t)(end - p)};

		for (known = lang->picture; known->mark != NULL; known++)
			if (known != last && rcd_sv_starts(rest, rcd_sv(known->mark))) {
				if (last != NULL)
					rcd_buf_str(out, ", ");
				rcd_buf_str(out, known->said);
				last = known;
				break;
			}
		if (out->n > RCD_MAX_SPOKEN / 2)
			break;
	}
}
