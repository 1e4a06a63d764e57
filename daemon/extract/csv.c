/* CSV: fields by libcsv, the table by table.h. */

#include "base/charset.h"
#include "base/limits.h"
#include "daemon/extract/extract.h"
#include "daemon/extract/table.h"

#include <csv.h>
#include <string.h>

static void on_field(void *p, size_t n, void *arg)
{
	rcd_table_cell(arg, (struct rcd_sv){p, n});
}

static void on_row(int c, void *arg)
{
	(void)c;
	rcd_table_row(arg);
}

/* The one of ; , TAB that the first lines have most of; what stands in quotes does not count. */
static char guess_delimiter(struct rcd_sv text)
{
	static const char of[] = {';', ',', '\t'};
	size_t count[sizeof(of)] = {0}, best = 0, lines = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.n && lines < 12; i++) {
		quoted ^= text.p[i] == '"';
		lines += !quoted && text.p[i] == '\n';
		for (size_t k = 0; k < sizeof(of); k++)
			count[k] += !quoted && text.p[i] == of[k];
	}
	for (size_t k = 1; k < sizeof(of); k++)
		if (count[k] > count[best])
			best = k;
	return of[best];
}

/* "sep=;" in a line of its own tells Excel the delimiter, and is no row. */
static char take_delimiter(struct rcd_sv *text)
{
	struct rcd_sv rest = *text, line;

	if (rcd_sv_cut(&rest, '\n', &line) && (line = rcd_sv_trim(line)).n == 5 &&
	    rcd_sv_ieq((struct rcd_sv){line.p, 4}, RCD_SV("sep="))) {
		*text = rest;
		return line.p[4];
	}
	if (rcd_sv_ieq((struct rcd_sv){text->p, text->n < 5 ? text->n : 5},
	               RCD_SV("sep=\t"))) { /* trimmed above */
		*text = rest;
		return '\t';
	}
	return guess_delimiter(*text);
}

static int parse_rows(struct rcd_table *t, struct rcd_sv text, struct rcd_err *err)
{
	struct csv_parser parser;
	int ret = 0;

	if (csv_init(&parser, 0) != 0)
		return rcd_fail_nomem(err);
	csv_set_delim(&parser, (unsigned char)take_delimiter(&text));
	if (csv_parse(&parser, text.p, text.n, on_field, on_row, t) != text.n ||
	    csv_fini(&parser, on_field, on_row, t) != 0)
		ret = csv_error(&parser) == CSV_ENOMEM ? rcd_fail_nomem(err)
		                                       : rcd_fail(err, RCD_PROTO, 0, "its rows are broken");
	csv_free(&parser);
	return ret;
}

int rcd_read_csv(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err)
{
	struct rcd_table t;
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, RCD_MAX_DOCUMENT_TEXT);
	rcd_table_begin(&t, out);
	ret = rcd_charset_utf8(doc, &text, err);
	if (ret == 0 && text.n > 0)
		ret = parse_rows(&t, rcd_buf_view(&text), err);
	if (rcd_table_end(&t, ret == 0 ? err : RCD_UNREAD_ERR) != 0)
		ret = -1;
	rcd_buf_free(&text);
	return ret;
}
