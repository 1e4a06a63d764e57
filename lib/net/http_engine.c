#include "net/http_int.h"

#include "base/clock.h"
#include "base/thread.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NEVER INT64_MAX

/* --- the end of a transfer ------------------------------------------------------------ */

static void leave_multi(struct rcd_http_stream *t)
{
	if (!t->running)
		return;
	(void)curl_multi_remove_handle(t->http->multi, t->easy);
	TAILQ_REMOVE(&t->http->running, t, running_link);
	t->running = false;
}

/* Last access to t: its caller may free it as soon as the lock is released. */
static void finish_stream(struct rcd_http_stream *t, int result, const struct rcd_err *err)
{
	struct rcd_http *http = t->http;

	leave_multi(t);
	(void)pthread_mutex_lock(&http->lock);
	if (t->wants != 0)
		TAILQ_REMOVE(&http->queue, t, queue_link);
	t->wants = 0;
	t->closed = true;
	(void)pthread_mutex_unlock(&http->lock);
	(void)pthread_mutex_lock(&t->lock);
	if (t->res != NULL)
		t->res->sent = t->sent;
	t->result = result;
	if (result != 0)
		t->err = *err;
	t->done = true;
	(void)pthread_cond_signal(&t->moved_on);
	(void)pthread_mutex_unlock(&t->lock);
}

static void fail_stream(struct rcd_http_stream *t, enum rcd_code code, const char *why)
{
	struct rcd_err err;

	(void)rcd_fail(&err, code, 0, "%s: %s", t->host, why);
	finish_stream(t, -1, &err);
}

/* Error code for callers. */
static enum rcd_code map_curl_code(const struct rcd_http_stream *t, CURLcode rc)
{
	if (t->refused && !t->opened)
		return RCD_DENIED;
	switch ((int)rc) {
	case CURLE_OUT_OF_MEMORY: /* also what curl says of a header line over its own 100 kB */
		return t->sent && !t->answered ? RCD_LIMIT : RCD_NOMEM;
	case CURLE_OPERATION_TIMEDOUT:
		return RCD_TIMEOUT;
	case CURLE_FILESIZE_EXCEEDED:
		return RCD_LIMIT;
	case CURLE_UNSUPPORTED_PROTOCOL: /* of the URL, or an answer without a head */
		return t->sent ? RCD_DOWN : RCD_DENIED;
	case CURLE_LOGIN_DENIED: /* user information in the URL */
		return RCD_DENIED;
	case CURLE_URL_MALFORMAT:
		return RCD_INVAL;
	default:
		return RCD_DOWN;
	}
}

static void finish_transfer(struct rcd_http_stream *t, CURLcode rc)
{
	enum rcd_code code = map_curl_code(t, rc);

	if (t->fail.code != RCD_OK)
		finish_stream(t, -1, &t->fail);
	else if (rc == CURLE_OK && t->answered)
		finish_stream(t, 0, NULL);
	else if (code == RCD_DENIED)
		fail_stream(t, code, "address or scheme is not allowed");
	else if (code == RCD_LIMIT)
		fail_stream(t, code, "answer is too large");
	else
		fail_stream(t, code, rc == CURLE_OK ? "no answer" : curl_easy_strerror(rc));
}

static void reap_transfers(struct rcd_http *http)
{
	struct rcd_http_stream *t;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(http->multi, &left)) != NULL) {
		CURLcode rc = m->data.result;

		if (m->msg == CURLMSG_DONE &&
		    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t) == CURLE_OK)
			finish_transfer(t, rc);
	}
}

/* --- time limits ---------------------------------------------------------------------- */

/* When t's time is over if nothing comes, and what is then to be said. While the reader is
 * the slow one only the deadline counts. */
static int64_t find_limit(const struct rcd_http_stream *t, const char **what)
{
	int64_t due = t->deadline, step = NEVER;

	*what = "deadline passed";
	if (!t->sent)
		step = t->connect_due;
	else if (!t->answered)
		step = t->head_due;
	else if (!t->paused)
		step = t->moved + t->idle_ms;
	if (step < due) {
		*what = !t->sent ? "connecting took too long" : "no answer in time";
		due = step;
	}
	return due;
}

void rcd_http_watch(struct rcd_http_stream *t)
{
	const char *what;
	int64_t due = find_limit(t, &what);

	if (due < t->http->limit_due)
		t->http->limit_due = due;
}

