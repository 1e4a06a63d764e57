/* CSV: the first row names the columns, each row becomes a paragraph of "column: value" lines. */

#include "base/charset.h"
#include "base/limits.h"
#include "daemon/extract/extract.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 256
#define HEADER (64 * 1024)

struct table {
	struct rcd_prose *out;
	struct rcd_buf header; /* the names, NUL behind each */
	size_t name[COLUMNS];  /* where each begins */
	int n_names, column;
	bool named, full, too_wide;
};

static void on_name(struct table *t, struct rcd_sv v)
{
	if (t->column >= COLUMNS) {
		t->too_wide = true;
		return;
	}
	t->name[t->column] = t->header.n;
	rcd_buf_sv(&t->header, v);
	rcd_buf_ch(&t->header, '\0');
	t->n_names = t->column + 1;
}

static void on_value(struct table *t, struct rcd_sv v)
{
	if (v.n == 0)
		return;
	if (t->column < t->n_names && t->header.p[t->name[t->column]] != '\0') {
		rcd_text_add(t->out, rcd_sv(t->header.p + t->name[t->column]));
		rcd_text_add(t->out, RCD_SV(": "));
	}
	rcd_text_add(t->out, v);
	rcd_text_line(t->out);
	t->full = true;
}

static void on_field(void *p, size_t n, void *arg)
{
	struct table *t = arg;
	struct rcd_sv v = rcd_sv_trim((struct rcd_sv){p, n});

	if (t->header.bad)
		return;
	if (t->named)
		on_value(t, v);
	else
		on_name(t, v);
	t->column++;
}

static void on_row(int c, void *arg)
{
	struct table *t = arg;

	(void)c;
	if (t->named)
		rcd_text_paragraph(t->out);
	t->named = t->named || t->column > 0;
	t->column = 0;
}

/* The one of ; , TAB that the first line has most of; what stands in quotes does not count. */
static char delimiter(struct rcd_sv text)
{
	static const char of[] = {';', ',', '\t'};
	size_t count[sizeof(of)] = {0}, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.n && (quoted || text.p[i] != '\n'); i++) {
		quoted ^= text.p[i] == '"';
		for (size_t k = 0; k < sizeof(of); k++)
			count[k] += !quoted && text.p[i] == of[k];
	}
	for (size_t k = 1; k < sizeof(of); k++)
		if (count[k] > count[best])
			best = k;
	return of[best];
}

static int parse(struct table *t, struct rcd_sv text, struct rcd_err *err)
{
	struct csv_parser parser;
	int ret = 0;

	if (csv_init(&parser, 0) != 0)
		return rcd_fail_nomem(err);
	csv_set_delim(&parser, (unsigned char)delimiter(text));
	if (csv_parse(&parser, text.p, text.n, on_field, on_row, t) != text.n ||
	    csv_fini(&parser, on_field, on_row, t) != 0)
		ret = csv_error(&parser) == CSV_ENOMEM ? rcd_fail_nomem(err)
		                                       : rcd_fail(err, RCD_PROTO, 0, "its rows are broken");
	csv_free(&parser);
	return ret;
}

int rcd_read_csv(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err)
{
	struct table t = {.out = out};
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, RCD_MAX_DOCUMENT_TEXT);
	rcd_buf_init(&t.header, HEADER);
	ret = rcd_charset_utf8(doc, &text, err);
	if (ret == 0 && text.n > 0)
		ret = parse(&t, rcd_buf_view(&text), err);
	if (ret == 0 && (t.too_wide || t.header.over))
		ret = rcd_fail(err, RCD_LIMIT, 0, "its first row has more than %d columns, or is too long", COLUMNS);
	else if (ret == 0 && t.header.bad)
		ret = rcd_fail_nomem(err);
	else if (ret == 0 && !t.full) /* one row alone is no header */
		for (int i = 0; i < t.n_names; i++) {
			rcd_text_add(out, rcd_sv(t.header.p + t.name[i]));
			rcd_text_line(out);
		}
	rcd_buf_free(&t.header);
	rcd_buf_free(&text);
	return ret;
}
