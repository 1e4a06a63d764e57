/* A FastCGI request through libfcgi to the handlers; nothing is stored. The input is lines of
 * NAME=value, an empty line, the body. The framing itself is made right: what libfcgi does
 * with a wrong one (it asserts on absurd lengths) only the web server could bring about, and
 * nobody else may open the socket. */

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

#define MAX_PARAMS 64

/* Fills list with copies that the caller frees; gives what is behind the empty line. */
static struct rcd_sv take_params(struct rcd_sv text, char **list)
{
	struct rcd_sv line, name;
	size_t n = 0;

	while (rcd_sv_cut(&text, '\n', &line) && line.n > 0) {
		if (n + 2 > MAX_PARAMS || !rcd_sv_cut(&line, '=', &name))
			continue;
		list[n++] = rcd_sv_dup(name);
		list[n++] = rcd_sv_dup(line);
	}
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static char path[64], hook[] = "/webhook/whatsapp", base[] = "https://bot.example.com";
	static struct rcd_route route = {.path = hook};
	static struct rcd_conf conf = {.public_url = base, .route = &route, .n_routes = 1};
	static struct rcd_child child = {.conf = &conf, .bell_tx = -1, .news_fd = -1, .listen_fd = -1};
	static struct rcd_web web = {.child = &child, .put = put};
	static struct rcd_acceptor *acceptor;
	char *list[MAX_PARAMS + 1] = {NULL};
	struct rcd_buf answer, bytes;
	struct rcd_req *req;
	struct rcd_sv body;
	int fd;

	if (acceptor == NULL) {
		rcd_log_init("fuzz", 0);
		(void)snprintf(path, sizeof(path), "/tmp/recado-fz-%d.sock", (int)getpid());
		child.board = rcd_board_new();
		child.slot = &child.board->slot[0];
		child.listen_fd = t_fcgi_listen(path);
		if (rcd_secret_put(&conf.twilio.token, RCD_SV("12345"), RCD_UNREAD_ERR) != 0 ||
		    rcd_acceptor_init() != 0)
			abort();
		acceptor = rcd_acceptor_new(child.listen_fd);
	}
	body = take_params((struct rcd_sv){(const char *)p, n < 60000 ? n : 60000}, list);
	rcd_buf_init(&bytes, 1 << 20);
	t_fcgi_request(&bytes, (const char *const *)list, body);
	fd = t_fcgi_send(path, rcd_buf_view(&bytes));
	rcd_buf_free(&bytes);
	for (size_t i = 0; i < MAX_PARAMS; i++)
		free(list[i]);
	if (fd < 0)
		return 0;
	req = rcd_accept(acceptor);
	if (req != NULL) {
		/* what asks the store is not for here */
		if (!rcd_sv_is(rcd_req_path(req), "/") && !rcd_sv_is(rcd_req_path(req), "/health") &&
		    !rcd_sv_is(rcd_req_path(req), "/stats") &&
		    !rcd_sv_starts(rcd_req_path(req), RCD_SV("/system/")))
			rcd_route_request(&web, req);
		(void)rcd_req_end(req);
	}
	rcd_buf_init(&answer, 1 << 20);
	(void)t_fcgi_answer(fd, &answer);
	rcd_buf_free(&answer);
	(void)close(fd);
	return 0;
}
