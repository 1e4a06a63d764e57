#include "daemon/extract/xml.h"

#include "base/limits.h"

#include <libxml/parser.h>
#include <string.h>

#define CHUNK 65536
#define DEPTH 200

struct rcd_xml_attrs {
	const xmlChar **at; /* as libxml2 hands them over: five pointers each */
	int n;
};

struct reading {
	const struct rcd_xml_events *on;
	void *arg;
	xmlParserCtxtPtr parser;
	int depth;
	bool doctype, too_deep, enough;
};

bool rcd_xml_is(const char *name, const char *want)
{
	return strcmp(name, want) == 0;
}

static struct rcd_sv find_attr(const struct rcd_xml_attrs *at, const char *name, int from, int step)
{
	for (int i = from; i >= 0 && i < at->n; i += step) {
		const xmlChar **a = at->at + 5 * i;

		if (strcmp((const char *)a[0], name) == 0)
			return (struct rcd_sv){(const char *)a[3], (size_t)(a[4] - a[3])};
	}
	return (struct rcd_sv){NULL, 0};
}

struct rcd_sv rcd_xml_attr(const struct rcd_xml_attrs *at, const char *name)
{
	return find_attr(at, name, 0, 1);
}

struct rcd_sv rcd_xml_last_attr(const struct rcd_xml_attrs *at, const char *name)
{
	return find_attr(at, name, at->n - 1, -1);
}

int64_t rcd_xml_number(const struct rcd_xml_attrs *at, const char *name, int64_t otherwise)
{
	int64_t v;

	return rcd_parse_i64(rcd_xml_attr(at, name), INT32_MIN, INT32_MAX, &v) == 0 ? v : otherwise;
}

static void on_doctype(void *arg, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
	struct reading *r = arg;

	(void)name, (void)id, (void)system;
	r->doctype = true; /* office programs write none; entities grow from it */
	xmlStopParser(r->parser);
}

static void stop_when_enough(struct reading *r)
{
	if (r->on->enough == NULL || !r->on->enough(r->arg))
		return;
	r->enough = true;
	xmlStopParser(r->parser);
}

static void on_open(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                    int n_ns, const xmlChar **ns, int n, int n_default, const xmlChar **at)
{
	struct reading *r = arg;
	const struct rcd_xml_attrs attrs = {at, n};

	(void)prefix, (void)uri, (void)n_ns, (void)ns, (void)n_default;
	if (++r->depth > DEPTH) {
		r->too_deep = true;
		xmlStopParser(r->parser);
		return;
	}
	r->on->open(r->arg, (const char *)name, &attrs);
}

static void on_close(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct reading *r = arg;

	(void)prefix, (void)uri;
	r->depth--;
	if (r->on->close != NULL)
		r->on->close(r->arg, (const char *)name);
	stop_when_enough(r);
}

static void on_text(void *arg, const xmlChar *text, int n)
{
	struct reading *r = arg;

	if (r->on->text != NULL && n > 0)
		r->on->text(r->arg, (struct rcd_sv){(const char *)text, (size_t)n});
}

static bool feed_parser(struct reading *r, struct rcd_sv xml)
{
	bool bad = false;

	while (xml.n > 0 && !bad && !r->enough) {
		size_t n = xml.n < CHUNK ? xml.n : CHUNK;

		bad = xmlParseChunk(r->parser, xml.p, (int)n, 0) != 0;
		xml = rcd_sv_skip(xml, n);
	}
	return (!bad && xmlParseChunk(r->parser, NULL, 0, 1) != 0) || bad;
}

int rcd_xml_read(const struct rcd_xml_events *on, void *arg, struct rcd_sv xml, struct rcd_err *err)
{
	xmlSAXHandler sax = {.startElementNs = on_open,
	                     .endElementNs = on_close,
	                     .characters = on_text,
	                     .internalSubset = on_doctype,
	                     .initialized = XML_SAX2_MAGIC};
	struct reading r = {.on = on, .arg = arg};
	bool bad;

	r.parser = xmlCreatePushParserCtxt(&sax, &r, NULL, 0, NULL);
	if (r.parser == NULL)
		return rcd_fail_nomem(err);
	(void)xmlCtxtUseOptions(r.parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	bad = feed_parser(&r, xml);
	xmlFreeParserCtxt(r.parser);
	if (r.enough)
		return 0;
	if (r.too_deep)
		return rcd_fail(err, RCD_LIMIT, 0, "its elements are nested more than %d deep", DEPTH);
	if (r.doctype || bad)
		return rcd_fail(err, RCD_PROTO, 0, "the file is broken: its XML is malformed");
	return 0;
}

int rcd_xml_part(struct rcd_zip *zip, const char *name, const struct rcd_xml_events *on, void *arg,
                 struct rcd_err *err)
{
	struct rcd_buf xml;
	int ret;

	rcd_buf_init(&xml, RCD_MAX_DOCUMENT);
	ret = rcd_zip_read(zip, name, &xml, err);
	if (ret == 0)
		ret = rcd_xml_read(on, arg, rcd_buf_view(&xml), err);
	rcd_buf_free(&xml);
	return ret;
}
