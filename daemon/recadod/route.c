/* Method and path → handler. */

#include "daemon/recadod/web.h"

static const struct page {
	const char *path; /* with a "/" at its end: everything below it */
	rcd_handler *run;
	bool post; /* costs money: never by GET, which a link or an image is enough for */
} page[] = {
	{"/", rcd_page_index, false},
	{"/health", rcd_page_health, false},
	{"/stats", rcd_page_stats, false},
	{"/static/audio/", rcd_page_media, false},
	{"/system/status", rcd_page_system, false},
	{"/system/advanced-status", rcd_page_advanced, false},
	{"/system/realtime-status", rcd_page_realtime, false},
	{"/test/realtime-connection", rcd_page_try_connection, true},
	{"/test/realtime-audio", rcd_page_try_audio, true},
	{"/upgrade-webhook", rcd_page_upgrade, false},
};

static const struct rcd_route *find_webhook(const struct rcd_conf *conf, struct rcd_sv path)
{
	for (size_t i = 0; i < conf->n_routes; i++)
		if (rcd_sv_is(path, conf->route[i].path))
			return &conf->route[i];
	return NULL;
}

static bool is_below(struct rcd_sv path, struct rcd_sv place)
{
	return place.n > 1 && rcd_sv_ends(place, RCD_SV("/")) ? rcd_sv_starts(path, place)
	                                                      : rcd_sv_eq(path, place);
}

static void serve_page(struct rcd_web *web, struct rcd_req *req, const struct page *p)
{
	struct rcd_sv method = rcd_req_method(req);
	bool reads = rcd_sv_is(method, "GET") || rcd_sv_is(method, "HEAD");

	if (p->post ? rcd_sv_is(method, "POST") : reads)
		p->run(web, req);
	else
		(void)rcd_reply_error(req, 405,
		                      p->post ? "POST only: it costs money" : "GET and HEAD only");
}

void rcd_route_request(struct rcd_web *web, struct rcd_req *req)
{
	struct rcd_sv path = rcd_req_path(req);
	const struct rcd_route *hook = find_webhook(web->child->conf, path);

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
	    !rcd_is_admitted(web, req)) {
		(void)rcd_reply_error(req, 403, "from this machine only, or with the admin token");
		return;
	}
	for (size_t i = 0; i < sizeof(page) / sizeof(page[0]); i++)
		if (is_below(path, rcd_sv(page[i].path))) {
			serve_page(web, req, &page[i]);
			return;
		}
	(void)rcd_reply_error(req, 404, "there is nothing here");
}
