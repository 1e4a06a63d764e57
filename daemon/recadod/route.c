/* Method and path → handler. */

#include "base/crypto.h"
#include "daemon/recadod/web.h"

static const struct {
	const char *path; /* with a "/" at its end: everything below it */
	rcd_handler *get;
} page[] = {
	{"/", rcd_page_index},
	{"/health", rcd_page_health},
	{"/stats", rcd_page_stats},
	{"/static/audio/", rcd_page_media},
	{"/system/status", rcd_page_system},
	{"/system/advanced-status", rcd_page_advanced},
	{"/system/realtime-status", rcd_page_realtime},
	{"/test/realtime-connection", rcd_page_try_connection},
	{"/test/realtime-audio", rcd_page_try_audio},
	{"/upgrade-webhook", rcd_page_upgrade},
};

static bool admitted(struct rcd_web *web, struct rcd_req *req)
{
	struct rcd_sv auth = rcd_req_param(req, "HTTP_AUTHORIZATION");
	const struct rcd_secret *token = &web->child->conf->admin_token;

	if (rcd_req_local(req))
		return true;
	return rcd_secret_set(token) && rcd_req_count(req, "HTTP_AUTHORIZATION") == 1 &&
	       rcd_sv_starts(auth, RCD_SV("Bearer ")) &&
	       rcd_same_secret(rcd_sv_skip(auth, 7), rcd_secret_view(token));
}

static const struct rcd_route *webhook_at(const struct rcd_conf *conf, struct rcd_sv path)
{
	for (size_t i = 0; i < conf->n_routes; i++)
		if (rcd_sv_is(path, conf->route[i].path))
			return &conf->route[i];
	return NULL;
}

static bool leads_to(struct rcd_sv path, struct rcd_sv place)
{
	return place.n > 1 && rcd_sv_ends(place, RCD_SV("/")) ? rcd_sv_starts(path, place) : rcd_sv_eq(path, place);
}

void rcd_route_request(struct rcd_web *web, struct rcd_req *req)
{
	struct rcd_sv path = rcd_req_path(req), method = rcd_req_method(req);
	const struct rcd_route *hook = webhook_at(web->child->conf, path);

	if (hook != NULL) {
		rcd_webhook(web, req, hook);
		return;
	}
	if (rcd_sv_is(path, RCD_STATUS_PATH)) {
		rcd_status_callback(web, req);
		return;
	}
	/* whoever is not admitted does not learn what there is */
	if ((rcd_sv_starts(path, RCD_SV("/system/")) || rcd_sv_starts(path, RCD_SV("/test/"))) &&
	    !admitted(web, req)) {
		(void)rcd_reply_error(req, 403, "from this machine only, or with the admin token");
		return;
	}
	for (size_t i = 0; i < sizeof(page) / sizeof(page[0]); i++) {
		if (!leads_to(path, rcd_sv(page[i].path)))
			continue;
		if (rcd_sv_is(method, "GET") || rcd_sv_is(method, "HEAD"))
			page[i].get(web, req);
		else
			(void)rcd_reply_error(req, 405, "GET and HEAD only");
		return;
	}
	(void)rcd_reply_error(req, 404, "there is nothing here");
}
