#include "net/s3_int.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "net/form.h"

#include <stdio.h>
#include <string.h>

#define TRIES 2
#define PAUSE_MS 400 /* at most, before the second */
#define PAGE "1000"

static int send_once(struct rcd_http *http, const struct rcd_s3_conf *conf,
                     const struct rcd_s3_call *call, struct rcd_http_res *res, struct rcd_err *err)
{
	struct rcd_s3_request r;
	int ret = rcd_s3_request_init(&r, conf, call, err);

	if (ret == 0)
		ret = rcd_http_do(http, &r.http, res, err);
	rcd_s3_request_done(&r);
	if (ret != 0 || (res->status >= 200 && res->status < 300))
		return ret;
	ret = rcd_s3_refused(conf, call->method, res, rcd_buf_view(&res->body), err);
	rcd_http_res_free(res);
	return ret;
}

/* Full jitter. False: the deadline comes first, or the caller was cancelled. */
static bool wait_before_retry(int64_t deadline)
{
	uint32_t ms;

	rcd_random(&ms, sizeof(ms));
	ms %= PAUSE_MS;
	if (rcd_deadline_left(deadline, INT64_MAX) <= ms)
		return false;
	return rcd_cancel_sleep(ms);
}

/* Retries once when the store is busy or unreachable; every call is idempotent. */
static int send_with_retry(struct rcd_http *http, const struct rcd_s3_conf *conf,
                           const struct rcd_s3_call *c, struct rcd_http_res *res,
                           struct rcd_err *err)
{
	struct rcd_err why = {0};

	for (int i = 1;; i++) {
		*res = (struct rcd_http_res){0};
		if (send_once(http, conf, c, res, &why) == 0)
			return 0;
		if (i == TRIES || why.code != RCD_DOWN || !wait_before_retry(c->deadline))
			break;
	}
	*err = why;
	return -1;
}

int rcd_s3_put(struct rcd_http *http, const struct rcd_s3_conf *conf, const char *key,
               const char *type, struct rcd_sv bytes, int64_t deadline, struct rcd_err *err)
{
	const struct rcd_s3_call c = {"PUT", key, NULL, type, bytes, deadline};
	struct rcd_http_res res;
	int ret = send_with_retry(http, conf, &c, &res, err);

	rcd_http_res_free(&res);
	return ret;
}

int rcd_s3_delete(struct rcd_http *http, const struct rcd_s3_conf *conf, const char *key,
                  int64_t deadline, struct rcd_err *err)
{
	const struct rcd_s3_call c = {.method = "DELETE", .key = key, .deadline = deadline};
	struct rcd_http_res res;
	struct rcd_err why = {0};
	int ret = send_with_retry(http, conf, &c, &res, &why);

	rcd_http_res_free(&res);
	if (ret == 0 || why.code == RCD_NOENT)
		return 0;
	*err = why;
	return -1;
}

/* --- reading --------------------------------------------------------------------------- */

/* Reads the body of a refusal, or as much of it as arrives. */
static void read_refusal(struct rcd_http_stream *s, struct rcd_buf *out)
{
	char piece[4096];
	size_t n = 1;

	while (n > 0 && out->n + sizeof(piece) <= out->max && !out->bad) {
		if (rcd_http_read(s, piece, sizeof(piece), &n, RCD_UNREAD_ERR) != 0)
			return;
		rcd_buf_add(out, piece, n);
	}
}

int rcd_s3_get(struct rcd_http *http, const struct rcd_s3_conf *conf, const char *key,
               int64_t deadline, struct rcd_http_stream **out, struct rcd_err *err)
{
	const struct rcd_s3_call c = {.method = "GET", .key = key, .deadline = deadline};
	struct rcd_http_stream *s = NULL;
	struct rcd_http_res res = {0};
	struct rcd_s3_request r;
	struct rcd_buf refusal;
	int ret = rcd_s3_request_init(&r, conf, &c, err);

	if (ret == 0)
		ret = rcd_http_begin(http, &r.http, &s, &res, err);
	rcd_s3_request_done(&r);
	if (ret == 0 && res.status == 200) {
		*out = s;
		return 0;
	}
	if (ret == 0) {
		rcd_buf_init(&refusal, RCD_S3_MAX_REFUSAL);
		read_refusal(s, &refusal);
		ret = rcd_s3_refused(conf, c.method, &res, rcd_buf_view(&refusal), err);
		rcd_buf_free(&refusal);
	}
	(void)rcd_http_end(s);
	return ret;
}

/* --- listing --------------------------------------------------------------------------- */

int rcd_s3_list(struct rcd_http *http, const struct rcd_s3_conf *conf, const char *prefix,
                int64_t deadline, rcd_s3_each_fn *fn, void *arg, struct rcd_err *err)
{
	char last[RCD_S3_MAX_KEY + 1] = "", before[RCD_S3_MAX_KEY + 1];
	struct rcd_buf query;
	int more = 1;

	rcd_buf_init(&query, 3 * RCD_S3_MAX_KEY + 1024);
	while (more == 1) {
		struct rcd_s3_call c = {.method = "GET", .key = "", .deadline = deadline};
		struct rcd_http_res res;

		rcd_buf_reset(&query);
		rcd_form_add(&query, "list-type", RCD_SV("2"));
		rcd_form_add(&query, "max-keys", RCD_SV(PAGE));
		rcd_form_add(&query, "prefix", rcd_sv(prefix));
		if (last[0] != '\0') /* every store knows start-after; continuation tokens differ */
			rcd_form_add(&query, "start-after", rcd_sv(last));
		if (query.bad) {
			more = rcd_fail_nomem(err);
			break;
		}
		c.query = query.p;
		memcpy(before, last, sizeof(before));
		more = send_with_retry(http, conf, &c, &res, err);
		if (more == 0)
			more = rcd_s3_page(rcd_buf_view(&res.body), fn, arg, last, err);
		if (more == 1 && strcmp(last, before) == 0)
			more = rcd_fail(err, RCD_PROTO, 0, "s3: the listing does not go on");
		rcd_http_res_free(&res);
	}
	rcd_buf_free(&query);
	return more;
}
