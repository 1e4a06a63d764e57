/* Markdown by its lines: headings, lists, rules, tables, code blocks. */

#include "answer/marks.h"

#include "answer/marks_int.h"
#include "answer/sentence.h"
#include "base/limits.h"
#include "base/visible.h"

#include <string.h>

#define MAX_INDENT 8

void rcd_marks_init(struct rcd_marks *m, enum rcd_marks_style style)
{
	*m = (struct rcd_marks){.style = style};
	rcd_buf_init(&m->line, RCD_MAX_TEXT);
	rcd_buf_init(&m->held, RCD_MAX_TEXT);
	rcd_buf_init(&m->head, RCD_MAX_TEXT);
}

void rcd_marks_done(struct rcd_marks *m)
{
	rcd_buf_free(&m->line);
	rcd_buf_free(&m->held);
	rcd_buf_free(&m->head);
}

static bool is_plain(const struct rcd_marks *m)
{
	return m->style == RCD_MARKS_PLAIN;
}

static void write_inline(const struct rcd_marks *m, struct rcd_sv text, struct rcd_buf *out)
{
	rcd_marks_line(text, (struct rcd_marks_inline){.style = m->style}, out);
}

/* Before a line is written: blank lines become one, and none stands at the beginning. */
static void begin_line(struct rcd_marks *m, struct rcd_buf *out)
{
	if (m->any)
		rcd_buf_str(out, m->gap ? "\n\n" : "\n");
	m->any = true;
	m->gap = false;
}

/* --- tables -------------------------------------------------------------------------------- */

static bool has_pipe(struct rcd_sv line)
{
	return line.n > 0 && memchr(line.p, '|', line.n) != NULL;
}

/* "|---|:-:|" */
static bool is_dashes(struct rcd_sv line)
{
	bool dash = false;

	for (size_t i = 0; i < line.n; i++) {
		if (strchr("|:- \t", line.p[i]) == NULL)
			return false;
		dash = dash || line.p[i] == '-';
	}
	return dash && has_pipe(line);
}

/* The next cell of a row; "\|" does not end it. */
static bool next_cell(struct rcd_sv *row, struct rcd_sv *cell)
{
	size_t n = 0;

	if (row->n == 0)
		return false;
	while (n < row->n && row->p[n] != '|')
		n += row->p[n] == '\\' && n + 1 < row->n ? 2 : 1;
	*cell = rcd_sv_trim((struct rcd_sv){row->p, n});
	*row = rcd_sv_skip(*row, n + 1 < row->n ? n + 1 : row->n);
	return true;
}

static struct rcd_sv strip_row(struct rcd_sv line)
{
	return line.n > 0 && line.p[0] == '|' ? rcd_sv_skip(line, 1) : line;
}

static void read_head(struct rcd_marks *m)
{
	struct rcd_sv row = strip_row(rcd_buf_view(&m->held)), cell;

	rcd_buf_reset(&m->head);
	while (next_cell(&row, &cell)) {
		rcd_marks_line(cell, (struct rcd_marks_inline){.style = RCD_MARKS_PLAIN, .cell = true},
		               &m->head);
		rcd_buf_ch(&m->head, '\n');
	}
	m->is_held = false;
	m->table = true;
}

static void write_row(struct rcd_marks *m, struct rcd_sv line, struct rcd_buf *out)
{
	struct rcd_sv row = strip_row(line), cell, names = rcd_buf_view(&m->head), name;
	bool first = true;

	begin_line(m, out);
	while (next_cell(&row, &cell)) {
		if (names.n == 0 || !rcd_sv_cut(&names, '\n', &name))
			name = (struct rcd_sv){NULL, 0};
		if (cell.n == 0)
			continue;
		rcd_buf_str(out, first ? "" : "; ");
		first = false;
		if (name.n > 0)
			rcd_buf_fmt(out, "%.*s: ", RCD_SV_ARG(name));
		rcd_marks_line(cell, (struct rcd_marks_inline){.style = m->style, .cell = true}, out);
	}
}

/* --- lines --------------------------------------------------------------------------------- */

static bool is_fence(struct rcd_sv line)
{
	return rcd_sv_starts(line, RCD_SV("```")) || rcd_sv_starts(line, RCD_SV("~~~"));
}

/* "---", "* * *": a line across the page. */
static bool is_rule(struct rcd_sv line)
{
	size_t n = 0;

	if (line.n < 3 || strchr("-*_=", line.p[0]) == NULL)
		return false;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] != line.p[0] && line.p[i] != ' ')
			return false;
		n += line.p[i] == line.p[0];
	}
	return n >= 3;
}

static size_t count_hashes(struct rcd_sv line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '#')
		n++;
	return n > 0 && n <= 6 && n < line.n && line.p[n] == ' ' ? n : 0;
}

/* WhatsApp has no headings: a bold line stands for one. */
static void write_heading(struct rcd_marks *m, struct rcd_sv text, struct rcd_buf *out)
{
	struct rcd_buf plain;
	bool bold;

	while (text.n > 0 && text.p[text.n - 1] == '#')
		text.n--;
	text = rcd_sv_trim(text);
	rcd_buf_init(&plain, out->max);
	rcd_marks_line(text, (struct rcd_marks_inline){.style = m->style, .bold = true}, &plain);
	bold = !is_plain(m) && plain.n > 0 && memchr(plain.p, '*', plain.n) == NULL;
	if (bold)
		rcd_buf_ch(out, '*');
	rcd_buf_sv(out, rcd_buf_view(&plain));
	if (bold)
		rcd_buf_ch(out, '*');
	out->bad = out->bad || plain.bad;
	rcd_buf_free(&plain);
}

