#include "base/cancel.h"
#include "base/clock.h"
#include "net/ws_int.h"
#include "tests/t.h"
#include "tests/unit/ws_server.h"

#include <stdlib.h>

/* The WebSocket client against a server that misbehaves. */

static int begin(struct rcd_ws **ws, struct rcd_err *err)
{
	if (ws_server_start() != 0)
		return rcd_fail(err, RCD_IO, 0, "no server");
	return rcd_ws_open(ws, err);
}

static int connect_to(struct rcd_ws *ws, const char *path, size_t max, struct rcd_ws_conn **out,
                      struct rcd_err *err)
{
	const struct rcd_ws_req req = {.url = ws_url(path),
	                               .max_message = max,
	                               .deadline = rcd_deadline_in(5000)};

	return rcd_ws_connect(ws, &req, out, err);
}

/* --- cases ------------------------------------------------------------------------------- */

static int echo(void)
{
	struct rcd_secret key = {NULL, 0};
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	struct rcd_buf in;
	int ret = 0;

	rcd_buf_init(&in, 16);
	T_DO(begin(&ws, &err), err);
	T_DO(rcd_secret_put(&key, RCD_SV("sk-hidden"), &err), err);
	const struct rcd_ws_req req = {.url = ws_url("/echo?model=x"),
	                               .key_header = "Authorization: Bearer ",
	                               .key = &key,
	                               .deadline = rcd_deadline_in(5000)};
	T_DO(rcd_ws_connect(ws, &req, &c, &err), err);
	T_OK(strncmp(ws_server.head, "GET /echo?model=x HTTP/1.1\r\n", 28) == 0);
	T_OK(strstr(ws_server.head, "\r\nAuthorization: Bearer sk-hidden\r\n") != NULL);
	T_OK(strstr(ws_server.head, "\r\nUser-Agent: recado/") != NULL);
	T_OK(strcasestr(ws_server.head, "permessage-deflate") == NULL);
	T_OK(strcasestr(ws_server.head, "Sec-WebSocket-Protocol") == NULL);
	T_OK(rcd_ws_alive(c));
	for (int i = 0; i < 200; i++) {
		char text[32];

		(void)snprintf(text, sizeof(text), "message %d", i);
		T_DO(rcd_ws_send(c, rcd_sv(text), rcd_deadline_in(5000), &err), err);
	}
	for (int i = 0; i < 200; i++) {
		char text[32];

		(void)snprintf(text, sizeof(text), "message %d", i);
		T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), err);
		T_STR(in.p, text);
	}
	T_DO(rcd_ws_send(c, RCD_SV(""), rcd_deadline_in(5000), &err), err);
	T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), err);
	T_INT(in.n, 0);
	T_INT(rcd_ws_recv(c, &in, rcd_deadline_in(30), &err), -1);
	T_INT(err.code, RCD_TIMEOUT);
	T_OK(rcd_ws_alive(c));
	c = rcd_ws_end(c);
	for (int i = 0; i < 200 && __atomic_load_n(&ws_server.closes, __ATOMIC_ACQUIRE) == 0; i++)
		(void)usleep(10000);
	T_INT(__atomic_load_n(&ws_server.closes, __ATOMIC_ACQUIRE), 1000);
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	rcd_secret_wipe(&key);
	rcd_buf_free(&in);
	return ret;
}

static int large(void)
{
	enum { N = 2 << 20 };
	char *text = malloc(N);
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	struct rcd_buf in;
	int ret = 0;

	rcd_buf_init(&in, 16);
	T_OK(text != NULL);
	for (int i = 0; i < N; i++)
		text[i] = (char)('a' + i % 23);
	T_DO(begin(&ws, &err), err);
	T_DO(connect_to(ws, "/echo", 0, &c, &err), err);
	for (int i = 0; i < 3; i++) {
		T_DO(rcd_ws_send(c, (struct rcd_sv){text, N}, rcd_deadline_in(10000), &err), err);
		T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(10000), &err), err);
		T_INT(in.n, N);
		T_OK(memcmp(in.p, text, N) == 0);
	}
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	rcd_buf_free(&in);
	free(text);
	return ret;
}

