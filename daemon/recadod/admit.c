#include "base/crypto.h"
#include "daemon/recadod/web.h"
#include "net/guard.h"

static bool has_public_url(const struct rcd_conf *conf)
{
	struct rcd_origin origin;
	struct rcd_err err;

	return conf->public_url[0] != '\0' &&
	       !(rcd_origin_parse(conf->public_url, &origin, &err) == 0 &&
	         rcd_origin_loopback(&origin));
}

bool rcd_is_admitted(struct rcd_web *web, struct rcd_req *req)
{
	struct rcd_sv auth = rcd_req_param(req, "HTTP_AUTHORIZATION");
	const struct rcd_secret *token = &web->child->conf->admin_token;

	/* an instance that the world reaches has a proxy in front, and not every proxy says so */
	if (!has_public_url(web->child->conf) && rcd_req_local(req))
		return true;
	return rcd_secret_set(token) && rcd_req_count(req, "HTTP_AUTHORIZATION") == 1 &&
	       rcd_sv_starts(auth, RCD_SV("Bearer ")) &&
	       rcd_same_secret(rcd_sv_skip(auth, 7), rcd_secret_view(token));
}
