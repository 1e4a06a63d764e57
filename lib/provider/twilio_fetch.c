#include "provider/twilio_api.h"

#include "base/clock.h"
#include "net/guard.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DOING "twilio: fetching an attachment"
#define TRIES 3

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Media may become available shortly after its webhook. */
static void wait_before_retry(int attempt, int64_t deadline)
{
	int64_t ms = rcd_deadline_left(deadline, 200 << attempt);
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	(void)nanosleep(&ts, NULL);
}

/* May a redirect lead there, and to what addresses? Loopback stays on loopback; everything
 * else goes to a content network of the configuration, over TLS. */
static int check_redirect(const struct rcd_twilio_conf *conf, const struct rcd_origin *base,
                          const struct rcd_origin *to, enum rcd_peer *peer, struct rcd_err *err)
{
	if (conf->base_url_set && rcd_origin_loopback(base)) {
		if (!rcd_origin_loopback(to))
			return rcd_fail(err, RCD_DENIED, 0,
			                DOING ": the redirect leaves loopback, where TWILIO_BASE_URL is");
		*peer = RCD_PEER_LOOPBACK;
		return 0;
	}
	if (strcmp(to->scheme, "https") == 0 && to->port == 443)
		for (const char *const *c = conf->cdn; c != NULL && *c != NULL; c++)
			if (rcd_host_under(to->host, *c)) {
				*peer = RCD_PEER_PUBLIC;
				return 0;
			}
	return rcd_fail(err, RCD_DENIED, 0,
	                DOING ": a redirect to %.64s, which is not in the list of hosts for media",
	                to->host);
}

/* Location as an absolute URL. */
static int build_target(const struct rcd_twilio_conf *conf, const char *location,
                        struct rcd_buf *url, struct rcd_err *err)
{
	if (location[0] == '\0')
		return rcd_fail(err, RCD_PROTO, 0, DOING ": a redirect to nowhere");
	if (location[0] == '/' && location[1] != '/')
		rcd_answer_url(url, conf->base_url, location);
	else
		rcd_buf_str(url, location);
	if (url->bad)
		return url->over ? rcd_fail(err, RCD_LIMIT, 0, DOING ": the redirect is too long")
		                 : rcd_fail_nomem(err);
	return 0;
}

/* The second request: without credentials, and a second redirect is not followed. */
static int follow_redirect(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                           struct rcd_http_req *req, struct rcd_http_res *res, struct rcd_err *err)
{
	struct rcd_origin base, to;
	struct rcd_buf url;
	int ret = -1;

	rcd_buf_init(&url, RCD_MAX_URL);
	if (build_target(conf, res->location, &url, err) != 0)
		goto out;
	if (rcd_origin_parse(conf->base_url, &base, err) != 0 ||
	    rcd_origin_parse(url.p, &to, err) != 0) {
		(void)rcd_answer_lost(DOING, err);
		goto out;
	}
	if (check_redirect(conf, &base, &to, &req->peer, err) != 0)
		goto out;
	req->url = url.p;
	req->user = NULL;
	req->password = NULL;
	rcd_http_res_free(res);
	ret = rcd_http_do(http, req, res, err);
	if (ret != 0)
		(void)rcd_answer_lost(DOING, err);
	else if (is_redirect(res->status))
		ret = rcd_fail(err, RCD_DENIED, res->status, DOING ": redirected twice");
out:
	req->url = NULL;
	rcd_buf_free(&url);
	return ret;
}

static int fetch_once(struct rcd_http *http, const struct rcd_twilio_conf *conf, const char *url,
                      struct rcd_http_req req, struct rcd_http_res *res, struct rcd_err *err)
{
	req.url = url;
	req.user = conf->account_sid;
	req.password = &conf->token;
	if (rcd_http_do(http, &req, res, err) != 0)
		return rcd_answer_lost(DOING, err);
	if (is_redirect(res->status) && follow_redirect(http, conf, &req, res, err) != 0)
		return -1;
	if (res->status != 200)
		return rcd_twilio_refused("fetching an attachment", res, err);
	return 0;
}

/* "..", "." and backslashes, escaped or not: an HTTP client and the server behind it need not agree
 * on where such a path leads, and the credentials go with the request. */
static bool is_plain_path(const char *url)
{
	struct rcd_sv rest = rcd_sv(url), path, segment;
	struct rcd_buf plain;
	bool ok = true;

	(void)rcd_sv_cut(&rest, '?', &path);
	rcd_buf_init(&plain, RCD_MAX_URL);
	for (size_t i = 0; i < path.n; i++) {
		struct rcd_sv at = rcd_sv_skip(path, i);
		bool dot = at.n >= 3 && rcd_sv_ieq((struct rcd_sv){at.p, 3}, RCD_SV("%2e"));
		bool slash = at.n >= 3 && (rcd_sv_ieq((struct rcd_sv){at.p, 3}, RCD_SV("%2f")) ||
		                           rcd_sv_ieq((struct rcd_sv){at.p, 3}, RCD_SV("%5c")));

		if (dot)
			rcd_buf_ch(&plain, '.');
		else
			rcd_buf_ch(&plain, slash || at.p[0] == '\\' ? '/' : at.p[0]);
		i += dot || slash ? 2 : 0;
	}
	for (rest = rcd_buf_view(&plain); ok && rcd_sv_cut(&rest, '/', &segment);)
		ok = !rcd_sv_is(segment, ".") && !rcd_sv_is(segment, "..");
	ok = ok && !plain.bad;
	rcd_buf_free(&plain);
	return ok;
}

/* The credentials go with the first request, so its origin must be the one they are for. */
static int check_origin(const struct rcd_twilio_conf *conf, const char *url, struct rcd_err *err)
{
	struct rcd_origin base, asked;

	if (rcd_origin_parse(conf->base_url, &base, err) != 0)
		return rcd_answer_lost(DOING, err);
	if (rcd_origin_parse(url, &asked, RCD_UNREAD_ERR) != 0 || !is_plain_path(url))
		return rcd_fail(err, RCD_DENIED, 0, DOING ": its address is not a URL we would ask");
	if (!rcd_origin_same(&base, &asked))
		return rcd_fail(err, RCD_DENIED, 0, DOING ": it lies on %.64s, not on %.64s", asked.host,
		                base.host);
	return 0;
}

int rcd_twilio_fetch(struct rcd_http *http, const struct rcd_twilio_conf *conf, const char *url,
                     int64_t deadline, struct rcd_buf *out, char type[96], struct rcd_err *err)
{
	struct rcd_http_req req = {.max_body = out->max < RCD_MAX_MEDIA ? out->max : RCD_MAX_MEDIA,
	                           .deadline = deadline};
	struct rcd_http_res res = {0};
	int ret;

	if (check_origin(conf, url, err) != 0)
		return -1;
	for (int i = 0;; i++) {
		ret = fetch_once(http, conf, url, req, &res, err);
		if (ret == 0 || err->code != RCD_NOENT || i == TRIES)
			break;
		rcd_http_res_free(&res);
		wait_before_retry(i, deadline);
	}
	if (ret == 0) { /* the bytes move: an attachment may have 20 MB */
		rcd_buf_free(out);
		out->n = res.body.n;
		out->cap = res.body.cap;
		out->p = res.body.p;
		res.body.p = NULL;
		(void)snprintf(type, 96, "%s", res.type);
	}
	rcd_http_res_free(&res);
	return ret;
}
