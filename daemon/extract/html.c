/* HTML by libxml2's push parser: no tree is built, so that memory does not grow with the page,
 * and nothing is fetched. */

#include "base/charset.h"
#include "base/limits.h"
#include "daemon/extract/extract.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#define DEPTH 2000
#define CHUNK 65536
#define ATTRIBUTES 20000 /* words of one tag; a long text behind a lone "<" is one, too */

enum role { INLINE, BLOCK, LINE, ITEM, CELL, HEADING, TITLE, HIDDEN, MAIN, BREAK };

/* What an element means for the text in it. All others are inline. */
static const struct {
	const char *name;
	enum role role;
} roles[] = {
	{"address", BLOCK}, {"article", BLOCK},   {"aside", HIDDEN},    {"blockquote", BLOCK},
	{"body", BLOCK},    {"br", BREAK},        {"button", HIDDEN},   {"canvas", HIDDEN},
	{"caption", BLOCK}, {"dd", LINE},         {"details", BLOCK},   {"dialog", HIDDEN},
	{"div", BLOCK},     {"dl", BLOCK},        {"dt", LINE},         {"figcaption", BLOCK},
	{"figure", BLOCK},  {"footer", BLOCK},    {"form", BLOCK},      {"h1", HEADING},
	{"h2", HEADING},    {"h3", HEADING},      {"h4", HEADING},      {"h5", HEADING},
	{"h6", HEADING},    {"header", BLOCK},    {"hr", BLOCK},        {"iframe", HIDDEN},
	{"li", ITEM},       {"main", MAIN},       {"nav", HIDDEN},      {"noscript", HIDDEN},
	{"object", HIDDEN}, {"ol", BLOCK},        {"option", HIDDEN},   {"p", BLOCK},
	{"pre", BLOCK},     {"script", HIDDEN},   {"section", BLOCK},   {"select", HIDDEN},
	{"style", HIDDEN},  {"summary", LINE},    {"svg", HIDDEN},      {"table", BLOCK},
	{"td", CELL},       {"template", HIDDEN}, {"textarea", HIDDEN}, {"th", CELL},
	{"title", TITLE},   {"tr", LINE},         {"ul", BLOCK},
};

struct page {
	struct rcd_prose *out;
	htmlParserCtxtPtr parser;
	struct rcd_buf title; /* the heading that is open */
	int level;            /* its level; 0: none is open */
	int hidden;           /* open elements that show nothing */
	int mains, depth;
	int skip_depth; /* of the element that says of itself that it is hidden; 0: none */
	bool main_only; /* what lies outside of <main> does not count */
	bool cell;      /* a cell of this row had text */
	bool too_deep;
};

static enum role find_role(const xmlChar *name)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp((const char *)name, roles[i].name) == 0)
			return roles[i].role;
	return INLINE;
}

static void begin_heading(struct page *p, int level)
{
	rcd_buf_reset(&p->title);
	p->level = level;
}

static void end_heading(struct page *p)
{
	if (p->level > 0 && p->title.n > 0)
		rcd_text_heading(p->out, p->level, rcd_buf_view(&p->title));
	p->level = 0;
}

/* The white space that an element puts around its text. */
static void write_space(struct page *p, enum role role)
{
	if (p->level > 0)
		rcd_buf_ch(&p->title, ' ');
	else if (role == BLOCK || role == MAIN)
		rcd_text_paragraph(p->out);
	else if (role == LINE || role == ITEM || role == BREAK)
		rcd_text_line(p->out);
}

/* Does a style's text set what hides an element? */
static bool is_hiding(const xmlChar *style)
{
	static const char *const how[] = {"display:none", "visibility:hidden", "font-size:0"};
	char flat[256];
	size_t n = 0;

	for (; *style != '\0' && n + 1 < sizeof(flat); style++)
		if (*style > ' ')
			flat[n++] = (char)(*style >= 'A' && *style <= 'Z' ? *style + 'a' - 'A' : *style);
	flat[n] = '\0';
	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		const char *at = strstr(flat, how[i]);

		if (at != NULL && (at[strlen(how[i])] < '.' || at[strlen(how[i])] > '9')) /* not 0.9em */
			return true;
	}
	return false;
}

static bool is_hidden(const xmlChar **attribute)
{
	for (; attribute != NULL && attribute[0] != NULL; attribute += 2) {
		const char *name = (const char *)attribute[0], *value = (const char *)attribute[1];

		if (strcmp(name, "hidden") == 0 ||
		    (strcmp(name, "aria-hidden") == 0 && value != NULL && strcmp(value, "true") == 0) ||
		    (strcmp(name, "style") == 0 && value != NULL && is_hiding(attribute[1])))
			return true;
	}
	return false;
}

