/* The webhook from FastCGI bytes to the committed row, in this process. */

#include "daemon/log.h"
#include "daemon/recadod/web.h"
#include "provider/sign.h"
#include "tests/fcgi.h"
#include "tests/unit/store.h"

#include <stdlib.h>
#include <unistd.h>

#define BODY                                                                                                              \
	"MessageSid=SM00000000000000000000000000000001&From=whatsapp%3A%2B5511987654321&To=whatsapp%3A%2B14155238886&Body=oi" \
	"&NumMedia=0&ProfileName=Ana"

struct house {
	struct rcd_conf conf;
	struct rcd_route route;
	struct rcd_board *board;
	struct rcd_child child;
	struct rcd_web web;
	struct rcd_acceptor *acceptor;
	char path[64], base[64], socket[256], url[512], signature[32];
};

static int build(struct house *h, struct rcd_err *err)
{
	const struct rcd_db_conf dc = {.url = h->url, .readers = 1};
	struct rcd_form form = {0};
	int ret;

	memset(h, 0, sizeof(*h));
	h->child.bell_tx = h->child.news_fd = h->child.listen_fd = -1;
	rcd_log_init("test", 0);
	(void)snprintf(h->path, sizeof(h->path), "/webhook/whatsapp");
	(void)snprintf(h->base, sizeof(h->base), "https://bot.example.com");
	(void)snprintf(h->socket, sizeof(h->socket), "%s/s", t_dir());
	(void)snprintf(h->url, sizeof(h->url), "%s", t_store_url());
	h->route.path = h->path;
	h->conf.route = &h->route;
	h->conf.n_routes = 1;
	h->conf.public_url = h->base;
	h->conf.openai.chat_model = h->conf.openai.transcribe_model = h->conf.voice.model = "a-model";
	h->board = rcd_board_new();
	if (h->board == NULL || rcd_secret_put(&h->conf.twilio.token, RCD_SV("12345"), err) != 0 ||
	    rcd_form_parse(RCD_SV(BODY), &form, err) != 0)
		return -1;
	ret = rcd_sign_twilio_make(&h->conf.twilio.token, "https://bot.example.com/webhook/whatsapp",
	                           &form, h->signature);
	rcd_form_free(&form);
	if (ret != 0)
		return rcd_fail_nomem(err);
	h->child.conf = &h->conf;
	h->child.board = h->board;
	h->child.slot = &h->board->slot[0];
	h->child.listen_fd = t_fcgi_listen(h->socket);
	h->web.child = &h->child;
	h->web.put = rcd_inbox_put;
	if (rcd_acceptor_init() != 0 || (h->acceptor = rcd_acceptor_new(h->child.listen_fd)) == NULL)
		return rcd_fail_nomem(err);
	if (t_store_new(h->url, err) != 0)
		return -1;
	return rcd_db_open(&h->web.rt.db, &dc, err);
}

static void pull_down(struct house *h)
{
	rcd_acceptor_free(h->acceptor);
	rcd_db_close(h->web.rt.db);
	rcd_secret_wipe(&h->conf.twilio.token);
	if (h->child.listen_fd >= 0)
		(void)close(h->child.listen_fd);
}

/* One request through the whole web side; its status, 0 when there was no answer. */
static int ask(struct house *h, const char *const *params, struct rcd_sv body,
               struct rcd_buf *answer)
{
	struct rcd_req *req;
	struct rcd_buf bytes;
	int64_t status = 0;
	int fd;

	rcd_buf_init(&bytes, 1 << 20);
	rcd_buf_reset(answer);
	t_fcgi_request(&bytes, params, body);
	fd = bytes.bad ? -1 : t_fcgi_send(h->socket, rcd_buf_view(&bytes));
	rcd_buf_free(&bytes);
	if (fd < 0)
		return 0;
	req = rcd_accept(h->acceptor);
	if (req != NULL) {
		rcd_route_request(&h->web, req);
		(void)rcd_req_end(req);
		(void)t_fcgi_answer(fd, answer);
		if (rcd_sv_starts(rcd_buf_view(answer), RCD_SV("Status: ")) && answer->n > 11)
			(void)rcd_parse_i64((struct rcd_sv){answer->p + 8, 3}, 100, 599, &status);
	}
	(void)close(fd);
	return (int)status;
}

static int rows(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char sql[] = "SELECT count(*) FROM inbox";

	return rcd_get_i64(conn, arg, sql, RCD_BIND(), err);
}

