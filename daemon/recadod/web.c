/* The web role. Every thread waits for the listener in an epoll set of its own, exclusively,
 * so that a connection wakes one of them and not all; it then tries to accept, and goes back
 * to wait when another process was quicker. libfcgi's own blocking accept has a window in
 * which a stop is not noticed until the next request. */

#include "daemon/recadod/web.h"

#include "base/clock.h"
#include "daemon/log.h"
#include "daemon/recadod/slow.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define WATCH_MS 1000

static int open_epoll(const struct rcd_web *web)
{
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event stop = {.events = EPOLLIN, .data.fd = web->stop_fd};
	struct epoll_event listen = {.events = EPOLLIN | EPOLLEXCLUSIVE,
	                             .data.fd = web->child->listen_fd};

	if (ep >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, web->stop_fd, &stop) == 0 &&
	    epoll_ctl(ep, EPOLL_CTL_ADD, web->child->listen_fd, &listen) == 0)
		return ep;
	if (ep >= 0)
		(void)close(ep);
	return -1;
}

static bool is_stopping(const struct rcd_web *web, int ep)
{
	struct epoll_event ev[2];
	int n = epoll_wait(ep, ev, 2, -1);

	for (int i = 0; i < n; i++)
		if (ev[i].data.fd == web->stop_fd)
			return true;
	return false;
}

static void serve_one(struct rcd_web *web, struct rcd_acceptor *a)
{
	struct rcd_req *req = rcd_accept(a);

	if (req == NULL)
		return;
	atomic_fetch_add(&web->child->slot->busy, 1);
	rcd_route_request(web, req);
	(void)rcd_req_end(req);
	atomic_fetch_add(&web->child->slot->served, 1);
	atomic_fetch_sub(&web->child->slot->busy, 1);
}

static void *serve_requests(void *arg)
{
	struct rcd_web *web = arg;
	struct rcd_acceptor *a = rcd_acceptor_new(web->child->listen_fd);
	int ep = open_epoll(web);

	if (a == NULL || ep < 0)
		rcd_log(RCD_ERROR, "a web thread did not start: %m");
	else
		while (!is_stopping(web, ep))
			serve_one(web, a);
	if (ep >= 0)
		(void)close(ep);
	rcd_acceptor_free(a);
	rcd_web_leave(web, &web->threads);
	return NULL;
}

static int start_newer(struct rcd_web *web, struct rcd_err *err)
{
	const struct rcd_conf *conf = web->child->conf;
	int rc;

	web->max_twiml = conf->web_threads / 4 > 0 ? conf->web_threads / 4 : 1;
	web->newer.board = web->child->board;
	web->newer.db = web->rt.db;
	web->newer.owner = web->child->owner;
	web->newer.cancels = conf->turn.cancels;
	rc = rcd_newer_start(&web->newer);
	return rc == 0 ? 0 : rcd_fail(err, RCD_IO, rc, "cannot start a thread for newer messages");
}

static int start_web(struct rcd_web *web, struct rcd_err *err)
{
	const struct rcd_conf *conf = web->child->conf;
	bool twiml = false;

	for (size_t i = 0; i < conf->n_routes; i++)
		twiml = twiml || conf->route[i].twiml;
	if (rcd_child_runtime(&web->rt, web->child, twiml, err) != 0)
		return -1;
	if (twiml && start_newer(web, err) != 0)
		return -1;
	web->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	web->gone_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (web->stop_fd < 0 || web->gone_fd < 0 || rcd_acceptor_init() != 0)
		return rcd_fail_errno(err, "cannot set up FastCGI");
	for (int i = 0; i < conf->web_threads; i++) {
		atomic_fetch_add(&web->threads, 1);
		if (rcd_spawn(serve_requests, web) != 0) {
			atomic_fetch_sub(&web->threads, 1);
			return rcd_fail_errno(err, "cannot start thread %d", i);
		}
	}
	return 0;
}

static void end_slow(void)
{
	static struct rcd_log_limit ended = RCD_LOG_LIMIT;
	int n = rcd_slow_end();

	if (n > 0)
		rcd_log_limited(&ended, RCD_WARN, "slow_connections_ended n=%d", n);
}

/* True when everything that was in flight is done. */
static bool drain_requests(struct rcd_web *web)
{
	int64_t until = rcd_mono_ms() + web->child->conf->drain_ms;
	struct pollfd gone = {.fd = web->gone_fd, .events = POLLIN};
	eventfd_t count;

	(void)eventfd_write(web->stop_fd, 1);
	while (atomic_load(&web->threads) > 0 || atomic_load(&web->turns) > 0) {
		if (rcd_mono_ms() > until)
			return false;
		if (poll(&gone, 1, (int)rcd_deadline_left(until, WATCH_MS)) > 0)
			(void)eventfd_read(gone.fd, &count);
		end_slow();
	}
	return true;
}

int rcd_web_main(struct rcd_child *child)
{
	struct rcd_web web = {.child = child, .put = rcd_inbox_put};
	struct rcd_err err = {0};

	if (start_web(&web, &err) != 0) {
		rcd_log(RCD_ERROR, "%s", err.msg);
		_exit(1); /* threads that did start use web, which lives on this stack */
	}
	rcd_child_ready(child);
	while (!rcd_child_wait(child, -1, WATCH_MS, NULL)) {
		rcd_child_beat(child);
		end_slow();
	}
	if (!drain_requests(&web)) {
		/* leases and the outbox say what was open: whoever comes next goes on from there */
		rcd_log(RCD_WARN, "%d requests were not finished in %d ms", atomic_load(&child->slot->busy),
		        child->conf->drain_ms);
		_exit(0);
	}
	if (web.max_twiml > 0)
		rcd_newer_stop(&web.newer);
	rcd_runtime_close(&web.rt);
	(void)close(web.stop_fd);
	return 0;
}
