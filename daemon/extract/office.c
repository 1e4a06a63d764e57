/* Which office document it is, by what the archive holds. */

#include "daemon/extract/office.h"

#include "daemon/extract/extract.h"

static const struct {
	const char *part;
	rcd_office_fn *read;
} documents[] = {
	{"word/document.xml", rcd_docx_read},
	{"xl/workbook.xml", rcd_xlsx_read},
	{"ppt/presentation.xml", rcd_pptx_read},
	{"content.xml", rcd_odf_read},
};

int rcd_read_office(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err)
{
	struct rcd_err why = {0};
	struct rcd_zip *zip = NULL;
	int ret = -1;

	if (rcd_zip_open(&zip, doc, err) != 0)
		return -1;
	(void)
		rcd_fail(&why, RCD_PROTO, 0,
	             "it is a zip archive, but no document of Word, Excel, PowerPoint or LibreOffice");
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		if (rcd_zip_has(zip, documents[i].part)) {
			ret = documents[i].read(zip, out, &why);
			break;
		}
	if (ret != 0 && why.code == RCD_NOENT) /* a part that another one names */
		why.code = RCD_PROTO;
	if (ret != 0)
		*err = why;
	rcd_zip_close(zip);
	return ret;
}