/* limit_due is no later than the first limit that ends. Bytes that come move a limit away
 * without a word; so a look may find nothing to do, but is due seldom. */
static void check_limits(struct rcd_http *http, int64_t now)
{
	struct rcd_http_stream *t, *next;
	const char *what;

	http->limit_due = NEVER;
	for (t = TAILQ_FIRST(&http->running); t != NULL; t = next) {
		int64_t due = find_limit(t, &what);

		next = TAILQ_NEXT(t, running_link);
		if (due <= now)
			fail_stream(t, RCD_TIMEOUT, what);
		else if (due < http->limit_due)
			http->limit_due = due;
	}
}

/* --- commands ------------------------------------------------------------------------- */

bool rcd_http_post(struct rcd_http_stream *t, enum rcd_http_want want)
{
	struct rcd_http *http = t->http;
	bool open, wake;

	(void)pthread_mutex_lock(&http->lock);
	open = !t->closed && !http->closing;
	wake = open && TAILQ_EMPTY(&http->queue);
	if (open && t->wants == 0)
		TAILQ_INSERT_TAIL(&http->queue, t, queue_link);
	if (open)
		t->wants |= (unsigned)want;
	if (wake) /* under the lock: the descriptor is closed after closing is set */
		(void)eventfd_write(http->wake, 1);
	(void)pthread_mutex_unlock(&http->lock);
	return open;
}

static void start_transfer(struct rcd_http_stream *t)
{
	struct rcd_http *http = t->http;

	if (curl_multi_add_handle(http->multi, t->easy) != CURLM_OK) {
		fail_stream(t, RCD_NOMEM, "cannot start");
		return;
	}
	t->running = true;
	TAILQ_INSERT_TAIL(&http->running, t, running_link);
	rcd_http_watch(t);
}

static void resume_transfer(struct rcd_http_stream *t)
{
	CURLcode rc;

	(void)pthread_mutex_lock(&t->lock);
	t->paused = false;
	(void)pthread_mutex_unlock(&t->lock);
	t->moved = rcd_mono_ms();
	rcd_http_watch(t);
	rc = curl_easy_pause(t->easy, CURLPAUSE_CONT);
	if (rc != CURLE_OK)
		finish_transfer(t, rc); /* what it had kept was refused; the multi does not say so again */
}

static void apply_commands(struct rcd_http_stream *t, unsigned wants)
{
	if (wants & RCD_HTTP_STOP) {
		fail_stream(t, RCD_CANCELLED, "cancelled");
		return;
	}
	if (wants & RCD_HTTP_START)
		start_transfer(t);
	if ((wants & RCD_HTTP_RESUME) && t->running)
		resume_transfer(t);
}

/* false: closing. */
static bool take_commands(struct rcd_http *http)
{
	struct rcd_http_stream *t;
	bool closing;

	for (;;) {
		unsigned wants = 0;

		(void)pthread_mutex_lock(&http->lock);
		closing = http->closing;
		t = closing ? NULL : TAILQ_FIRST(&http->queue);
		if (t != NULL) {
			TAILQ_REMOVE(&http->queue, t, queue_link);
			wants = t->wants;
			t->wants = 0;
		}
		(void)pthread_mutex_unlock(&http->lock);
		if (t == NULL)
			return !closing;
		apply_commands(t, wants);
	}
}

/* Runs when nothing can be posted any more. */
static void cancel_all(struct rcd_http *http)
{
	struct rcd_http_stream *t;

	while ((t = TAILQ_FIRST(&http->running)) != NULL)
		fail_stream(t, RCD_CANCELLED, "shutting down");
	for (;;) {
		(void)pthread_mutex_lock(&http->lock);
		t = TAILQ_FIRST(&http->queue);
		(void)pthread_mutex_unlock(&http->lock);
		if (t == NULL)
			return;
		fail_stream(t, RCD_CANCELLED, "shutting down");
	}
}

/* --- the loop ------------------------------------------------------------------------- */

