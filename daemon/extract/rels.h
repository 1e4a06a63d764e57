#ifndef RCD_EXTRACT_RELS_H
#define RCD_EXTRACT_RELS_H

#include "daemon/extract/xml.h"

/* Office Open XML: the parts that another part refers to, by relation. */
#define RCD_RELS 2048
struct rcd_rels {
	struct rcd_buf text; /* id and target, a NUL behind each */
	size_t id[RCD_RELS], target[RCD_RELS];
	int n;
	const char *folder; /* targets are below it */
};
/* part: "xl/_rels/workbook.xml.rels"; folder: "xl/". Free with rcd_rels_done(), also after -1. */
int rcd_rels_read(struct rcd_rels *r, struct rcd_zip *zip, const char *part, const char *folder,
                  struct rcd_err *err);
/* The part's name in the archive into out; false: there is no such relation inside of it. */
bool rcd_rels_find(const struct rcd_rels *r, struct rcd_sv id, char out[256]);
void rcd_rels_done(struct rcd_rels *r);

#endif
