#include "provider/twilio_card.h"

#include "base/quote.h"

#define MOST_CARDS 4
#define MOST_NUMBERS 3
#define MAX_NAME 80
#define MAX_NUMBER 30

struct card {
	struct rcd_sv name, structured, org, number[MOST_NUMBERS];
	size_t n;
};

/* "TEL", of "item1.TEL;waid=5511:+55 11…". */
static struct rcd_sv find_property_name(struct rcd_sv head)
{
	struct rcd_sv name = {NULL, 0}, group, rest;

	(void)rcd_sv_cut(&head, ';', &name);
	rest = name;
	while (rcd_sv_cut(&rest, '.', &group))
		name = group;
	return rcd_sv_trim(name);
}

static void read_line(struct card *c, struct rcd_sv line)
{
	struct rcd_sv value = line, head = {NULL, 0}, name;

	if (!rcd_sv_cut(&value, ':', &head) || rcd_sv_trim(value).n == 0)
		return;
	name = find_property_name(head);
	value = rcd_sv_trim(value);
	if (rcd_sv_starts(value, RCD_SV("tel:")))
		value = rcd_sv_skip(value, 4);
	if (rcd_sv_ieq(name, RCD_SV("FN")))
		c->name = value;
	else if (rcd_sv_ieq(name, RCD_SV("N")))
		c->structured = value;
	else if (rcd_sv_ieq(name, RCD_SV("ORG")))
		c->org = value;
	else if (rcd_sv_ieq(name, RCD_SV("TEL")) && c->n < MOST_NUMBERS)
		c->number[c->n++] = value;
}

/* Family name first in the card, and last here. */
static void append_structured_name(struct rcd_buf *out, struct rcd_sv v)
{
	struct rcd_sv family = {NULL, 0}, given = {NULL, 0};

	(void)rcd_sv_cut(&v, ';', &family);
	(void)rcd_sv_cut(&v, ';', &given);
	if (rcd_quote(out, given, MAX_NAME) && rcd_sv_trim(family).n > 0)
		rcd_buf_ch(out, ' ');
	(void)rcd_quote(out, family, MAX_NAME);
}

static bool append_card(struct rcd_buf *out, const struct card *c, bool first)
{
	size_t before = out->n;

	if (!first)
		rcd_buf_str(out, "; ");
	if (c->name.n > 0)
		(void)rcd_quote(out, c->name, MAX_NAME);
	else if (c->structured.n > 0)
		append_structured_name(out, c->structured);
	else if (c->org.n > 0)
		(void)rcd_quote(out, c->org, MAX_NAME);
	else if (c->n == 0) {
		rcd_buf_cut(out, before);
		return false;
	}
	for (size_t i = 0; i < c->n; i++) {
		if (i > 0 || c->name.n + c->structured.n + c->org.n > 0)
			rcd_buf_str(out, ", ");
		(void)rcd_quote(out, c->number[i], MAX_NUMBER);
	}
	return true;
}

bool rcd_card_read(struct rcd_sv vcard, struct rcd_buf *out)
{
	struct card c = {.n = 0};
	struct rcd_sv line;
	bool inside = false;
	size_t n = 0;

	while (n < MOST_CARDS && rcd_sv_cut(&vcard, '\n', &line)) {
		line = rcd_sv_trim(line);
		if (rcd_sv_ieq(line, RCD_SV("BEGIN:VCARD"))) {
			c = (struct card){.n = 0};
			inside = true;
		} else if (inside && rcd_sv_ieq(line, RCD_SV("END:VCARD"))) {
			n += append_card(out, &c, n == 0);
			inside = false;
		} else if (inside) {
			read_line(&c, line);
		}
	}
	return n > 0;
}
