/* DOCX: a zip archive, in it WordprocessingML, read by libxml2's SAX parser. No tree, no
 * entities, no document type, nothing fetched. */

#include "base/limits.h"
#include "daemon/extract/extract.h"
#include "daemon/extract/unzip.h"

#include <libxml/parser.h>
#include <string.h>

#define CHUNK 65536
#define DEPTH 200
#define STYLES 512
#define BODY "word/document.xml"

struct style {
	char id[64];
	int level;
};

/* Two files are read one after the other, with one set of handlers each. */
struct docx {
	struct rcd_prose *out;
	xmlParserCtxtPtr parser;
	struct style style[STYLES]; /* those that make headings */
	int n_styles;
	char style_id[64];          /* of the style that is being defined */
	int depth, page;
	int level;                  /* of the paragraph that is open, 0: no heading */
	bool in_text;               /* inside of w:t */
	int cells;                  /* cells of this row so far */
	struct rcd_buf title;
	bool doctype, too_deep;
};

static bool is(const xmlChar *name, const char *want)
{
	return strcmp((const char *)name, want) == 0;
}

/* The value of an attribute by its local name, as libxml2 hands them over: five pointers each. */
static struct rcd_sv attribute(const xmlChar **at, int n, const char *name)
{
	for (int i = 0; i < n; i++, at += 5)
		if (is(at[0], name))
			return (struct rcd_sv){(const char *)at[3], (size_t)(at[4] - at[3])};
	return (struct rcd_sv){NULL, 0};
}

static void on_doctype(void *arg, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
	struct docx *d = arg;

	(void)name, (void)id, (void)system;
	d->doctype = true; /* there is none in a document of Word's; entities grow from it */
	xmlStopParser(d->parser);
}

static bool deeper(struct docx *d)
{
	if (++d->depth <= DEPTH)
		return true;
	d->too_deep = true;
	xmlStopParser(d->parser);
	return false;
}

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

static void on_style(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_ns,
                     const xmlChar **ns, int n, int n_default, const xmlChar **at)
{
	struct docx *d = arg;
	struct rcd_sv v;

	(void)prefix, (void)uri, (void)n_ns, (void)ns, (void)n_default;
	if (!deeper(d))
		return;
	if (is(name, "style")) {
		v = attribute(at, n, "styleId");
		d->style_id[0] = '\0';
		if (v.n > 0 && v.n < sizeof(d->style_id)) {
			memcpy(d->style_id, v.p, v.n);
			d->style_id[v.n] = '\0';
		}
	} else if (is(name, "name")) { /* in English whatever the language of the program */
		v = attribute(at, n, "val");
		if (v.n == 9 && rcd_sv_ieq((struct rcd_sv){v.p, 8}, RCD_SV("heading ")) && v.p[8] >= '1' && v.p[8] <= '9')
			add_style(d, v.p[8] - '0');
		else if (rcd_sv_ieq(v, RCD_SV("Title")))
			add_style(d, 1);
	}
}

static void on_close(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	(void)name, (void)prefix, (void)uri;
	((struct docx *)arg)->depth--;
}

/* --- word/document.xml -------------------------------------------------------------------- */

static int level_of(const struct docx *d, struct rcd_sv style)
{
	for (int i = 0; i < d->n_styles; i++)
		if (rcd_sv_is(style, d->style[i].id))
			return d->style[i].level;
	return 0;
}

static void say(struct docx *d, struct rcd_sv v)
{
	if (d->level == 0)
		rcd_text_add(d->out, v);
	else if (d->title.n + v.n < d->title.max)
		rcd_buf_sv(&d->title, v);
}

static void on_open(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_ns,
                    const xmlChar **ns, int n, int n_default, const xmlChar **at)
{
	struct docx *d = arg;

	(void)prefix, (void)uri, (void)n_ns, (void)ns, (void)n_default;
	if (!deeper(d))
		return;
	if (is(name, "t"))
		d->in_text = true;
	else if (is(name, "tab"))
		say(d, RCD_SV(" "));
	else if (is(name, "br") || is(name, "cr"))
		rcd_text_line(d->out);
	else if (is(name, "pStyle"))
		d->level = level_of(d, attribute(at, n, "val"));
	else if (is(name, "numPr") && d->level == 0)
		rcd_text_add(d->out, RCD_SV("- "));
	else if (is(name, "lastRenderedPageBreak") && d->page > 0)
		rcd_text_page(d->out, ++d->page);
	else if (is(name, "tr"))
		d->cells = 0;
	else if (is(name, "tc") && d->cells++ > 0)
		rcd_text_add(d->out, RCD_SV(" | "));
}