static int fragments(void)
{
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	struct rcd_buf in;
	int ret = 0;

	rcd_buf_init(&in, 100);
	T_DO(begin(&ws, &err), err);
	T_DO(connect_to(ws, "/pieces", 0, &c, &err), err);
	T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), err);
	T_STR(in.p, "Hello, world!");
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	rcd_buf_free(&in);
	return ret;
}

static size_t count_waiting(struct rcd_ws_conn *c, bool *paused)
{
	size_t n;

	(void)pthread_mutex_lock(&c->lock);
	n = c->in_n;
	*paused = c->paused || c->done;
	(void)pthread_mutex_unlock(&c->lock);
	return n;
}

/* Until the queue is full: the server has to wait from then on. */
static bool await_paused(struct rcd_ws_conn *c)
{
	const int64_t by = rcd_deadline_in(10000);
	bool paused = false;

	while (!paused && rcd_mono_ms() < by) {
		(void)count_waiting(c, &paused);
		(void)usleep(1000);
	}
	return paused;
}

/* The reader sleeps: the server has to wait, and nothing is lost. */
static int flood(void)
{
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	struct rcd_buf in;
	int ret = 0;

	rcd_buf_init(&in, 100);
	T_DO(begin(&ws, &err), err);
	T_DO(connect_to(ws, "/flood", 0, &c, &err), err);
	T_OK(await_paused(c));
	for (int i = 0; i < 4000; i++) {
		T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), err);
		T_INT(in.n, 1024);
		T_INT(atoi(in.p), i);
	}
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	rcd_buf_free(&in);
	return ret;
}

/* A message without a byte takes memory too: the server has to wait, and nothing is lost. */
static int empty(void)
{
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	struct rcd_buf in;
	bool paused = false;
	size_t most = 0;
	int ret = 0;

	rcd_buf_init(&in, 100);
	T_DO(begin(&ws, &err), err);
	T_DO(connect_to(ws, "/empty", 0, &c, &err), err);
	T_OK(await_paused(c));
	for (int i = 0; i < WS_EMPTY; i++) {
		size_t n = count_waiting(c, &paused);

		most = n > most ? n : most;
		T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), err);
		T_INT(in.n, 0);
	}
	T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), err);
	T_STR(in.p, "end");
	T_OK(most > 0 && most <= RCD_WS_IN_MOST);
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	rcd_buf_free(&in);
	return ret;
}

static int bad_messages(void)
{
	static const struct {
		const char *path;
		enum rcd_code code;
		int sys, told; /* told: the close code the client gives */
	} row[] = {
		{"/over", RCD_LIMIT, 0, 1009}, {"/huge", RCD_LIMIT, 0, 0}, {"/creep", RCD_LIMIT, 0, 0},
		{"/cut", RCD_DOWN, 0, 0},      {"/junk", RCD_DOWN, 0, 0},
	};
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	struct rcd_buf in;
	int ret = 0;

	rcd_buf_init(&in, 100);
	T_DO(begin(&ws, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		__atomic_store_n(&ws_server.closes, 0, __ATOMIC_RELEASE);
		T_DO(connect_to(ws, row[i].path, 100000, &c, &err), err);
		T_INT(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), -1);
		if (err.code != row[i].code || err.sys != row[i].sys)
			T_FAIL("%s: %s %d", row[i].path, rcd_code_name(err.code), err.sys);
		T_OK(!rcd_ws_alive(c));
		T_INT(rcd_ws_send(c, RCD_SV("x"), rcd_deadline_in(5000), &err), -1);
		c = rcd_ws_end(c);
		for (int k = 0;
		     k < 300 && __atomic_load_n(&ws_server.closes, __ATOMIC_ACQUIRE) < row[i].told; k++)
			(void)usleep(10000);
		T_OK(__atomic_load_n(&ws_server.closes, __ATOMIC_ACQUIRE) >= row[i].told);
	}
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	rcd_buf_free(&in);
	return ret;
}

