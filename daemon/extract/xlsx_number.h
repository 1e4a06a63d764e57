#ifndef RCD_EXTRACT_XLSX_NUMBER_H
#define RCD_EXTRACT_XLSX_NUMBER_H

#include "daemon/extract/xml.h"

/* Number formats of a sheet: 45992 may be a date, 0.1 ten percent, 19.9 a price. */

enum rcd_xlsx_look {
	RCD_LOOK_PLAIN,
	RCD_LOOK_DATE,
	RCD_LOOK_DATE_TIME,
	RCD_LOOK_TIME,
	RCD_LOOK_PERCENT
};

struct rcd_xlsx_format {
	enum rcd_xlsx_look look;
	int decimals;     /* decimals; -1: as many as the value has */
	char currency[8]; /* "R$", "US$", "€"; "" for none */
};

#define RCD_XLSX_FORMATS 512
#define RCD_XLSX_STYLES 4096
struct rcd_xlsx_formats {
	struct {
		int64_t id;
		struct rcd_xlsx_format f;
	} custom[RCD_XLSX_FORMATS];
	int n_custom;
	int64_t style[RCD_XLSX_STYLES]; /* the format's id, by the number that cells have */
	int n_styles;
	bool in_styles; /* while reading */
	bool from_1904; /* days are counted from there */
};

/* A workbook without xl/styles.xml has no formats, and that is no error. */
int rcd_xlsx_formats(struct rcd_xlsx_formats *f, struct rcd_zip *zip, struct rcd_err *err);
/* What a format code shows: 'R$ #,##0.00', 'dd/mm/yyyy', '0%'. */
void rcd_xlsx_format(struct rcd_sv code, struct rcd_xlsx_format *out);
/* The number as its cell shows it; false: v is no number. */
bool rcd_xlsx_show(const struct rcd_xlsx_formats *f, int64_t style, struct rcd_sv v, char out[64]);

#endif
