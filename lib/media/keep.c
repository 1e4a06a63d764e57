/* What a customer sent that is not speech is kept, with a row that leads to it. */

#include "media/media_int.h"
#include "store/media.h"

#include <stdio.h>
#include <time.h>

/* "inbound/2026-12/41-0" */
static int make_key(const struct rcd_attachment *a, char key[RCD_BLOB_KEY], struct rcd_err *err)
{
	time_t when = (time_t)(a->received_ms / 1000);
	char month[16];
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL || strftime(month, sizeof(month), "%Y-%m", &tm) == 0) {
		(void)rcd_fail(err, RCD_INVAL, 0, "a message of no time");
		return rcd_fail_for_good(err);
	}
	(void)snprintf(key, RCD_BLOB_KEY, RCD_BLOB_INBOUND "%s/%lld-%d", month, (long long)a->inbox_id,
	               a->part);
	return 0;
}

int rcd_attachment_keep(const struct rcd_media *m, const struct rcd_attachment *a,
                        enum rcd_kind kind, struct rcd_sv type, struct rcd_sv bytes,
                        struct rcd_err *err)
{
	struct rcd_attachment_in row = {
		.tenant = m->tenant,
		.inbox_id = a->inbox_id,
		.contact_id = m->contact_id,
		.part = a->part,
		.kind = rcd_sv(rcd_kind_name(kind)),
		.type = type,
		.bytes = (int64_t)bytes.n,
	};
	char key[RCD_BLOB_KEY];

	if (make_key(a, key, err) != 0)
		return -1;
	if (rcd_blob_write(m->blobs, key, "application/octet-stream", bytes, *m->deadline, err) == 0)
		row.path = rcd_sv(key);
	else if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED || err->code == RCD_IO)
		return -1;
	else /* a store that is away holds up no answer, and the provider still has the attachment */
		rcd_media_log(m, "attachment_not_kept err=\"%s\"", err->msg);
	return rcd_attachment_put(m->db, &row, err);
}

int rcd_attachment_kept(const struct rcd_media *m, const struct rcd_attachment *a,
                        struct rcd_buf *bytes, struct rcd_err *err)
{
	struct rcd_buf key;
	int ret;

	rcd_buf_init(&key, RCD_BLOB_KEY);
	ret = rcd_attachment_path(m->db, m->tenant, a->inbox_id, a->part, &key, err);
	if (ret == 0)
		ret = rcd_blob_read(m->blobs, key.p, *m->hear_by, bytes, err);
	rcd_buf_free(&key);
	return ret;
}