static int intake(void)
{
	struct rcd_err err = {0};
	struct rcd_buf answer;
	struct house h;
	int64_t n = -1;
	int ret = 0, status;

	rcd_buf_init(&answer, 1 << 20);
	T_DO(build(&h, &err), err);
	const char *const params[] = {"REQUEST_METHOD",
	                              "POST",
	                              "REQUEST_URI",
	                              "/webhook/whatsapp",
	                              "CONTENT_TYPE",
	                              "application/x-www-form-urlencoded",
	                              "CONTENT_LENGTH",
	                              "123",
	                              "HTTP_X_TWILIO_SIGNATURE",
	                              h.signature,
	                              NULL};
	char length[16];
	const char *p[sizeof(params) / sizeof(params[0])];

	memcpy(p, params, sizeof(params));
	(void)snprintf(length, sizeof(length), "%zu", sizeof(BODY) - 1);
	p[7] = length;
	status = ask(&h, p, RCD_SV(BODY), &answer);
	if (status == 503 || status == 0 || answer.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_INT(status, 200);
	T_OK(strstr(answer.p, "<Response/>") != NULL);
	T_DO(rcd_db_read(h.web.rt.db, rows, &n, &err), err);
	T_INT(n, 1);
out:
	rcd_buf_free(&answer);
	pull_down(&h);
	return ret;
}

static int refusals(void)
{
	static const char form[] = "application/x-www-form-urlencoded";
	struct rcd_err err = {0};
	struct rcd_buf answer;
	struct house h;
	int64_t n = -1;
	char length[16];
	int ret = 0;

	rcd_buf_init(&answer, 1 << 20);
	T_DO(build(&h, &err), err);
	(void)snprintf(length, sizeof(length), "%zu", sizeof(BODY) - 1);
	const struct {
		int want;
		const char *p[17];
	} row[] = {
		{403,
	     {"REQUEST_METHOD", "POST", "REQUEST_URI", h.path, "CONTENT_TYPE", form, "CONTENT_LENGTH",
	      length}},
		{403,
	     {"REQUEST_METHOD", "POST", "REQUEST_URI", h.path, "CONTENT_TYPE", form, "CONTENT_LENGTH",
	      length, "HTTP_X_TWILIO_SIGNATURE", h.signature, "HTTP_X_TWILIO_SIGNATURE", h.signature}},
		{403,
	     {"REQUEST_METHOD", "POST", "REQUEST_URI", "/webhook/whatsapp?x=1", "CONTENT_TYPE", form,
	      "CONTENT_LENGTH", length, "HTTP_X_TWILIO_SIGNATURE", h.signature}},
		{415,
	     {"REQUEST_METHOD", "POST", "REQUEST_URI", h.path, "CONTENT_TYPE", "application/json",
	      "CONTENT_LENGTH", length}},
		{400,
	     {"REQUEST_METHOD", "POST", "REQUEST_URI", h.path, "CONTENT_TYPE", form, "CONTENT_LENGTH",
	      "12abc"}},
		{400,
	     {"REQUEST_METHOD", "POST", "REQUEST_URI", h.path, "CONTENT_TYPE", form, "CONTENT_LENGTH",
	      "-1"}},
		{400,
	     {"REQUEST_METHOD", "POST", "REQUEST_URI", h.path, "CONTENT_TYPE", form, "CONTENT_LENGTH",
	      "5000"}},
		{413,
	     {"REQUEST_METHOD", "POST", "REQUEST_URI", h.path, "CONTENT_TYPE", form, "CONTENT_LENGTH",
	      "262145"}},
		{405, {"REQUEST_METHOD", "DELETE", "REQUEST_URI", h.path}},
		{404, {"REQUEST_METHOD", "GET", "REQUEST_URI", "/other"}},
		{404, {"REQUEST_METHOD", "GET"}},
		{403,
	     {"REQUEST_METHOD", "GET", "REQUEST_URI", "/system/status", "REMOTE_ADDR", "203.0.113.9"}},
		/* the world reaches it, so this may be a proxy */
		{403,
	     {"REQUEST_METHOD", "GET", "REQUEST_URI", "/system/status", "REMOTE_ADDR", "127.0.0.1"}},
		{200, {"REQUEST_METHOD", "GET", "REQUEST_URI", h.path}},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bool post = strcmp(row[i].p[1], "POST") == 0;
		int got = ask(&h, row[i].p, post ? RCD_SV(BODY) : RCD_SV(""), &answer);

		if (got != row[i].want)
			T_FAIL("row %zu answered %d, not %d", i, got, row[i].want);
	}
	T_DO(rcd_db_read(h.web.rt.db, rows, &n, &err), err);
	T_INT(n, 0);
out:
	rcd_buf_free(&answer);
	pull_down(&h);
	return ret;
}

const struct t_case t_cases[] = {
	{"intake", intake, T_OOM},
	{"refusals", refusals, 0},
	{NULL, NULL, 0},
};
