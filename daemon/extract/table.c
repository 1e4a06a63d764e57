#include "daemon/extract/table.h"

#define ROW_BYTES (256 * 1024)
#define TITLES 10 /* rows of one cell at the top that may be titles; with more it is a list */

void rcd_table_begin(struct rcd_table *t, struct rcd_prose *out)
{
	*t = (struct rcd_table){.out = out};
	rcd_buf_init(&t->header, ROW_BYTES);
	rcd_buf_init(&t->row, ROW_BYTES);
	rcd_buf_init(&t->lead, ROW_BYTES);
}

void rcd_table_cell(struct rcd_table *t, struct rcd_sv value)
{
	struct rcd_sv v = rcd_sv_trim(value);

	if (t->n_cells >= RCD_TABLE_COLUMNS) {
		t->too_wide = t->too_wide || v.n > 0;
		return;
	}
	t->cell[t->n_cells++] = t->row.n;
	rcd_buf_sv(&t->row, v);
	rcd_buf_ch(&t->row, '\0');
	t->n_filled += v.n > 0;
}

static struct rcd_sv get_cell(const struct rcd_table *t, int i)
{
	return rcd_sv(t->row.p + t->cell[i]);
}

/* The first filled cell. */
static struct rcd_sv find_only_cell(const struct rcd_table *t)
{
	for (int i = 0; i < t->n_cells; i++)
		if (get_cell(t, i).n > 0)
			return get_cell(t, i);
	return RCD_SV("");
}

static void write_titles(struct rcd_table *t)
{
	struct rcd_sv rest = rcd_buf_view(&t->lead), line;

	while (rest.n > 0 && rcd_sv_cut(&rest, '\0', &line)) {
		rcd_text_add(t->out, line);
		rcd_text_line(t->out);
	}
	rcd_text_paragraph(t->out);
	rcd_buf_reset(&t->lead);
	t->titles = 0;
}

static void name_columns(struct rcd_table *t)
{
	for (int i = 0; i < t->n_cells; i++) {
		t->name[i] = t->header.n;
		rcd_buf_sv(&t->header, get_cell(t, i));
		rcd_buf_ch(&t->header, '\0');
	}
	t->n_names = t->n_cells;
	t->named = true;
}

/* What looked like titles was a list of one column: the first of them names it. */
static void write_list(struct rcd_table *t)
{
	struct rcd_sv rest = rcd_buf_view(&t->lead), name, value;
	bool more = rest.n > 0 && rcd_sv_cut(&rest, '\0', &name) && rest.n > 0;

	if (!more && t->lead.n > 0) { /* one row alone names nothing */
		rcd_text_add(t->out, rcd_sv(t->lead.p));
		rcd_text_line(t->out);
	}
	while (more && rest.n > 0 && rcd_sv_cut(&rest, '\0', &value)) {
		rcd_text_add(t->out, name);
		rcd_text_add(t->out, RCD_SV(": "));
		rcd_text_add(t->out, value);
		rcd_text_paragraph(t->out);
	}
	if (more) {
		t->name[0] = t->header.n;
		rcd_buf_sv(&t->header, name);
		rcd_buf_ch(&t->header, '\0');
		t->n_names = t->rows = 1;
	}
	t->named = more;
	rcd_buf_reset(&t->lead);
	t->titles = 0;
}

static void write_row(struct rcd_table *t)
{
	for (int i = 0; i < t->n_cells; i++) {
		struct rcd_sv v = get_cell(t, i);

		if (v.n == 0)
			continue;
		if (i < t->n_names && t->header.p[t->name[i]] != '\0') {
			rcd_text_add(t->out, rcd_sv(t->header.p + t->name[i]));
			rcd_text_add(t->out, RCD_SV(": "));
		}
		rcd_text_add(t->out, v);
		rcd_text_line(t->out);
	}
	rcd_text_paragraph(t->out);
	t->rows++;
}

/* A header without a row below it is no header. */
static void write_header(struct rcd_table *t)
{
	for (int i = 0; i < t->n_names; i++) {
		rcd_text_add(t->out, rcd_sv(t->header.p + t->name[i]));
		rcd_text_line(t->out);
	}
}

static void take_row(struct rcd_table *t)
{
	if (t->named) {
		write_row(t);
	} else if (t->n_filled > 1) {
		write_titles(t);
		name_columns(t);
	} else {
		rcd_buf_sv(&t->lead, find_only_cell(t));
		rcd_buf_ch(&t->lead, '\0');
		if (++t->titles > TITLES)
			write_list(t);
	}
}

void rcd_table_row(struct rcd_table *t)
{
	if (t->n_filled > 0 && !t->row.bad && !t->header.bad && !t->lead.bad)
		take_row(t);
	t->n_cells = t->n_filled = 0;
	if (!t->row.bad)
		rcd_buf_reset(&t->row);
}

int rcd_table_end(struct rcd_table *t, struct rcd_err *err)
{
	bool bad, over;

	if (!t->named && !t->lead.bad)
		write_list(t);
	else if (t->rows == 0 && !t->header.bad)
		write_header(t);
	bad = t->row.bad || t->header.bad || t->lead.bad;
	over = t->row.over || t->header.over || t->lead.over || t->too_wide;
	rcd_buf_free(&t->row);
	rcd_buf_free(&t->header);
	rcd_buf_free(&t->lead);
	*t = (struct rcd_table){.out = t->out};
	if (over)
		return rcd_fail(err, RCD_LIMIT, 0, "a row of it has more than %d columns, or is too long",
		                RCD_TABLE_COLUMNS);
	return bad ? rcd_fail_nomem(err) : 0;
}
