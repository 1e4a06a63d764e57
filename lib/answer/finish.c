#include "answer/finish.h"

#include "answer/filter.h"
#include "base/limits.h"

int rcd_finish_text(struct rcd_sv text, const json_t *tools, const struct rcd_finish *form,
                    struct rcd_buf *out, size_t *cut, struct rcd_err *err)
{
	struct rcd_buf clean, marked;
	int ret;

	*cut = 0;
	rcd_buf_init(&clean, RCD_MAX_TEXT);
	rcd_buf_init(&marked, RCD_MAX_TEXT);
	ret = rcd_filter_text(text, tools, &clean, err);
	if (ret == 0)
		rcd_marks_text(rcd_buf_view(&clean), form->marks, form->sms ? &marked : out);
	if (ret == 0 && form->sms)
		*cut = rcd_sms_text(rcd_buf_view(&marked), &form->how, out);
	if (ret == 0 && (marked.bad || out->bad))
		ret = rcd_fail_nomem(err);
	rcd_buf_free(&clean);
	rcd_buf_free(&marked);
	return ret;
}
