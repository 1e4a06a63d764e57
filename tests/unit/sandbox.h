#ifndef RCD_TESTS_SANDBOX_H
#define RCD_TESTS_SANDBOX_H

/* A sandbox in this process, and ways to ask it over real sockets by the product's own HTTP
 * client. One bench per case. */

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "daemon/sandbox/sandbox.h"
#include "net/http.h"
#include "tests/t.h"

#include <stdlib.h>
#include <unistd.h>

struct bench {
	struct rcd_sandbox *box;
	struct rcd_http *http;
	struct rcd_secret token, openai, elevenlabs;
	char origin[64];
	struct rcd_http_res res;
	struct rcd_err err;
};

static inline const char *setting(const struct bench *b, const char *name)
{
	for (const struct rcd_sandbox_env *e = rcd_sandbox_env(b->box); e->name != NULL; e++)
		if (strcmp(e->name, name) == 0)
			return e->value;
	return NULL;
}

static inline int open_bench(struct bench *b, const struct rcd_sandbox_conf *conf)
{
	static const struct rcd_sandbox_conf usual;
	struct rcd_err *err = &b->err;

	memset(b, 0, sizeof(*b));
	if (rcd_sandbox_start(&b->box, conf != NULL ? conf : &usual, err) != 0 ||
	    rcd_http_open(&b->http, err) != 0 ||
	    rcd_secret_put(&b->token, rcd_sv(setting(b, "TWILIO_AUTH_TOKEN")), err) != 0 ||
	    rcd_secret_put(&b->openai, rcd_sv(setting(b, "OPENAI_API_KEY")), err) != 0 ||
	    rcd_secret_put(&b->elevenlabs, rcd_sv(setting(b, "ELEVENLABS_API_KEY")), err) != 0)
		return -1;
	(void)snprintf(b->origin, sizeof(b->origin), "http://127.0.0.1:%d", rcd_sandbox_port(b->box));
	return 0;
}

static inline void close_bench(struct bench *b)
{
	rcd_http_res_free(&b->res);
	(void)rcd_http_close(b->http);
	(void)rcd_sandbox_stop(b->box);
	rcd_secret_wipe(&b->token);
	rcd_secret_wipe(&b->openai);
	rcd_secret_wipe(&b->elevenlabs);
}

static inline int ask(struct bench *b, struct rcd_http_req *req, const char *path)
{
	char url[2200]; /* a Location may be that long */

	if (path[0] == '/')
		(void)snprintf(url, sizeof(url), "%s%s", b->origin, path);
	else
		(void)snprintf(url, sizeof(url), "%s", path);
	rcd_http_res_free(&b->res);
	memset(&b->res, 0, sizeof(b->res));
	memset(&b->err, 0, sizeof(b->err));
	req->url = url;
	req->peer = RCD_PEER_LOOPBACK;
	if (req->max_body == 0)
		req->max_body = 64u << 20;
	if (req->deadline == 0)
		req->deadline = rcd_deadline_in(20000);
	return rcd_http_do(b->http, req, &b->res, &b->err);
}

static inline char *account_path(const struct bench *b, const char *rest)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "/2010-04-01/Accounts/%s%s",
	               setting(b, "TWILIO_ACCOUNT_SID"), rest);
	return path;
}

static inline int twilio(struct bench *b, const char *path, const char *form)
{
	struct rcd_http_req req = {.user = setting(b, "TWILIO_ACCOUNT_SID"),
	                           .password = &b->token,
	                           .body = rcd_sv(form),
	                           .body_type = "application/x-www-form-urlencoded"};

	if (form == NULL)
		req.body_type = NULL;
	return ask(b, &req, path);
}

static inline int openai(struct bench *b, const char *path, const char *body, int64_t deadline)
{
	struct rcd_http_req req = {.key_header = "Authorization: Bearer ",
	                           .key = &b->openai,
	                           .body = rcd_sv(body),
	                           .deadline = deadline,
	                           .body_type = body != NULL ? "application/json" : NULL};

	return ask(b, &req, path);
}

static inline int tts(struct bench *b, const char *query, const char *body)
{
	struct rcd_http_req req = {.key_header = "xi-api-key: ",
	                           .key = &b->elevenlabs,
	                           .body = rcd_sv(body),
	                           .body_type = "application/json"};
	char path[256];

	(void)snprintf(path, sizeof(path), "/v1/text-to-speech/%s%s", setting(b, "ELEVENLABS_VOICE_ID"),
	               query);
	return ask(b, &req, path);
}

/* The answer as JSON; the caller's. */
static inline json_t *answer(struct bench *b)
{
	json_t *v = NULL;

	(void)rcd_json_parse(rcd_buf_view(&b->res.body), RCD_MAX_JSON, &v, RCD_UNREAD_ERR);
	return v;
}

/* A member of the answer's object as a number or a string, "-" when there is none. */
static inline const char *member(struct bench *b, const char *outer, const char *name)
{
	static char text[512];
	json_t *v = answer(b), *in = outer != NULL ? json_object_get(v, outer) : v;
	const json_t *m = json_object_get(in, name);

	if (json_is_string(m))
		(void)snprintf(text, sizeof(text), "%s", json_string_value(m));
	else if (json_is_integer(m))
		(void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(m));
	else
		(void)snprintf(text, sizeof(text), "-");
	json_decref(v);
	return text;
}

/* How many lines of the ledger say so. want is a member's "value", op may be NULL. */
static inline int lines(struct bench *b, const char *op, const char *name, const char *want)
{
	char *text = rcd_sandbox_ledger(b->box);
	struct rcd_sv rest = rcd_sv(text), line;
	int n = 0;

	while (rcd_sv_cut(&rest, '\n', &line)) {
		json_t *v = NULL;

		if (line.n == 0 || rcd_json_parse(line, RCD_MAX_JSON, &v, RCD_UNREAD_ERR) != 0)
			continue;
		if ((op == NULL || rcd_sv_is(rcd_json_sv(v, "op"), op)) &&
		    (name == NULL || rcd_sv_is(rcd_json_sv(v, name), want)))
			n++;
		json_decref(v);
	}
	free(text);
	return n;
}

/* Waits for what a worker does. */
static inline bool soon(struct bench *b, const char *op, const char *name, const char *want, int n)
{
	int64_t deadline = rcd_deadline_in(10000);

	while (lines(b, op, name, want) < n) {
		if (rcd_deadline_left(deadline, 1) == 0)
			return false;
		(void)usleep(10000);
	}
	return true;
}

static inline int plan(struct bench *b, const char *text)
{
	return rcd_sandbox_plan(b->box, text, &b->err);
}

#endif
