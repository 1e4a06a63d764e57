#ifndef RCD_EXTRACT_OFFICE_H
#define RCD_EXTRACT_OFFICE_H

#include "daemon/extract/text.h"
#include "daemon/extract/xml.h"

/* The readers of office documents, which are zip archives of XML: office.c asks the one whose
 * document it is. err is never NULL here. */

typedef int rcd_office_fn(struct rcd_zip *zip, struct rcd_prose *out, struct rcd_err *err);
rcd_office_fn rcd_docx_read, rcd_xlsx_read, rcd_pptx_read;
rcd_office_fn rcd_odf_read; /* text and spreadsheets */

#endif
