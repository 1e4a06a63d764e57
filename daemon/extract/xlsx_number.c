#include "daemon/extract/xlsx_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EPOCH_1900 25569.0 /* days from 1899-12-30 to 1970-01-01 */
#define EPOCH_1904 24107.0
#define DAY_S 86400.0

/* --- format codes (ECMA-376 part 1, 18.8.30 and 18.8.31) ------------------------------------ */

/* The signs of a code that mean something: without texts in quotes, escaped signs, colours and
 * conditions in brackets; a currency in brackets, [$R$-416], is copied to out. */
static void strip_code(struct rcd_sv code, char *plain, size_t size, struct rcd_xlsx_format *out)
{
	size_t n = 0;

	for (size_t i = 0; i < code.n && code.p[i] != ';'; i++) {
		char c = code.p[i];

		if (c == '\\' || c == '_' || c == '*') {
			i++;
		} else if (c == '"') {
			const char *end = memchr(code.p + i + 1, '"', code.n - i - 1);
			struct rcd_sv text = {code.p + i + 1, end != NULL ? (size_t)(end - code.p) - i - 1 : 0};

			text = rcd_sv_trim(text);
			if (text.n > 0 && text.n < sizeof(out->currency) && memchr(text.p, '$', text.n) != NULL)
				(void)snprintf(out->currency, sizeof(out->currency), "%.*s", RCD_SV_ARG(text));
			i = end != NULL ? (size_t)(end - code.p) : code.n;
		} else if (c == '[') {
			const char *end = memchr(code.p + i, ']', code.n - i);
			struct rcd_sv in = {code.p + i + 1, end != NULL ? (size_t)(end - code.p) - i - 1 : 0},
						  sign;

			if (in.n > 1 && in.p[0] == '$') {
				in = rcd_sv_skip(in, 1);
				(void)rcd_sv_cut(&in, '-', &sign);
				if (sign.n < sizeof(out->currency))
					(void)snprintf(out->currency, sizeof(out->currency), "%.*s", RCD_SV_ARG(sign));
			} else if (in.n > 0 && (in.p[0] == 'h' || in.p[0] == 'm' || in.p[0] == 's') &&
			           n + 1 < size) {
				plain[n++] = in.p[0]; /* elapsed time */
			}
			i = end != NULL ? (size_t)(end - code.p) : code.n;
		} else if (n + 1 < size) {
			plain[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
		}
	}
	plain[n] = '\0';
}

static int count_decimals(const char *plain)
{
	const char *point = strchr(plain, '.');
	int n = 0;

	if (point == NULL)
		return strpbrk(plain, "0#") != NULL ? 0 : -1;
	while (point[n + 1] == '0')
		n++;
	return n;
}

void rcd_xlsx_format(struct rcd_sv code, struct rcd_xlsx_format *out)
{
	char plain[128];
	bool date, time;

	*out = (struct rcd_xlsx_format){.decimals = -1};
	strip_code(code, plain, sizeof(plain), out);
	if (strcmp(plain, "general") == 0 || strcmp(plain, "@") == 0 || plain[0] == '\0')
		return;
	date = strpbrk(plain, "dy") != NULL || strstr(plain, "mmm") != NULL;
	time = strpbrk(plain, "hs") != NULL;
	if (date && time)
		out->look = RCD_LOOK_DATE_TIME;
	else if (date || time)
		out->look = date ? RCD_LOOK_DATE : RCD_LOOK_TIME;
	if (date || time)
		return;
	out->look = strchr(plain, '%') != NULL ? RCD_LOOK_PERCENT : RCD_LOOK_PLAIN;
	if (strchr(plain, '$') != NULL && out->currency[0] == '\0')
		(void)snprintf(out->currency, sizeof(out->currency), "%s",
		               strstr(plain, "r$") != NULL ? "R$" : "$");
	out->decimals = strchr(plain, 'e') != NULL ? -1 : count_decimals(plain);
}

/* The formats that have a number and no code in the file. */
static struct rcd_xlsx_format get_built_in(int64_t id)
{
	struct rcd_xlsx_format f = {.decimals = -1};

	if (id == 9 || id == 10)
		f = (struct rcd_xlsx_format){RCD_LOOK_PERCENT, id == 9 ? 0 : 2, ""};
	else if (id == 1 || id == 3)
		f.decimals = 0;
	else if (id == 2 || id == 4 || (id >= 37 && id <= 44))
		f.decimals = id == 37 || id == 38 || id == 41 || id == 42 ? 0 : 2;
	else if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58))
		f.look = RCD_LOOK_DATE;
	else if (id == 22)
		f.look = RCD_LOOK_DATE_TIME;
	else if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47))
		f.look = RCD_LOOK_TIME;
	return f;
}

