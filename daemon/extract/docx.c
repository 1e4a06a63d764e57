/* DOCX: WordprocessingML. Headings by their styles, tables as lines; deleted and hidden text stays
 * out. */

#include "base/limits.h"
#include "daemon/extract/office.h"

#include <string.h>

#define STYLES 512
#define BODY "word/document.xml"

struct style {
	char id[64];
	int level;
};

/* Two files are read one after the other, with one set of handlers each. */
struct docx {
	struct rcd_prose *out;
	struct style style[STYLES]; /* those that make headings */
	int n_styles;
	char style_id[64];     /* of the style that is being defined */
	int page;              /* 0: it has none */
	int level;             /* of the paragraph that is open, 0: no heading */
	bool in_text;          /* inside of w:t */
	bool in_props, hidden; /* inside of a run's properties; the run is hidden */
	int cells;             /* cells of this row so far */
	struct rcd_buf title;
	bool nomem;
};

/* --- word/styles.xml: which styles are headings ------------------------------------------- */

static void add_style(struct docx *d, int level)
{
	struct style *s = &d->style[d->n_styles];

	if (d->n_styles >= STYLES || d->style_id[0] == '\0')
		return;
	memcpy(s->id, d->style_id, sizeof(s->id));
	s->level = level;
	d->n_styles++;
}

static void on_style(void *arg, const char *name, const struct rcd_xml_attrs *at)
{
	struct docx *d = arg;
	struct rcd_sv v;

	if (rcd_xml_is(name, "style")) {
		v = rcd_xml_attr(at, "styleId");
		d->style_id[0] = '\0';
		if (v.n > 0 && v.n < sizeof(d->style_id)) {
			memcpy(d->style_id, v.p, v.n);
			d->style_id[v.n] = '\0';
		}
	} else if (rcd_xml_is(name, "name")) { /* in English whatever the language of the program */
		v = rcd_xml_attr(at, "val");
		if (v.n == 9 && rcd_sv_ieq((struct rcd_sv){v.p, 8}, RCD_SV("heading ")) && v.p[8] >= '1' &&
		    v.p[8] <= '9')
			add_style(d, v.p[8] - '0');
		else if (rcd_sv_ieq(v, RCD_SV("Title")))
			add_style(d, 1);
	}
}

/* --- word/document.xml -------------------------------------------------------------------- */

static int find_level(const struct docx *d, struct rcd_sv style)
{
	for (int i = 0; i < d->n_styles; i++)
		if (rcd_sv_is(style, d->style[i].id))
			return d->style[i].level;
	return 0;
}

static void write_text(struct docx *d, struct rcd_sv v)
{
	if (d->level == 0)
		rcd_text_add(d->out, v);
	else if (d->title.n + v.n < d->title.max)
		rcd_buf_sv(&d->title, v);
}

/* w:vanish, unless it says that it is off */
static bool is_on(const struct rcd_xml_attrs *at)
{
	struct rcd_sv v = rcd_xml_attr(at, "val");

	return !(rcd_sv_is(v, "0") || rcd_sv_is(v, "false") || rcd_sv_is(v, "off"));
}

static void on_open(void *arg, const char *name, const struct rcd_xml_attrs *at)
{
	struct docx *d = arg;

	if (rcd_xml_is(name, "t"))
		d->in_text = true;
	else if (rcd_xml_is(name, "r"))
		d->hidden = false;
	else if (rcd_xml_is(name, "rPr"))
		d->in_props = true;
	else if (d->in_props && (rcd_xml_is(name, "vanish") || rcd_xml_is(name, "webHidden")))
		d->hidden = is_on(at);
	else if (rcd_xml_is(name, "tab"))
		write_text(d, RCD_SV(" "));
	else if (rcd_xml_is(name, "br") || rcd_xml_is(name, "cr"))
		rcd_text_line(d->out);
	else if (rcd_xml_is(name, "pStyle"))
		d->level = find_level(d, rcd_xml_attr(at, "val"));
	else if (rcd_xml_is(name, "numPr") && d->level == 0)
		rcd_text_add(d->out, RCD_SV("- "));
	else if (rcd_xml_is(name, "lastRenderedPageBreak") && d->page > 0)
		rcd_text_page(d->out, ++d->page);
	else if (rcd_xml_is(name, "tr"))
		d->cells = 0;
	else if (rcd_xml_is(name, "tc") && d->cells++ > 0)
		rcd_text_add(d->out, RCD_SV(" | "));
}

static void end_paragraph(struct docx *d)
{
	if (d->level > 0 && d->title.n > 0)
		rcd_text_heading(d->out, d->level, rcd_buf_view(&d->title));
	d->level = 0;
	d->nomem = d->nomem || d->title.bad;
	rcd_buf_reset(&d->title);
	if (d->cells == 0)
		rcd_text_paragraph(d->out);
	else /* a cell is a part of a line */
		rcd_text_add(d->out, RCD_SV(" "));
}

static void on_close(void *arg, const char *name)
{
	struct docx *d = arg;

	if (rcd_xml_is(name, "t")) {
		d->in_text = false;
	} else if (rcd_xml_is(name, "rPr")) {
		d->in_props = false;
	} else if (rcd_xml_is(name, "r")) {
		d->hidden = false;
	} else if (rcd_xml_is(name, "p")) {
		d->hidden = false; /* the paragraph mark's own properties end with it */
		end_paragraph(d);
	} else if (rcd_xml_is(name, "tr")) {
		d->cells = 0;
		rcd_text_line(d->out);
	} else if (rcd_xml_is(name, "tbl")) {
		rcd_text_paragraph(d->out);
	}
}

static void on_text(void *arg, struct rcd_sv text)
{
	struct docx *d = arg;

	if (d->in_text && !d->hidden)
		write_text(d, text);
}

static bool has_enough(const void *arg)
{
	return ((const struct docx *)arg)->out->over;
}

static int read_body(struct docx *d, struct rcd_zip *zip, struct rcd_err *err)
{
	const struct rcd_xml_events body = {.open = on_open,
	                                    .close = on_close,
	                                    .text = on_text,
	                                    .enough = has_enough};
	struct rcd_buf xml;
	int ret;

	rcd_buf_init(&xml, RCD_MAX_DOCUMENT);
	ret = rcd_zip_read(zip, BODY, &xml, err);
	if (ret == 0 && xml.n > 0 &&
	    memmem(xml.p, xml.n, "lastRenderedPageBreak", strlen("lastRenderedPageBreak")) != NULL) {
		d->page = 1;
		rcd_text_page(d->out, 1);
	}
	if (ret == 0)
		ret = rcd_xml_read(&body, d, rcd_buf_view(&xml), err);
	rcd_buf_free(&xml);
	return ret;
}

int rcd_docx_read(struct rcd_zip *zip, struct rcd_prose *out, struct rcd_err *err)
{
	const struct rcd_xml_events styles = {.open = on_style};
	struct docx d = {.out = out};
	int ret;

	rcd_buf_init(&d.title, 4096);
	ret = rcd_xml_part(zip, "word/styles.xml", &styles, &d, err);
	if (ret != 0 && err->code == RCD_NOENT) /* then nothing is a heading */
		ret = 0;
	if (ret == 0)
		ret = read_body(&d, zip, err);
	if (ret == 0 && d.nomem)
		ret = rcd_fail_nomem(err);
	rcd_buf_free(&d.title);
	return ret;
}