static void end_paragraph(struct docx *d)
{
	if (d->level > 0 && d->title.n > 0)
		rcd_text_heading(d->out, d->level, rcd_buf_view(&d->title));
	d->level = 0;
	rcd_buf_reset(&d->title);
	if (d->cells == 0)
		rcd_text_paragraph(d->out);
	else /* a cell is a part of a line */
		rcd_text_add(d->out, RCD_SV(" "));
}

static void on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct docx *d = arg;

	on_close(arg, name, prefix, uri);
	if (is(name, "t")) {
		d->in_text = false;
	} else if (is(name, "p")) {
		end_paragraph(d);
	} else if (is(name, "tr")) {
		d->cells = 0;
		rcd_text_line(d->out);
	} else if (is(name, "tbl")) {
		rcd_text_paragraph(d->out);
	}
	if (d->out->over)
		xmlStopParser(d->parser);
}

static void on_text(void *arg, const xmlChar *text, int n)
{
	struct docx *d = arg;

	if (d->in_text && n > 0)
		say(d, (struct rcd_sv){(const char *)text, (size_t)n});
}

/* --- both --------------------------------------------------------------------------------- */

static int parse(struct docx *d, xmlSAXHandler *sax, struct rcd_sv xml, struct rcd_err *err)
{
	bool bad = false;

	d->depth = 0;
	sax->initialized = XML_SAX2_MAGIC;
	sax->internalSubset = on_doctype;
	d->parser = xmlCreatePushParserCtxt(sax, d, NULL, 0, NULL);
	if (d->parser == NULL)
		return rcd_fail_nomem(err);
	(void)xmlCtxtUseOptions(d->parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	while (xml.n > 0 && !bad) {
		size_t n = xml.n < CHUNK ? xml.n : CHUNK;

		bad = xmlParseChunk(d->parser, xml.p, (int)n, 0) != 0;
		xml = rcd_sv_skip(xml, n);
	}
	bad = (!bad && xmlParseChunk(d->parser, NULL, 0, 1) != 0) || bad;
	xmlFreeParserCtxt(d->parser);
	d->parser = NULL;
	if (d->out->over) /* whoever asked for an end of it */
		return 0;
	if (d->too_deep)
		return rcd_fail(err, RCD_LIMIT, 0, "its elements are nested more than %d deep", DEPTH);
	if (d->doctype || bad)
		return rcd_fail(err, RCD_PROTO, 0, "the file is broken: its XML is malformed");
	return 0;
}

static int read_part(struct docx *d, struct rcd_zip *zip, const char *name, xmlSAXHandler *sax, struct rcd_err *err)
{
	struct rcd_buf xml;
	int ret;

	rcd_buf_init(&xml, RCD_MAX_DOCUMENT);
	ret = rcd_zip_read(zip, name, &xml, err);
	if (ret == 0 && strcmp(name, BODY) == 0 && xml.n > 0 &&
	    memmem(xml.p, xml.n, "lastRenderedPageBreak", strlen("lastRenderedPageBreak")) != NULL) {
		d->page = 1;
		rcd_text_page(d->out, 1);
	}
	if (ret == 0)
		ret = parse(d, sax, rcd_buf_view(&xml), err);
	rcd_buf_free(&xml);
	return ret;
}

int rcd_read_docx(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err)
{
	xmlSAXHandler styles = {.startElementNs = on_style, .endElementNs = on_close};
	xmlSAXHandler body = {.startElementNs = on_open, .endElementNs = on_end, .characters = on_text};
	struct docx d = {.out = out};
	struct rcd_zip *zip = NULL;
	struct rcd_err why = {0};
	int ret;

	if (rcd_zip_open(&zip, doc, err) != 0)
		return -1;
	rcd_buf_init(&d.title, 4096);
	ret = read_part(&d, zip, "word/styles.xml", &styles, &why);
	if (ret != 0 && why.code == RCD_NOENT) /* then nothing is a heading */
		ret = 0;
	if (ret == 0)
		ret = read_part(&d, zip, BODY, &body, &why);
	if (ret != 0 && why.code == RCD_NOENT)
		(void)rcd_fail(&why, RCD_PROTO, 0, "it is a zip archive, but not a document of Word's (.docx)");
	if (ret != 0 && err != NULL)
		*err = why;
	rcd_buf_free(&d.title);
	rcd_zip_close(zip);
	return ret;
}
