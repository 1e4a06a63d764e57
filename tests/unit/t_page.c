/* Pages of the web: what they are called, and where a redirect may lead. */

#include "base/limits.h"
#include "knowledge/page.h"
#include "net/guard.h"
#include "tests/t.h"
#include "tests/unit/net_server.h"

static int fetch(struct rcd_http *http, const char *path, enum rcd_peer first,
                 struct rcd_page *page, struct rcd_err *err)
{
	char url[256];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", server.port, path);
	return rcd_page_fetch(http, url, first, page, err);
}

static int pages(void)
{
	struct rcd_page page = {.fd = -1};
	struct rcd_http *http = NULL;
	struct rcd_err err = {0};
	char text[64] = "";
	int ret = 0, before;

	T_INT(server_start(), 0);
	T_DO(rcd_http_open(&http, &err), err);
	T_DO(fetch(http, "/ok", RCD_PEER_LOOPBACK, &page, &err), err);
	T_OK(page.bytes > 0 && read(page.fd, text, sizeof(text) - 1) == page.bytes);
	T_STR(page.name, "ok"); /* text/plain tells nothing that the name does not */
	/* who names a private address, or is led to one, gets nothing; not even a connection */
	T_OK(fetch(http, "/redirect", RCD_PEER_LOOPBACK, &page, &err) != 0);
	T_INT(err.code, RCD_DENIED);
	before = server_count(&server.requests);
	T_OK(fetch(http, "/ok", RCD_PEER_PUBLIC, &page, &err) != 0);
	T_INT(err.code, RCD_DENIED);
	T_INT(server_count(&server.requests), before);
	T_OK(fetch(http, "/nowhere", RCD_PEER_LOOPBACK, &page, &err) != 0);
	T_OK(rcd_page_fetch(http, "ftp://127.0.0.1/", RCD_PEER_ANY, &page, &err) != 0);
	T_INT(err.code, RCD_INVAL);
out:
	if (page.fd >= 0)
		(void)close(page.fd);
	rcd_http_abort(http);
	rcd_http_close(http);
	return ret;
}

static int joining(void)
{
	static const struct {
		const char *location, *want;
	} cases[] = {
		{"/c", "https://loja.example/c"},         {"c?d=e", "https://loja.example/a/c?d=e"},
		{"../c", "https://loja.example/c"},       {"//cdn.example/c", "https://cdn.example/c"},
		{"http://10.0.0.1/", "http://10.0.0.1/"},
	};
	struct rcd_err err = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, RCD_MAX_URL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rcd_buf_reset(&b);
		T_DO(rcd_url_join("https://loja.example/a/b", cases[i].location, &b, &err), err);
		T_STR(b.p, cases[i].want);
	}
	T_OK(rcd_url_join("https://loja.example/", "http://[", &b, &err) != 0);
	T_OK(err.code == RCD_PROTO || err.code == RCD_NOMEM);
out:
	rcd_buf_free(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"pages", pages, 0},
	{"joining", joining, T_OOM},
	{NULL, NULL, 0},
};
