/* XLSX: SpreadsheetML (ECMA-376 part 1, clause 18). Each sheet is a heading and a table; hidden
 * sheets, rows and columns stay out. Values are written as the sheet shows them. */

#include "base/limits.h"
#include "daemon/extract/office.h"
#include "daemon/extract/rels.h"
#include "daemon/extract/table.h"
#include "daemon/extract/xlsx_number.h"

#include <stdlib.h>
#include <string.h>

#define SHEETS 256
#define HIDDEN_RANGES 256
#define CELL_BYTES 32768

struct sheet {
	char name[128], rel[64];
};

struct strings { /* the texts that cells share */
	struct rcd_buf text;
	size_t *at; /* where each begins in text, with its end behind the last */
	size_t n, cap;
	bool in_text, phonetic, nomem;
};

struct book {
	struct rcd_prose *out;
	struct rcd_zip *zip;
	struct sheet sheet[SHEETS];
	int n_sheets;
	struct strings shared;
	struct rcd_xlsx_formats formats;
	/* the sheet that is being read */
	struct rcd_table table;
	struct {
		int from, to;
	} hidden[HIDDEN_RANGES];
	int n_hidden;
	bool row_hidden, in_value;
	int column; /* of the cell that is open, from 0 */
	char type;  /* of it: s shared, i inline, b, e, t a formula's text, n */
	int64_t style;
	struct rcd_buf value; /* of it */
	bool nomem;
};

static bool is_true(struct rcd_sv v)
{
	return rcd_sv_is(v, "1") || rcd_sv_is(v, "true");
}

static void copy_name(char *out, size_t size, struct rcd_sv v)
{
	size_t n = rcd_utf8_cut(v, size - 1);

	memcpy(out, v.n > 0 ? v.p : "", n);
	out[n] = '\0';
}

/* --- xl/workbook.xml ------------------------------------------------------------------------ */

static void on_workbook(void *arg, const char *name, const struct rcd_xml_attrs *at)
{
	struct book *b = arg;
	struct rcd_sv state = rcd_xml_attr(at, "state");

	if (rcd_xml_is(name, "workbookPr"))
		b->formats.from_1904 = is_true(rcd_xml_attr(at, "date1904"));
	if (!rcd_xml_is(name, "sheet") || b->n_sheets >= SHEETS || rcd_sv_is(state, "hidden") ||
	    rcd_sv_is(state, "veryHidden"))
		return;
	copy_name(b->sheet[b->n_sheets].name, sizeof(b->sheet[0].name), rcd_xml_attr(at, "name"));
	copy_name(b->sheet[b->n_sheets++].rel, sizeof(b->sheet[0].rel), rcd_xml_attr(at, "id"));
}

/* --- xl/sharedStrings.xml ------------------------------------------------------------------- */

static void begin_string(struct strings *s)
{
	if (s->n + 1 >= s->cap) {
		size_t cap = s->cap == 0 ? 1024 : 2 * s->cap;
		size_t *more = realloc(s->at, cap * sizeof(*more));

		if (more == NULL) {
			s->nomem = true;
			return;
		}
		s->at = more;
		s->cap = cap;
	}
	s->at[s->n++] = s->text.n;
	s->at[s->n] = s->text.n;
}

static void on_string(void *arg, const char *name, const struct rcd_xml_attrs *at)
{
	struct strings *s = arg;

	(void)at;
	if (rcd_xml_is(name, "si"))
		begin_string(s);
	else if (rcd_xml_is(name, "rPh")) /* how a Japanese text is read */
		s->phonetic = true;
	else if (rcd_xml_is(name, "t"))
		s->in_text = true;
}

static void on_string_end(void *arg, const char *name)
{
	struct strings *s = arg;

	if (rcd_xml_is(name, "rPh"))
		s->phonetic = false;
	else if (rcd_xml_is(name, "t"))
		s->in_text = false;
	else if (rcd_xml_is(name, "si") && s->n > 0 && !s->nomem)
		s->at[s->n] = s->text.n;
}

static void on_string_text(void *arg, struct rcd_sv v)
{
	struct strings *s = arg;

	if (s->in_text && !s->phonetic && s->n > 0)
		rcd_buf_sv(&s->text, v);
}

