/* What a customer sent that is not speech is kept, with a row that leads to it. */

#include "store/media.h"
#include "turn/steps.h"

#include <stdio.h>
#include <time.h>

int rcd_turn_keep(struct rcd_turn *t, size_t msg, int part, enum rcd_kind kind, struct rcd_sv type,
                  struct rcd_sv bytes, struct rcd_err *err)
{
	time_t when = (time_t)(t->gather.row[msg].received_ms / 1000);
	struct rcd_attachment_in row = {
		.tenant = t->job.tenant,
		.inbox_id = t->gather.row[msg].id,
		.contact_id = t->job.contact_id,
		.part = part,
		.kind = rcd_sv(rcd_kind_name(kind)),
		.type = type,
		.bytes = (int64_t)bytes.n,
	};
	char month[16], key[RCD_BLOB_KEY];
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL || strftime(month, sizeof(month), "%Y-%m", &tm) == 0) {
		(void)rcd_fail(err, RCD_INVAL, 0, "a message of no time");
		return rcd_fail_for_good(err);
	}
	(void)snprintf(key, sizeof(key), RCD_BLOB_INBOUND "%s/%lld-%d", month,
	               (long long)t->gather.row[msg].id, part);
	if (rcd_blob_write(t->env->blobs, key, "application/octet-stream", bytes, t->time.deadline,
	                   err) == 0)
		row.path = rcd_sv(key);
	else if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED || err->code == RCD_IO)
		return -1;
	else /* a store that is away holds up no answer */
		rcd_turn_log(t, "an attachment was not kept, the provider still has it: %s", err->msg);
	return rcd_attachment_put(t->env->db, &row, err);
}

int rcd_turn_kept(struct rcd_turn *t, size_t msg, int part, struct rcd_buf *bytes,
                  struct rcd_err *err)
{
	struct rcd_buf key;
	int ret;

	rcd_buf_init(&key, RCD_BLOB_KEY);
	ret = rcd_attachment_path(t->env->db, t->job.tenant, t->gather.row[msg].id, part, &key, err);
	if (ret == 0)
		ret = rcd_blob_read(t->env->blobs, key.p, t->time.hear_by, bytes, err);
	rcd_buf_free(&key);
	return ret;
}
