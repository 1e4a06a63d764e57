#include "daemon/extract/rels.h"

#include <stdio.h>
#include <string.h>

static size_t keep_text(struct rcd_rels *r, struct rcd_sv v)
{
	size_t at = r->text.n;

	rcd_buf_sv(&r->text, v);
	rcd_buf_ch(&r->text, '\0');
	return at;
}

static void on_relation(void *arg, const char *name, const struct rcd_xml_attrs *at)
{
	struct rcd_rels *r = arg;

	if (strcmp(name, "Relationship") != 0 || r->n >= RCD_RELS ||
	    rcd_sv_is(rcd_xml_attr(at, "TargetMode"), "External"))
		return;
	r->id[r->n] = keep_text(r, rcd_xml_attr(at, "Id"));
	r->target[r->n++] = keep_text(r, rcd_xml_attr(at, "Target"));
}

int rcd_rels_read(struct rcd_rels *r, struct rcd_zip *zip, const char *part, const char *folder,
                  struct rcd_err *err)
{
	const struct rcd_xml_events on = {.open = on_relation};

	r->n = 0;
	r->folder = folder;
	rcd_buf_init(&r->text, 1024 * 1024);
	if (rcd_xml_part(zip, part, &on, r, err) != 0)
		return -1;
	return r->text.bad ? rcd_fail_nomem(err) : 0;
}

bool rcd_rels_find(const struct rcd_rels *r, struct rcd_sv id, char out[256])
{
	for (int i = 0; i < r->n; i++) {
		const char *target = r->text.p + r->target[i];
		bool rooted = target[0] == '/';
		int n;

		if (!rcd_sv_is(id, r->text.p + r->id[i]))
			continue;
		n = snprintf(out, 256, "%s%s", rooted ? "" : r->folder, target + rooted);
		return n > 0 && n < 256;
	}
	return false;
}

void rcd_rels_done(struct rcd_rels *r)
{
	rcd_buf_free(&r->text);
}
