#ifndef RCD_EXTRACT_XML_H
#define RCD_EXTRACT_XML_H

#include "base/buf.h"
#include "base/err.h"
#include "daemon/extract/unzip.h"

/* SAX parser for the XML of office documents, by libxml2: no tree, no entities, no document type,
 * no network. Names are local names, without namespace. */

struct rcd_xml_attrs; /* of one element, while on->open runs */
/* Is the local name of an element want? */
bool rcd_xml_is(const char *name, const char *want);
/* The value of an attribute; absent when there is none. A view. */
struct rcd_sv rcd_xml_attr(const struct rcd_xml_attrs *at, const char *name);
/* The last one, where attributes of several namespaces share the name. */
struct rcd_sv rcd_xml_last_attr(const struct rcd_xml_attrs *at, const char *name);
/* Its value as a number, or otherwise. */
int64_t rcd_xml_number(const struct rcd_xml_attrs *at, const char *name, int64_t otherwise);

struct rcd_xml_events {
	void (*open)(void *arg, const char *name, const struct rcd_xml_attrs *at);
	void (*close)(void *arg, const char *name);        /* may be NULL */
	void (*text)(void *arg, struct rcd_sv characters); /* may be NULL; in pieces of any length */
	bool (*enough)(const void *arg);                   /* may be NULL: the rest need not be read */
};

/* RCD_PROTO: malformed, or with a document type; RCD_LIMIT: nested too deep. */
int rcd_xml_read(const struct rcd_xml_events *on, void *arg, struct rcd_sv xml,
                 struct rcd_err *err);
/* The same for a file of an archive. RCD_NOENT: there is no such file. */
int rcd_xml_part(struct rcd_zip *zip, const char *name, const struct rcd_xml_events *on, void *arg,
                 struct rcd_err *err);

#endif