static int close_code(void)
{
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	struct rcd_buf in;
	int ret = 0;

	rcd_buf_init(&in, 100);
	T_DO(begin(&ws, &err), err);
	T_DO(connect_to(ws, "/close", 0, &c, &err), err);
	for (int i = 0; i < 300 && rcd_ws_alive(c); i++)
		(void)usleep(10000);
	T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), err); /* what came before counts */
	T_STR(in.p, "last words");
	T_INT(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), -1);
	T_INT(err.code, RCD_DOWN);
	T_INT(err.sys, 1011);
	T_OK(strstr(err.msg, "going") == NULL);
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	rcd_buf_free(&in);
	return ret;
}

static int refusals(void)
{
	static const struct {
		const char *path;
		enum rcd_code code;
		int sys;
	} row[] = {
		{"/status/401", RCD_DENIED, 401}, {"/status/403", RCD_DENIED, 403},
		{"/status/429", RCD_DOWN, 429},   {"/status/503", RCD_DOWN, 503},
		{"/status/200", RCD_PROTO, 200},  {"/status/302", RCD_PROTO, 302},
		{"/lie", RCD_PROTO, 0},           {"/gone", RCD_OK, 0},
	};
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(begin(&ws, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int rc;

		err = (struct rcd_err){0};
		rc = connect_to(ws, row[i].path, 0, &c, &err);
		if ((rc == 0) != (row[i].code == RCD_OK) || err.code != row[i].code ||
		    err.sys != row[i].sys)
			T_FAIL("%s: %d %s %d (%s)", row[i].path, rc, rcd_code_name(err.code), err.sys, err.msg);
		c = rcd_ws_end(c);
	}
	T_INT(ws_server.connections, sizeof(row) / sizeof(row[0])); /* no redirect was followed */
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	return ret;
}

static int addresses(void)
{
	static const struct {
		const char *url;
		enum rcd_code code;
		enum rcd_peer peer;
	} row[] = {
		{"http://127.0.0.1:9/", RCD_DENIED, RCD_PEER_ANY},
		{"ws://192.0.2.1/", RCD_DENIED, RCD_PEER_ANY},
		{"wss://127.0.0.1/", RCD_DENIED, RCD_PEER_PUBLIC},
		{"wss://192.0.2.1/", RCD_DENIED, RCD_PEER_LOOPBACK},
		{"wss://[::1]/", RCD_INVAL, RCD_PEER_ANY},
		{"ws://user@127.0.0.1/", RCD_INVAL, RCD_PEER_ANY},
		{"ws://127.0.0.1/#x", RCD_INVAL, RCD_PEER_ANY},
		{"ws://127.0.0.1:1/", RCD_DOWN, RCD_PEER_ANY},
		{"wss://no.such.name.invalid/", RCD_DOWN, RCD_PEER_ANY},
	};
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(begin(&ws, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct rcd_ws_req req = {.url = row[i].url,
		                               .peer = row[i].peer,
		                               .deadline = rcd_deadline_in(3000)};

		if (rcd_ws_connect(ws, &req, &c, &err) == 0)
			T_FAIL("%s was connected to", row[i].url);
		if (err.code == RCD_NOMEM) {
			ret = T_NOMEM;
			goto out;
		}
		if (err.code != row[i].code && !(i == 8 && err.code == RCD_TIMEOUT))
			T_FAIL("%s: %s (%s)", row[i].url, rcd_code_name(err.code), err.msg);
	}
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	return ret;
}

static int silence(void)
{
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	int64_t began = rcd_mono_ms();
	int ret = 0;

	T_DO(begin(&ws, &err), err);
	const struct rcd_ws_req req = {.url = ws_url("/never"), .deadline = rcd_deadline_in(150)};
	T_INT(rcd_ws_connect(ws, &req, &c, &err), -1);
	T_INT(err.code, RCD_TIMEOUT);
	T_OK(rcd_mono_ms() - began < 2000);
	for (int i = 0; i < 300 && __atomic_load_n(&ws_server.open, __ATOMIC_ACQUIRE) > 0; i++)
		(void)usleep(10000);
	T_INT(ws_server.open, 0); /* given up, not left behind */
out:
	(void)rcd_ws_close(ws);
	return ret;
}

static void count(void *arg)
{
	(void)__atomic_add_fetch((int *)arg, 1, __ATOMIC_ACQ_REL);
}

static int no_pong(void)
{
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	struct rcd_buf in;
	int ret = 0, gone = 0;

	rcd_buf_init(&in, 100);
	T_DO(begin(&ws, &err), err);
	const struct rcd_ws_req req = {.url = ws_url("/mute"),
	                               .ping_s = 1,
	                               .gone = count,
	                               .gone_arg = &gone};
	T_DO(rcd_ws_connect(ws, &req, &c, &err), err);
	T_INT(rcd_ws_recv(c, &in, rcd_deadline_in(20000), &err), -1);
	T_INT(err.code, RCD_DOWN);
	for (int i = 0; i < 300 && __atomic_load_n(&gone, __ATOMIC_ACQUIRE) == 0; i++)
		(void)usleep(10000);
	T_INT(__atomic_load_n(&gone, __ATOMIC_ACQUIRE), 1);
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	rcd_buf_free(&in);
	return ret;
}

/* A peer that takes nothing: the sender waits, no longer than it said. */
static int wall(void)
{
	static char piece[256 * 1024];
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	int ret = 0, sent = 0;

	T_DO(begin(&ws, &err), err);
	T_DO(connect_to(ws, "/wall", 0, &c, &err), err);
	while (rcd_ws_send(c, (struct rcd_sv){piece, sizeof(piece)}, rcd_deadline_in(200), &err) == 0 &&
	       sent < 200)
		sent++;
	T_INT(err.code, RCD_TIMEOUT);
	T_OK(sent >= 4 && sent < 100);
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	return ret;
}

struct reader {
	struct rcd_ws_conn *c;
	struct rcd_cancel *sign;
	struct rcd_err err;
};

static void *read_one(void *arg)
{
	struct reader *r = arg;
	struct rcd_buf in;

	rcd_buf_init(&in, 100);
	(void)rcd_cancel_under(r->sign);
	(void)rcd_ws_recv(r->c, &in, rcd_deadline_in(20000), &r->err);
	rcd_buf_free(&in);
	return NULL;
}

enum by { BY_CANCEL, BY_SIGN, BY_ABORT };

static int interrupted(enum by by)
{
	struct rcd_cancel sign;
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL, *d = NULL;
	struct rcd_err err = {0};
	struct reader r = {0};
	bool runs = false;
	pthread_t id;
	int ret = 0;

	rcd_cancel_init(&sign);
	T_DO(begin(&ws, &err), err);
	T_DO(connect_to(ws, "/mute", 0, &c, &err), err);
	r.c = c;
	r.sign = &sign;
	runs = pthread_create(&id, NULL, read_one, &r) == 0;
	(void)usleep(50000);
	if (by == BY_ABORT)
		rcd_ws_abort(ws);
	else if (by == BY_SIGN)
		rcd_cancel_set(&sign);
	else
		rcd_ws_cancel(c);
	(void)pthread_join(id, NULL);
	runs = false;
	T_INT(r.err.code, RCD_CANCELLED);
	T_INT(rcd_ws_send(c, RCD_SV("x"), rcd_deadline_in(100), &err), -1);
	T_INT(err.code, RCD_CANCELLED);
	T_INT(connect_to(ws, "/echo", 0, &d, &err) == 0, by != BY_ABORT);
	T_OK(by != BY_ABORT || err.code == RCD_CANCELLED);
	d = rcd_ws_end(d);
	ws = rcd_ws_close(ws); /* before the connection is given up */
out:
	if (runs)
		(void)pthread_join(id, NULL);
	(void)rcd_ws_end(d);
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	rcd_cancel_free(&sign);
	return ret;
}

static int cancel(void)
{
	return interrupted(BY_CANCEL);
}

static int stop_sign(void)
{
	return interrupted(BY_SIGN);
}

static int abort_all(void)
{
	return interrupted(BY_ABORT);
}

struct talker {
	struct rcd_ws *ws;
	int nth, bad;
};

static void *talk(void *arg)
{
	struct talker *t = arg;
	struct rcd_ws_conn *c = NULL;
	struct rcd_buf in;
	char text[64];

	rcd_buf_init(&in, 100);
	t->bad = connect_to(t->ws, "/echo", 0, &c, RCD_UNREAD_ERR) != 0;
	for (int i = 0; i < 50 && !t->bad; i++) {
		(void)snprintf(text, sizeof(text), "%d says %d", t->nth, i);
		t->bad = rcd_ws_send(c, rcd_sv(text), rcd_deadline_in(10000), RCD_UNREAD_ERR) != 0 ||
		         rcd_ws_recv(c, &in, rcd_deadline_in(10000), RCD_UNREAD_ERR) != 0 ||
		         strcmp(in.p, text) != 0;
	}
	(void)rcd_ws_end(c);
	rcd_buf_free(&in);
	return NULL;
}

static int many(void)
{
	enum { N = 32 };
	struct talker t[N];
	pthread_t id[N];
	struct rcd_ws *ws = NULL;
	struct rcd_err err = {0};
	int ret = 0, n = 0;

	T_DO(begin(&ws, &err), err);
	for (; n < N; n++) {
		t[n] = (struct talker){ws, n, 0};
		if (pthread_create(&id[n], NULL, talk, &t[n]) != 0)
			break;
	}
	for (int i = 0; i < n; i++)
		(void)pthread_join(id[i], NULL);
	T_INT(n, N);
	for (int i = 0; i < n; i++)
		T_OK(!t[i].bad);
out:
	(void)rcd_ws_close(ws);
	return ret;
}

static int oom(void)
{
	struct rcd_secret key = {NULL, 0};
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	struct rcd_buf in;
	int ret = 0;

	rcd_buf_init(&in, 100);
	T_DO(begin(&ws, &err), err);
	T_DO(rcd_secret_put(&key, RCD_SV("sk-hidden"), &err), err);
	const struct rcd_ws_req req = {.url = ws_url("/echo"),
	                               .key_header = "Authorization: Bearer ",
	                               .key = &key,
	                               .deadline = rcd_deadline_in(5000)};
	T_DO(rcd_ws_connect(ws, &req, &c, &err), err);
	T_DO(rcd_ws_send(c, RCD_SV("hello"), rcd_deadline_in(5000), &err), err);
	T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), err);
	T_STR(in.p, "hello");
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	rcd_secret_wipe(&key);
	rcd_buf_free(&in);
	return ret;
}

const struct t_case t_cases[] = {
	{"echo", echo, 0},
	{"large", large, 0},
	{"fragments", fragments, 0},
	{"flood", flood, 0},
	{"empty", empty, 0},
	{"bad_messages", bad_messages, 0},
	{"close_code", close_code, 0},
	{"refusals", refusals, 0},
	{"addresses", addresses, 0},
	{"silence", silence, 0},
	{"no_pong", no_pong, 0},
	{"wall", wall, 0},
	{"cancel", cancel, 0},
	{"stop_sign", stop_sign, 0},
	{"abort_all", abort_all, 0},
	{"many", many, 0},
	{"oom", oom, T_OOM},
	{NULL, NULL, 0},
};