static bool is_strings_full(const void *arg)
{
	const struct strings *s = arg;

	return s->nomem || s->text.bad;
}

static struct rcd_sv get_shared_string(const struct strings *s, struct rcd_sv index)
{
	int64_t i;

	if (rcd_parse_i64(index, 0, INT32_MAX, &i) != 0 || (size_t)i >= s->n)
		return RCD_SV("");
	return (struct rcd_sv){s->text.p + s->at[i], s->at[i + 1] - s->at[i]};
}

static int read_strings(struct book *b, struct rcd_err *err)
{
	const struct rcd_xml_events on = {.open = on_string,
	                                  .close = on_string_end,
	                                  .text = on_string_text,
	                                  .enough = is_strings_full};

	if (rcd_xml_part(b->zip, "xl/sharedStrings.xml", &on, &b->shared, err) != 0)
		return err->code == RCD_NOENT ? 0 : -1; /* a sheet of numbers has none */
	if (b->shared.text.over)
		return rcd_fail(err, RCD_LIMIT, 0, "it holds more than %d MB of text",
		                RCD_MAX_DOCUMENT_TEXT >> 20);
	return b->shared.nomem || b->shared.text.bad ? rcd_fail_nomem(err) : 0;
}

/* --- xl/worksheets/sheet1.xml --------------------------------------------------------------- */

/* "AB12" to 27; -1 without letters. */
static int parse_column(struct rcd_sv ref)
{
	int column = 0;

	for (size_t i = 0; i < ref.n && ref.p[i] >= 'A' && ref.p[i] <= 'Z' && column < 20000; i++)
		column = 26 * column + ref.p[i] - 'A' + 1;
	return column - 1;
}

static bool is_column_hidden(const struct book *b, int column)
{
	for (int i = 0; i < b->n_hidden; i++)
		if (column >= b->hidden[i].from && column <= b->hidden[i].to)
			return true;
	return false;
}