/* "- ", "* ", "+ ", and the box of a task. */
static size_t measure_bullet(struct rcd_sv line)
{
	static const char *const box[] = {"[ ] ", "[x] ", "[X] "};

	if (line.n < 2 || strchr("-*+", line.p[0]) == NULL || line.p[1] != ' ')
		return 0;
	for (size_t i = 0; i < sizeof(box) / sizeof(box[0]); i++)
		if (rcd_sv_starts(rcd_sv_skip(line, 2), rcd_sv(box[i])))
			return 2 + strlen(box[i]);
	return 2;
}

/* "R$ 5,00*" points at a line that begins with "* ", which is no item of a list then. */
static bool has_note(struct rcd_sv line)
{
	size_t stars = 0;
	bool touches = false;

	for (size_t i = 1; i < line.n; i++)
		if (line.p[i] == '*') {
			stars++;
			touches = touches || (line.p[i - 1] >= '0' && line.p[i - 1] <= '9');
		}
	return touches && stars % 2 == 1;
}

static void write_text(struct rcd_marks *m, struct rcd_sv line, size_t indent, struct rcd_buf *out)
{
	size_t n = count_hashes(line);

	m->noted = m->noted || has_note(line);
	begin_line(m, out);
	if (n > 0) {
		write_heading(m, rcd_sv_skip(line, n), out);
		return;
	}
	n = m->noted && line.n > 0 && line.p[0] == '*' ? 0 : measure_bullet(line);
	if (n > 0)
		rcd_buf_fmt(out, "%*s- ", (int)(indent < MAX_INDENT ? indent : MAX_INDENT), "");
	else
		while (line.n > 0 && line.p[0] == '>' && (is_plain(m) || rcd_sv_starts(line, RCD_SV(">>"))))
			line = rcd_sv_trim(rcd_sv_skip(line, 1));
	write_inline(m, rcd_sv_trim(rcd_sv_skip(line, n)), out);
}

static void write_fence(struct rcd_marks *m, struct rcd_buf *out)
{
	m->fenced = !m->fenced;
	if (is_plain(m))
		return;
	begin_line(m, out);
	rcd_buf_str(out, "```");
}

static void write_line(struct rcd_marks *m, struct rcd_sv raw, struct rcd_buf *out);

static void write_held(struct rcd_marks *m, struct rcd_buf *out)
{
	if (!m->is_held)
		return;
	m->is_held = false;
	if (rcd_buf_view(&m->held).p[0] == '|') {
		rcd_buf_reset(&m->head);
		write_row(m, rcd_buf_view(&m->held), out);
	} else {
		write_text(m, rcd_buf_view(&m->held), 0, out);
	}
}

/* A line of a table, or one that may turn out to begin one. */
static bool take_table(struct rcd_marks *m, struct rcd_sv line, struct rcd_buf *out)
{
	if (m->is_held && is_dashes(line)) {
		read_head(m);
		return true;
	}
	write_held(m, out);
	m->table = m->table && has_pipe(line);
	if (m->table) {
		write_row(m, line, out);
		return true;
	}
	if (!has_pipe(line) || is_dashes(line))
		return false;
	rcd_buf_reset(&m->held);
	rcd_buf_sv(&m->held, line);
	m->is_held = !m->held.bad;
	return true;
}

static void write_line(struct rcd_marks *m, struct rcd_sv raw, struct rcd_buf *out)
{
	struct rcd_sv line = rcd_sv_trim(raw);
	size_t indent = line.n > 0 ? (size_t)(line.p - raw.p) : 0;

	if (is_fence(line) && (m->fenced || memchr(line.p + 3, '`', line.n - 3) == NULL)) {
		write_held(m, out);
		write_fence(m, out);
	} else if (m->fenced) {
		begin_line(m, out);
		rcd_buf_sv(out, raw);
	} else if (take_table(m, line, out)) {
		return;
	} else if (line.n == 0 || is_rule(line) || is_dashes(line)) {
		m->gap = true;
	} else {
		write_text(m, line, indent, out);
	}
}

/* --- as it comes --------------------------------------------------------------------------- */

void rcd_marks_push(struct rcd_marks *m, struct rcd_sv text, struct rcd_buf *out)
{
	struct rcd_sv part;

	while (text.p != NULL && rcd_sv_cut(&text, '\n', &part)) {
		rcd_buf_sv(&m->line, part);
		if (text.p == NULL)
			break;
		write_line(m, rcd_buf_view(&m->line), out);
		out->bad = out->bad || m->line.bad || m->held.bad || m->head.bad;
		m->line.n = 0;
	}
	out->bad = out->bad || m->line.bad;
}

size_t rcd_marks_cut(struct rcd_marks *m)
{
	size_t n = m->line.n, keep = rcd_sentence_last(rcd_buf_view(&m->line));

	m->line.n = keep;
	return n - keep;
}

void rcd_marks_end(struct rcd_marks *m, struct rcd_buf *out)
{
	if (m->line.n > 0)
		write_line(m, rcd_buf_view(&m->line), out);
	m->line.n = 0;
	write_held(m, out);
	if (m->fenced)
		write_fence(m, out);
	out->bad = out->bad || m->line.bad || m->held.bad || m->head.bad;
}

void rcd_marks_text(struct rcd_sv text, enum rcd_marks_style style, struct rcd_buf *out)
{
	struct rcd_marks m;

	rcd_marks_init(&m, style);
	rcd_marks_push(&m, text, out);
	rcd_marks_end(&m, out);
	rcd_marks_done(&m);
}
