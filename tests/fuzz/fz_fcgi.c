/* Bytes of a FastCGI connection through libfcgi to the request handlers; nothing is stored. */

#include "daemon/log.h"
#include "daemon/recadod/web.h"
#include "tests/fcgi.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int put(struct rcd_db *db, const struct rcd_inbox_in *in, bool *fresh, struct rcd_err *err)
{
	(void)db;
	(void)err;
	*fresh = in->event_key.n > 0;
	return 0;
}

/* libfcgi loses 48 bytes of its own when a connection ends inside the parameters. Only the
 * web server can make it do that. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfcgi.so";
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static char path[64], hook[] = "/webhook/whatsapp", base[] = "https://bot.example.com";
	static struct rcd_route route = {.path = hook};
	static struct rcd_conf conf = {.public_url = base, .route = &route, .n_routes = 1};
	static struct rcd_child child = {.conf = &conf, .bell_tx = -1, .listen_fd = -1};
	static struct rcd_web web = {.child = &child, .put = put};
	static struct rcd_acceptor *acceptor;
	struct rcd_buf answer;
	struct rcd_req *req;
	int fd;

	if (acceptor == NULL) {
		rcd_log_init("fuzz", 0);
		(void)snprintf(path, sizeof(path), "/tmp/recado-fz-%d.sock", (int)getpid());
		child.board = rcd_board_new();
		child.slot = &child.board->slot[0];
		child.listen_fd = t_fcgi_listen(path);
		if (rcd_secret_put(&conf.twilio.token, RCD_SV("12345"), NULL) != 0 || rcd_acceptor_init() != 0)
			abort();
		acceptor = rcd_acceptor_new(child.listen_fd);
	}
	fd = t_fcgi_send(path, (struct rcd_sv){(const char *)p, n < 100000 ? n : 100000});
	if (fd < 0)
		return 0;
	req = rcd_accept(acceptor);
	if (req != NULL) {
		/* what asks the store is not for here */
		if (!rcd_sv_is(rcd_req_path(req), "/") && !rcd_sv_is(rcd_req_path(req), "/health") &&
		    !rcd_sv_is(rcd_req_path(req), "/stats") && !rcd_sv_starts(rcd_req_path(req), RCD_SV("/system/")))
			rcd_route_request(&web, req);
		(void)rcd_req_end(req);
	}
	rcd_buf_init(&answer, 1 << 20);
	(void)t_fcgi_answer(fd, &answer);
	rcd_buf_free(&answer);
	(void)close(fd);
	return 0;
}