/* --- xl/styles.xml -------------------------------------------------------------------------- */

static void on_style(void *arg, const char *name, const struct rcd_xml_attrs *at)
{
	struct rcd_xlsx_formats *f = arg;

	if (strcmp(name, "numFmt") == 0 && f->n_custom < RCD_XLSX_FORMATS) {
		f->custom[f->n_custom].id = rcd_xml_number(at, "numFmtId", -1);
		rcd_xlsx_format(rcd_xml_attr(at, "formatCode"), &f->custom[f->n_custom++].f);
	} else if (strcmp(name, "cellXfs") == 0) {
		f->in_styles = true;
	} else if (strcmp(name, "xf") == 0 && f->in_styles && f->n_styles < RCD_XLSX_STYLES) {
		f->style[f->n_styles++] = rcd_xml_number(at, "numFmtId", 0);
	}
}

static void on_style_end(void *arg, const char *name)
{
	if (strcmp(name, "cellXfs") == 0)
		((struct rcd_xlsx_formats *)arg)->in_styles = false;
}

int rcd_xlsx_formats(struct rcd_xlsx_formats *f, struct rcd_zip *zip, struct rcd_err *err)
{
	const struct rcd_xml_events on = {.open = on_style, .close = on_style_end};

	if (rcd_xml_part(zip, "xl/styles.xml", &on, f, err) != 0)
		return err->code == RCD_NOENT ? 0 : -1;
	return 0;
}

static struct rcd_xlsx_format find_format(const struct rcd_xlsx_formats *f, int64_t style)
{
	int64_t id = style >= 0 && style < f->n_styles ? f->style[style] : 0;

	for (int i = 0; i < f->n_custom; i++)
		if (f->custom[i].id == id)
			return f->custom[i].f;
	return get_built_in(id);
}

/* --- showing -------------------------------------------------------------------------------- */

static void show_time(const struct rcd_xlsx_formats *f, enum rcd_xlsx_look look, double v,
                      char out[64])
{
	double s = round((v - (f->from_1904 ? EPOCH_1904 : EPOCH_1900)) * DAY_S);
	time_t at = (time_t)s;
	struct tm tm;

	if (look == RCD_LOOK_TIME) { /* more than a day is a duration */
		long minutes = lround(v * 24 * 60);

		(void)snprintf(out, 64, "%02ld:%02ld", minutes / 60, minutes % 60);
		return;
	}
	(void)gmtime_r(&at, &tm);
	(void)strftime(out, 64, look == RCD_LOOK_DATE ? "%d/%m/%Y" : "%d/%m/%Y %H:%M", &tm);
}

/* "1234567.5" to "1.234.567,5", as where the price is written in reais. */
static void write_brazilian(char text[64])
{
	char from[64], *point;
	size_t whole, n = 0;

	(void)snprintf(from, sizeof(from), "%s", text);
	point = strchr(from, '.');
	whole = point != NULL ? (size_t)(point - from) : strlen(from);
	for (size_t i = 0; from[i] != '\0' && n + 2 < 64; i++) {
		if (i > 0 && i < whole && (whole - i) % 3 == 0 && from[i - 1] != '-')
			text[n++] = '.';
		text[n++] = from[i] == '.' ? ',' : from[i];
	}
	text[n] = '\0';
}

static void show_number(const struct rcd_xlsx_format *f, double v, char out[64])
{
	bool percent = f->look == RCD_LOOK_PERCENT;
	char digits[64];

	v = percent ? v * 100 : v;
	if (f->decimals >= 0 && f->decimals < 10)
		(void)snprintf(digits, sizeof(digits), "%.*f", f->decimals, v);
	else
		(void)snprintf(digits, sizeof(digits), "%.12g", v);
	if (strcmp(f->currency, "R$") == 0)
		write_brazilian(digits);
	(void)snprintf(out, 64, "%s%s%.40s%s", f->currency, f->currency[0] != '\0' ? " " : "", digits,
	               percent ? "%" : "");
}

bool rcd_xlsx_show(const struct rcd_xlsx_formats *f, int64_t style, struct rcd_sv v, char out[64])
{
	struct rcd_xlsx_format how = find_format(f, style);
	char text[64], *end;
	double number;

	if (v.n == 0 || v.n >= sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", RCD_SV_ARG(v));
	number = strtod(text, &end);
	if (*end != '\0' || !isfinite(number) || fabs(number) > 1e15)
		return false;
	if (how.look == RCD_LOOK_PLAIN || how.look == RCD_LOOK_PERCENT)
		show_number(&how, number, out);
	else if (number < 0 || number > 2958466) /* beyond the year 9999 */
		return false;
	else
		show_time(f, how.look, number, out);
	return true;
}