static char find_type(struct rcd_sv t)
{
	static const struct {
		const char *name;
		char type;
	} types[] = {{"s", 's'}, {"inlineStr", 'i'}, {"str", 't'}, {"b", 'b'}, {"e", 'e'}, {"d", 't'}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (rcd_sv_is(t, types[i].name))
			return types[i].type;
	return 'n';
}

static void begin_cell(struct book *b, const struct rcd_xml_attrs *at)
{
	int column = parse_column(rcd_xml_attr(at, "r"));

	b->column = column >= 0 ? column : b->column + 1;
	b->type = find_type(rcd_xml_attr(at, "t"));
	b->style = rcd_xml_number(at, "s", 0);
	rcd_buf_reset(&b->value);
}

static void hide_columns(struct book *b, const struct rcd_xml_attrs *at)
{
	if (!is_true(rcd_xml_attr(at, "hidden")) || b->n_hidden >= HIDDEN_RANGES)
		return;
	b->hidden[b->n_hidden].from = (int)rcd_xml_number(at, "min", 1) - 1;
	b->hidden[b->n_hidden++].to = (int)rcd_xml_number(at, "max", 1) - 1;
}

static void on_sheet(void *arg, const char *name, const struct rcd_xml_attrs *at)
{
	struct book *b = arg;

	if (rcd_xml_is(name, "c")) {
		begin_cell(b, at);
	} else if (rcd_xml_is(name, "row")) {
		b->row_hidden = is_true(rcd_xml_attr(at, "hidden"));
		b->column = -1;
	} else if (rcd_xml_is(name, "col")) {
		hide_columns(b, at);
	} else if (rcd_xml_is(name, "v") || rcd_xml_is(name, "t")) {
		b->in_value = true;
	}
}

/* The cells between the last one and this are empty ones, which a sheet leaves out. */
static void place_cell(struct book *b, struct rcd_sv v)
{
	int hidden = 0;

	if (v.n == 0 || b->row_hidden || is_column_hidden(b, b->column))
		return;
	for (int i = 0; i < b->column && i < RCD_TABLE_COLUMNS; i++)
		hidden += is_column_hidden(b, i);
	while (b->table.n_cells < b->column - hidden && b->table.n_cells < RCD_TABLE_COLUMNS)
		rcd_table_cell(&b->table, RCD_SV(""));
	rcd_table_cell(&b->table, v);
}

static void end_cell(struct book *b)
{
	char shown[64];
	struct rcd_sv v = rcd_sv_trim(rcd_buf_view(&b->value));

	b->nomem = b->nomem || b->value.bad;
	if (b->type == 's')
		v = get_shared_string(&b->shared, v);
	else if (b->type == 'e')
		v = RCD_SV(""); /* "#REF!" tells nobody anything */
	else if (b->type == 'b')
		v = rcd_sv_is(v, "1") ? RCD_SV("sim") : RCD_SV("não");
	else if (b->type == 'n' && rcd_xlsx_show(&b->formats, b->style, v, shown))
		v = rcd_sv(shown);
	place_cell(b, v);
}

static void on_sheet_end(void *arg, const char *name)
{
	struct book *b = arg;

	if (rcd_xml_is(name, "v") || rcd_xml_is(name, "t"))
		b->in_value = false;
	else if (rcd_xml_is(name, "c"))
		end_cell(b);
	else if (rcd_xml_is(name, "row"))
		rcd_table_row(&b->table);
}

static void on_sheet_text(void *arg, struct rcd_sv v)
{
	struct book *b = arg;

	if (b->in_value && b->value.n + v.n < b->value.max)
		rcd_buf_sv(&b->value, v);
}

static bool is_sheet_full(const void *arg)
{
	const struct book *b = arg;

	return b->out->over || b->nomem;
}

static int read_sheet(struct book *b, const struct sheet *s, const char *part, struct rcd_err *err)
{
	const struct rcd_xml_events on = {.open = on_sheet,
	                                  .close = on_sheet_end,
	                                  .text = on_sheet_text,
	                                  .enough = is_sheet_full};
	struct rcd_err ended;
	int ret;

	b->n_hidden = 0;
	rcd_text_heading(b->out, 1, rcd_sv(s->name));
	rcd_table_begin(&b->table, b->out);
	ret = rcd_xml_part(b->zip, part, &on, b, err);
	if (rcd_table_end(&b->table, &ended) != 0 && ret == 0) {
		*err = ended;
		ret = -1;
	}
	return ret;
}

static int read_sheets(struct book *b, struct rcd_err *err)
{
	struct rcd_rels *rels = calloc(1, sizeof(*rels));
	char part[256];
	int ret;

	if (rels == NULL)
		return rcd_fail_nomem(err);
	ret = rcd_rels_read(rels, b->zip, "xl/_rels/workbook.xml.rels", "xl/", err);
	for (int i = 0; ret == 0 && i < b->n_sheets && !b->out->over; i++)
		if (rcd_rels_find(rels, rcd_sv(b->sheet[i].rel), part))
			ret = read_sheet(b, &b->sheet[i], part, err);
	rcd_rels_done(rels);
	free(rels);
	return ret;
}

int rcd_xlsx_read(struct rcd_zip *zip, struct rcd_prose *out, struct rcd_err *err)
{
	const struct rcd_xml_events workbook = {.open = on_workbook};
	struct book *b = calloc(1, sizeof(*b));
	int ret;

	if (b == NULL)
		return rcd_fail_nomem(err);
	b->out = out;
	b->zip = zip;
	rcd_buf_init(&b->shared.text, RCD_MAX_DOCUMENT_TEXT);
	rcd_buf_init(&b->value, CELL_BYTES);
	ret = rcd_xml_part(zip, "xl/workbook.xml", &workbook, b, err);
	if (ret == 0)
		ret = rcd_xlsx_formats(&b->formats, zip, err);
	if (ret == 0)
		ret = read_strings(b, err);
	if (ret == 0)
		ret = read_sheets(b, err);
	if (ret == 0 && b->nomem)
		ret = rcd_fail_nomem(err);
	rcd_buf_free(&b->shared.text);
	rcd_buf_free(&b->value);
	free(b->shared.at);
	free(b);
	return ret;
}