static void on_start(void *arg, const xmlChar *name, const xmlChar **attributes)
{
	struct page *p = arg;
	enum role role = find_role(name);

	if (++p->depth > DEPTH) {
		p->too_deep = true;
		xmlStopParser(p->parser);
		return;
	}
	if (p->skip_depth == 0 && is_hidden(attributes))
		p->skip_depth = p->depth;
	if (p->skip_depth > 0)
		return;
	p->hidden += role == HIDDEN;
	p->mains += role == MAIN;
	if (p->hidden > 0)
		return;
	if (role == HEADING || role == TITLE)
		begin_heading(p, role == HEADING ? name[1] - '0' : 1);
	else if (role != INLINE && role != CELL)
		write_space(p, role);
	if (role == LINE)
		p->cell = false;
	if (role == ITEM && (!p->main_only || p->mains > 0))
		rcd_text_add(p->out, RCD_SV("- "));
}

static void on_end(void *arg, const xmlChar *name)
{
	struct page *p = arg;
	enum role role = find_role(name);

	if (p->skip_depth > 0) {
		p->skip_depth = p->depth > p->skip_depth ? p->skip_depth : 0;
		p->depth -= p->depth > 0;
		return;
	}
	p->depth -= p->depth > 0;
	if (role == HIDDEN)
		p->hidden -= p->hidden > 0;
	if (p->hidden > 0)
		return;
	if (role == HEADING || role == TITLE)
		end_heading(p);
	else if (role != INLINE && role != CELL && role != BREAK)
		write_space(p, role);
	if (role == MAIN)
		p->mains -= p->mains > 0;
	if (role == CELL)
		p->cell = true;
}

static void on_text(void *arg, const xmlChar *text, int n)
{
	struct page *p = arg;
	struct rcd_sv v = {(const char *)text, n > 0 ? (size_t)n : 0};

	if (p->hidden > 0 || p->skip_depth > 0)
		return;
	if (p->level > 0) {
		if (p->title.n + v.n < p->title.max)
			rcd_buf_sv(&p->title, v);
		return;
	}
	if (p->main_only && p->mains == 0)
		return;
	if (p->cell && rcd_sv_trim(v).n > 0) {
		rcd_text_add(p->out, RCD_SV(" | "));
		p->cell = false;
	}
	rcd_text_add(p->out, v);
	if (p->out->over) /* enough is enough */
		xmlStopParser(p->parser);
}

static int parse_page(struct page *p, struct rcd_sv doc, struct rcd_err *err)
{
	htmlSAXHandler sax = {.startElement = on_start,
	                      .endElement = on_end,
	                      .characters = on_text,
	                      .ignorableWhitespace = on_text};

	p->parser = htmlCreatePushParserCtxt(&sax, p, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	if (p->parser == NULL)
		return rcd_fail_nomem(err);
	(void)htmlCtxtUseOptions(p->parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
	                                        HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
	                                        HTML_PARSE_IGNORE_ENC);
	while (doc.n > 0 && !p->too_deep && !p->out->over) {
		size_t n = doc.n < CHUNK ? doc.n : CHUNK;

		(void)htmlParseChunk(p->parser, doc.p, (int)n, 0);
		doc = rcd_sv_skip(doc, n);
	}
	(void)htmlParseChunk(p->parser, NULL, 0, 1);
	htmlFreeParserCtxt(p->parser);
	end_heading(p);
	return p->too_deep
	           ? rcd_fail(err, RCD_LIMIT, 0, "its elements are nested more than %d deep", DEPTH)
	           : 0;
}

static bool has_main(struct rcd_sv doc)
{
	for (size_t i = 0; i + 5 < doc.n; i++)
		if (doc.p[i] == '<' && rcd_sv_ieq((struct rcd_sv){doc.p + i, 5}, RCD_SV("<main")))
			return true;
	return false;
}

/* libxml2 compares each attribute of a tag with all before it. */
static bool has_too_many_attributes(struct rcd_sv doc)
{
	size_t n = 0;
	bool in_tag = false;

	for (size_t i = 0; i + 1 < doc.n; i++) {
		if (doc.p[i] == '<')
			n = 0, in_tag = true;
		else if (doc.p[i] == '>')
			in_tag = false;
		else if (in_tag && (unsigned char)doc.p[i] <= ' ' && ++n > ATTRIBUTES)
			return true;
	}
	return false;
}

int rcd_read_html(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err)
{
	struct page p = {.out = out};
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, 2 * RCD_MAX_DOCUMENT);
	rcd_buf_init(&p.title, 4096);
	ret = rcd_charset_utf8(doc, &text, err);
	if (ret == 0 && has_too_many_attributes(rcd_buf_view(&text)))
		ret = rcd_fail(err, RCD_LIMIT, 0, "a tag of it has more than %d words", ATTRIBUTES);
	p.main_only = ret == 0 && has_main(rcd_buf_view(&text));
	if (ret == 0)
		ret = parse_page(&p, rcd_buf_view(&text), err);
	if (ret == 0 && p.main_only && rcd_text_empty(out)) { /* an empty <main>: a script fills it */
		p = (struct page){.out = out, .title = p.title};
		ret = parse_page(&p, rcd_buf_view(&text), err);
	}
	rcd_buf_free(&p.title);
	rcd_buf_free(&text);
	return ret;
}
