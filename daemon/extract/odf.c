/* ODT and ODS: OpenDocument (ISO/IEC 26300), content.xml. Text with its headings, or sheets as
 * tables with the values as they are shown. Hidden, deleted and commented text stays out. */

#include "base/limits.h"
#include "daemon/extract/office.h"
#include "daemon/extract/table.h"

#include <stdlib.h>
#include <string.h>

#define CELL_BYTES 32768

struct odf {
	struct rcd_prose *out;
	int skip;  /* depth inside of something that is not shown; 0: it is */
	int level; /* of the heading that is open; 0: none */
	bool in_par;
	struct rcd_buf title;
	int cells;   /* of this row of a text's table */
	bool sheets; /* it is a spreadsheet */
	struct rcd_table table;
	bool in_cell;
	int repeat;           /* how often the open cell stands there */
	struct rcd_buf value; /* of it */
	struct rcd_err err;   /* of a table */
	bool failed, nomem;
};

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (rcd_xml_is(name, *names))
			return true;
	return false;
}

static bool is_hidden(const char *name, const struct rcd_xml_attrs *at)
{
	static const char *const never[] = {"tracked-changes", "annotation",
	                                    "hidden-text",     "hidden-paragraph",
	                                    "note-citation",   "automatic-styles",
	                                    "font-face-decls", "scripts",
	                                    "sequence-decls",  "forms",
	                                    "database-ranges", NULL};
	struct rcd_sv seen = rcd_xml_attr(at, "visibility");

	return is_one_of(name, never) || rcd_sv_is(seen, "collapse") || rcd_sv_is(seen, "filter") ||
	       rcd_sv_is(rcd_xml_attr(at, "display"), "none");
}

static void write_text(struct odf *o, struct rcd_sv v)
{
	if (o->in_cell) {
		if (o->value.n + v.n < o->value.max)
			rcd_buf_sv(&o->value, v);
	} else if (o->level == 0) {
		rcd_text_add(o->out, v);
	} else if (o->title.n + v.n < o->title.max) {
		rcd_buf_sv(&o->title, v);
	}
}

static void begin_table(struct odf *o, const struct rcd_xml_attrs *at)
{
	if (!o->sheets)
		return;
	rcd_text_heading(o->out, 1, rcd_xml_attr(at, "name"));
	rcd_table_begin(&o->table, o->out);
}

static void begin_cell(struct odf *o, const struct rcd_xml_attrs *at)
{
	int64_t n = rcd_xml_number(at, "number-columns-repeated", 1);

	if (!o->sheets) {
		if (o->cells++ > 0)
			rcd_text_add(o->out, RCD_SV(" | "));
		return;
	}
	o->in_cell = true;
	if (n > RCD_TABLE_COLUMNS)
		n = RCD_TABLE_COLUMNS;
	o->repeat = n < 1 ? 1 : (int)n;
	rcd_buf_reset(&o->value);
}

static void on_open(void *arg, const char *name, const struct rcd_xml_attrs *at)
{
	struct odf *o = arg;

	if (o->skip > 0 || is_hidden(name, at)) {
		o->skip++;
		return;
	}
	if (rcd_xml_is(name, "spreadsheet"))
		o->sheets = true;
	else if (rcd_xml_is(name, "table"))
		begin_table(o, at);
	else if (rcd_xml_is(name, "table-row"))
		o->cells = 0;
	else if (rcd_xml_is(name, "table-cell") || rcd_xml_is(name, "covered-table-cell"))
		begin_cell(o, at);
	else if (rcd_xml_is(name, "h") && !o->in_cell)
		o->level = (int)rcd_xml_number(at, "outline-level", 1);
	else if (rcd_xml_is(name, "list-item"))
		write_text(o, RCD_SV("- "));
	else if (rcd_xml_is(name, "tab") || rcd_xml_is(name, "s"))
		write_text(o, RCD_SV(" "));
	else if (rcd_xml_is(name, "line-break"))
		write_text(o, o->in_cell ? RCD_SV(" ") : RCD_SV("\n"));
	if (rcd_xml_is(name, "p") || rcd_xml_is(name, "h"))
		o->in_par = true;
}

static void end_paragraph(struct odf *o)
{
	o->in_par = false;
	if (o->in_cell) {
		write_text(o, RCD_SV(" "));
		return;
	}
	if (o->level > 0 && o->title.n > 0)
		rcd_text_heading(o->out, o->level, rcd_buf_view(&o->title));
	o->level = 0;
	o->nomem = o->nomem || o->title.bad;
	rcd_buf_reset(&o->title);
	if (o->cells == 0)
		rcd_text_paragraph(o->out);
	else
		rcd_text_add(o->out, RCD_SV(" "));
}

static void end_cell(struct odf *o)
{
	struct rcd_sv v = rcd_sv_trim(rcd_buf_view(&o->value));

	o->nomem = o->nomem || o->value.bad;
	for (int i = 0; o->in_cell && i < o->repeat && o->table.n_cells < RCD_TABLE_COLUMNS; i++)
		rcd_table_cell(&o->table, v);
	o->in_cell = false;
}

static void end_row(struct odf *o)
{
	if (o->sheets) {
		rcd_table_row(&o->table);
	} else {
		o->cells = 0;
		rcd_text_line(o->out);
	}
}

static void end_table(struct odf *o)
{
	if (!o->sheets)
		rcd_text_paragraph(o->out);
	else if (rcd_table_end(&o->table, &o->err) != 0)
		o->failed = true;
}

static void on_close(void *arg, const char *name)
{
	struct odf *o = arg;

	if (o->skip > 0)
		o->skip--;
	else if (rcd_xml_is(name, "p") || rcd_xml_is(name, "h"))
		end_paragraph(o);
	else if (rcd_xml_is(name, "table-cell") || rcd_xml_is(name, "covered-table-cell"))
		end_cell(o);
	else if (rcd_xml_is(name, "table-row"))
		end_row(o);
	else if (rcd_xml_is(name, "table"))
		end_table(o);
}

static void on_text(void *arg, struct rcd_sv v)
{
	struct odf *o = arg;

	if (o->skip == 0 && o->in_par)
		write_text(o, v);
}

static bool has_enough(const void *arg)
{
	const struct odf *o = arg;

	return o->out->over || o->failed || o->nomem;
}

int rcd_odf_read(struct rcd_zip *zip, struct rcd_prose *out, struct rcd_err *err)
{
	const struct rcd_xml_events on = {.open = on_open,
	                                  .close = on_close,
	                                  .text = on_text,
	                                  .enough = has_enough};
	struct odf *o = calloc(1, sizeof(*o));
	int ret;

	if (o == NULL)
		return rcd_fail_nomem(err);
	o->out = out;
	rcd_buf_init(&o->title, 4096);
	rcd_buf_init(&o->value, CELL_BYTES);
	rcd_table_begin(&o->table, out);
	ret = rcd_xml_part(zip, "content.xml", &on, o, err);
	if (ret == 0 && o->failed) {
		*err = o->err;
		ret = -1;
	}
	if (ret == 0 && o->nomem)
		ret = rcd_fail_nomem(err);
	(void)rcd_table_end(&o->table, RCD_UNREAD_ERR); /* one that was open when the text ended */
	rcd_buf_free(&o->title);
	rcd_buf_free(&o->value);
	free(o);
	return ret;
}
