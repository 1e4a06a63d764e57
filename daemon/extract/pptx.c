/* PPTX: PresentationML. Slides in their order, each a page with its title as a heading; hidden
 * slides stay out, and so do the speaker's notes. */

#include "base/limits.h"
#include "daemon/extract/office.h"
#include "daemon/extract/rels.h"

#include <stdlib.h>
#include <string.h>

#define SLIDES 1000

struct deck {
	struct rcd_prose *out;
	char slide[SLIDES][64]; /* relations, in the order of the show */
	int n_slides;
	/* the slide that is being read */
	int number;
	bool hidden, title, in_text, begun, nomem;
	int cells;
	struct rcd_buf heading;
};

static void on_presentation(void *arg, const char *name, const struct rcd_xml_attrs *at)
{
	struct deck *d = arg;
	/* it has two attributes of this local name: a number of its own and the relation */
	struct rcd_sv id = rcd_xml_attr(at, "id");

	if (!rcd_xml_is(name, "sldId") || d->n_slides >= SLIDES)
		return;
	if (!rcd_sv_starts(id, RCD_SV("r")))
		id = rcd_xml_last_attr(at, "id");
	if (id.n > 0 && id.n < sizeof(d->slide[0])) {
		memcpy(d->slide[d->n_slides], id.p, id.n);
		d->slide[d->n_slides++][id.n] = '\0';
	}
}

static void begin_slide(struct deck *d)
{
	if (d->begun)
		return;
	rcd_text_page(d->out, d->number);
	d->begun = true;
}

static void on_open(void *arg, const char *name, const struct rcd_xml_attrs *at)
{
	struct deck *d = arg;
	struct rcd_sv v;

	if (rcd_xml_is(name, "sld")) {
		v = rcd_xml_attr(at, "show");
		d->hidden = rcd_sv_is(v, "0") || rcd_sv_is(v, "false");
	} else if (rcd_xml_is(name, "sp")) {
		d->title = false;
	} else if (rcd_xml_is(name, "ph")) {
		v = rcd_xml_attr(at, "type");
		d->title = rcd_sv_is(v, "title") || rcd_sv_is(v, "ctrTitle");
	} else if (rcd_xml_is(name, "t")) {
		d->in_text = true;
	} else if (rcd_xml_is(name, "br")) {
		rcd_text_line(d->out);
	} else if (rcd_xml_is(name, "tr")) {
		d->cells = 0;
	} else if (rcd_xml_is(name, "tc") && d->cells++ > 0) {
		rcd_text_add(d->out, RCD_SV(" | "));
	}
}

static void end_paragraph(struct deck *d)
{
	if (d->title)
		rcd_buf_ch(&d->heading, ' ');
	else if (d->cells > 0)
		rcd_text_add(d->out, RCD_SV(" "));
	else
		rcd_text_line(d->out);
}

static void end_shape(struct deck *d)
{
	if (d->title && d->heading.n > 0 && !d->hidden)
		rcd_text_heading(d->out, 1, rcd_buf_view(&d->heading));
	d->nomem = d->nomem || d->heading.bad;
	rcd_buf_reset(&d->heading);
	d->title = false;
	rcd_text_paragraph(d->out);
}

static void on_close(void *arg, const char *name)
{
	struct deck *d = arg;

	if (rcd_xml_is(name, "t")) {
		d->in_text = false;
	} else if (rcd_xml_is(name, "p")) {
		end_paragraph(d);
	} else if (rcd_xml_is(name, "tr")) {
		d->cells = 0;
		rcd_text_line(d->out);
	} else if (rcd_xml_is(name, "sp") || rcd_xml_is(name, "tbl")) {
		end_shape(d);
	}
}

static void on_text(void *arg, struct rcd_sv v)
{
	struct deck *d = arg;

	if (!d->in_text || d->hidden)
		return;
	begin_slide(d);
	if (!d->title)
		rcd_text_add(d->out, v);
	else if (d->heading.n + v.n < d->heading.max)
		rcd_buf_sv(&d->heading, v);
}

static bool has_enough(const void *arg)
{
	return ((const struct deck *)arg)->out->over;
}

static int read_slides(struct deck *d, struct rcd_zip *zip, const struct rcd_rels *rels,
                       struct rcd_err *err)
{
	const struct rcd_xml_events on = {.open = on_open,
	                                  .close = on_close,
	                                  .text = on_text,
	                                  .enough = has_enough};
	char part[256];

	for (int i = 0; i < d->n_slides && !d->out->over; i++) {
		d->number = i + 1;
		d->hidden = d->begun = false;
		d->cells = 0;
		if (rcd_rels_find(rels, rcd_sv(d->slide[i]), part) &&
		    rcd_xml_part(zip, part, &on, d, err) != 0)
			return -1;
		rcd_text_paragraph(d->out);
	}
	return d->nomem ? rcd_fail_nomem(err) : 0;
}

int rcd_pptx_read(struct rcd_zip *zip, struct rcd_prose *out, struct rcd_err *err)
{
	const struct rcd_xml_events presentation = {.open = on_presentation};
	struct deck *d = calloc(1, sizeof(*d));
	struct rcd_rels *rels = calloc(1, sizeof(*rels));
	int ret = -1;

	if (d == NULL || rels == NULL) {
		(void)rcd_fail_nomem(err);
	} else {
		d->out = out;
		rcd_buf_init(&d->heading, 4096);
		ret = rcd_xml_part(zip, "ppt/presentation.xml", &presentation, d, err);
		if (ret == 0)
			ret = rcd_rels_read(rels, zip, "ppt/_rels/presentation.xml.rels", "ppt/", err);
		if (ret == 0)
			ret = read_slides(d, zip, rels, err);
		rcd_buf_free(&d->heading);
		rcd_rels_done(rels);
	}
	free(d);
	free(rels);
	return ret;
}
