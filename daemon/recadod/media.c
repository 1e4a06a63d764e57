/* Spoken answers that nginx does not have as files: it asks here, and is sent on to the object
 * store with a link that is good for the very method it was asked with. No byte of them passes
 * through us, and no customer sees the link. */

#include "daemon/log.h"
#include "daemon/recadod/web.h"

#include <stdio.h>

#define PLACE "/static/audio/"
#define HEX 32

/* 32 hex digits and ".ogg": nothing else reaches the store. */
static bool is_name(struct rcd_sv v)
{
	for (size_t i = 0; i < v.n && i < HEX; i++)
		if ((v.p[i] < '0' || v.p[i] > '9') && (v.p[i] < 'a' || v.p[i] > 'f'))
			return false;
	return v.n == HEX + 4 && rcd_sv_ends(v, RCD_SV(".ogg"));
}

void rcd_page_media(struct rcd_web *web, struct rcd_req *req)
{
	struct rcd_sv name = rcd_sv_skip(rcd_req_path(req), sizeof(PLACE) - 1);
	const char *method = rcd_sv_is(rcd_req_method(req), "HEAD") ? "HEAD" : "GET";
	static struct rcd_log_limit failed = RCD_LOG_LIMIT;
	char key[RCD_BLOB_KEY], origin[RCD_BLOB_ORIGIN];
	struct rcd_err err = {0};
	struct rcd_buf target;

	if (!is_name(name)) {
		(void)rcd_reply_error(req, 404, "there is nothing here");
		return;
	}
	rcd_buf_init(&target, 16 * 1024);
	(void)snprintf(key, sizeof(key), RCD_BLOB_AUDIO "%.*s", RCD_SV_ARG(name));
	if (rcd_blob_link(&web->rt.blobs, method, key, origin, &target, &err) == 0) {
		(void)rcd_reply_elsewhere(req, origin, target.p);
	} else if (err.code == RCD_NOENT) {
		(void)rcd_reply_error(req, 404, "there is nothing here");
	} else {
		rcd_log_limited(&failed, RCD_ERROR, "no link to a spoken answer: %s", err.msg);
		(void)rcd_reply_error(req, 503, "the audio cannot be had now");
	}
	rcd_buf_free(&target);
}