/* Fails harmlessly for a socket that is already closed, see tests/main.c. */
static __attribute__((noinline)) void remove_socket(const struct rcd_http *http, curl_socket_t fd)
{
	(void)epoll_ctl(http->epoll, EPOLL_CTL_DEL, fd, NULL);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct rcd_http *http = arg;
	struct epoll_event ev = {.data.fd = fd};

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		remove_socket(http, fd);
		return 0;
	}
	if (what & CURL_POLL_IN)
		ev.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		ev.events |= EPOLLOUT;
	if (epoll_ctl(http->epoll, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev) != 0)
		return -1;
	if (known == NULL)
		(void)curl_multi_assign(http->multi, fd, http);
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
	struct rcd_http *http = arg;

	(void)multi;
	http->curl_due = ms < 0 ? NEVER : rcd_mono_ms() + ms;
	return 0;
}

static int get_wait_ms(const struct rcd_http *http)
{
	int64_t due = http->curl_due < http->limit_due ? http->curl_due : http->limit_due;
	int64_t left = due == NEVER ? NEVER : due - rcd_mono_ms();

	if (due == NEVER)
		return -1;
	if (left < 0)
		return 0;
	return left > 60000 ? 60000 : (int)left;
}

static void on_event(struct rcd_http *http, const struct epoll_event *ev)
{
	eventfd_t ignored;
	int bits = 0, running;

	if (ev->data.fd == http->wake) {
		(void)eventfd_read(http->wake, &ignored);
		return;
	}
	if (ev->events & EPOLLIN)
		bits |= CURL_CSELECT_IN;
	if (ev->events & EPOLLOUT)
		bits |= CURL_CSELECT_OUT;
	if (ev->events & (EPOLLERR | EPOLLHUP))
		bits |= CURL_CSELECT_ERR;
	(void)curl_multi_socket_action(http->multi, ev->data.fd, bits, &running);
}

static void *run_engine(void *arg)
{
	struct rcd_http *http = arg;
	struct epoll_event ev[64];

	for (;;) {
		int n = epoll_wait(http->epoll, ev, 64, get_wait_ms(http)), running;
		int64_t now;

		for (int i = 0; i < n; i++)
			on_event(http, &ev[i]);
		if (!take_commands(http))
			break;
		now = rcd_mono_ms();
		if (now >= http->curl_due) {
			http->curl_due = NEVER; /* unless on_timer says otherwise */
			(void)curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		}
		reap_transfers(http);
		if (now >= http->limit_due)
			check_limits(http, now);
	}
	cancel_all(http);
	return NULL;
}

/* --- birth and death ------------------------------------------------------------------ */

static int open_handles(struct rcd_http *http, struct rcd_err *err)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = -1};

	http->epoll = epoll_create1(EPOLL_CLOEXEC);
	http->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (http->epoll < 0 || http->wake < 0)
		return rcd_fail_errno(err, "http client");
	ev.data.fd = http->wake;
	if (epoll_ctl(http->epoll, EPOLL_CTL_ADD, http->wake, &ev) != 0)
		return rcd_fail_errno(err, "http client");
	http->multi = curl_multi_init();
	if (http->multi == NULL)
		return rcd_fail_nomem(err);
	(void)curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	(void)curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	(void)curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	(void)curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	(void)curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)RCD_HTTP_CONNECTIONS);
	return 0;
}

static void close_handles(struct rcd_http *http)
{
	if (http->multi != NULL)
		(void)curl_multi_cleanup(http->multi);
	http->multi = NULL;
	if (http->epoll >= 0)
		(void)close(http->epoll);
	if (http->wake >= 0)
		(void)close(http->wake);
	http->epoll = http->wake = -1;
}

int rcd_http_engine_open(struct rcd_http *http, struct rcd_err *err)
{
	int rc = -1;

	http->epoll = http->wake = -1;
	http->curl_due = http->limit_due = NEVER;
	TAILQ_INIT(&http->running);
	if (open_handles(http, err) == 0) {
		rc = rcd_thread_start(&http->thread, 0, run_engine, http);
		if (rc != 0)
			(void)rcd_fail(err, RCD_IO, rc, "http client: cannot start a thread");
	}
	if (rc != 0)
		close_handles(http);
	return rc == 0 ? 0 : -1;
}

void rcd_http_engine_close(struct rcd_http *http)
{
	bool again;

	(void)pthread_mutex_lock(&http->lock);
	again = http->closing;
	http->closing = true;
	(void)pthread_mutex_unlock(&http->lock);
	if (again)
		return;
	(void)eventfd_write(http->wake, 1);
	(void)pthread_join(http->thread, NULL);
	close_handles(http);
}
