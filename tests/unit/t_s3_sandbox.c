/* The S3 client against a store that checks every signature by itself. */

#include "base/clock.h"
#include "base/crypto.h"
#include "daemon/sandbox/sandbox.h"
#include "net/s3.h"
#include "net/sigv4.h"
#include "provider/blob.h"
#include "tests/t.h"

#include <stdlib.h>

#define KEY "shop/audio/00112233445566778899aabbccddeeff.ogg"

struct bench {
	struct rcd_sandbox *box;
	struct rcd_http *http;
	struct rcd_s3_conf s3;
	struct rcd_http_res res;
	struct rcd_err err;
};

static const char *setting(const struct bench *b, const char *name)
{
	for (const struct rcd_sandbox_env *e = rcd_sandbox_env(b->box); e->name != NULL; e++)
		if (strcmp(e->name, name) == 0)
			return e->value;
	return NULL;
}

static int open_bench(struct bench *b)
{
	static const struct rcd_sandbox_conf conf;

	*b = (struct bench){0};
	if (rcd_sandbox_start(&b->box, &conf, &b->err) != 0 || rcd_http_open(&b->http, &b->err) != 0)
		return -1;
	b->s3 = (struct rcd_s3_conf){.endpoint = setting(b, "AWS_ENDPOINT_URL_S3"),
	                             .region = setting(b, "AWS_REGION"),
	                             .key_id = setting(b, "AWS_ACCESS_KEY_ID"),
	                             .bucket = "recado-test",
	                             .prefix = "shop/"};
	return rcd_secret_put(&b->s3.secret, rcd_sv(setting(b, "AWS_SECRET_ACCESS_KEY")), &b->err);
}

static void close_bench(struct bench *b)
{
	rcd_http_res_free(&b->res);
	(void)rcd_http_close(b->http);
	(void)rcd_sandbox_stop(b->box);
	rcd_secret_wipe(&b->s3.secret);
	rcd_secret_wipe(&b->s3.session);
}

static int64_t soon(void)
{
	return rcd_deadline_in(20000);
}

static int put(struct bench *b, const char *key, struct rcd_sv bytes)
{
	return rcd_s3_put(b->http, &b->s3, key, "audio/ogg", bytes, soon(), &b->err);
}

static int read_all(struct bench *b, const char *key, struct rcd_buf *out)
{
	struct rcd_http_stream *s = NULL;
	char piece[1000];
	size_t n = 1;
	int ret = rcd_s3_get(b->http, &b->s3, key, soon(), &s, &b->err);

	while (ret == 0 && n > 0) {
		ret = rcd_http_read(s, piece, sizeof(piece), &n, &b->err);
		if (ret == 0)
			rcd_buf_add(out, piece, n);
	}
	(void)rcd_http_end(s);
	return ret == 0 && out->bad ? rcd_fail_nomem(&b->err) : ret;
}

static int try_read(struct bench *b, const char *key)
{
	struct rcd_buf ignored;
	int ret;

	rcd_buf_init(&ignored, 1 << 20);
	ret = read_all(b, key, &ignored);
	rcd_buf_free(&ignored);
	return ret;
}

/* The Content-Type that a link for the object gives. */
static int read_type(struct bench *b, const char *key, char type[96])
{
	char origin[RCD_S3_ORIGIN];
	struct rcd_http_res res = {0};
	struct rcd_http_req req = {.deadline = soon()};
	struct rcd_buf target, url;
	int ret;

	rcd_buf_init(&target, 4096);
	rcd_buf_init(&url, 4096);
	ret = rcd_s3_link(&b->s3, "GET", key, 60, rcd_now_ms(), origin, &target, &b->err);
	rcd_buf_fmt(&url, "%s%.*s", origin, RCD_SV_ARG(rcd_buf_view(&target)));
	req.url = url.p;
	if (ret == 0)
		ret = rcd_http_do(b->http, &req, &res, &b->err);
	if (ret == 0)
		(void)snprintf(type, 96, "%s", res.status == 200 ? res.type : "");
	rcd_http_res_free(&res);
	rcd_buf_free(&target);
	rcd_buf_free(&url);
	return ret;
}

static int there_and_back(void)
{
	struct bench b;
	struct rcd_buf got, big;
	char type[96];
	int ret = 0;

	rcd_buf_init(&got, 1 << 20);
	rcd_buf_init(&big, 1 << 20);
	T_DO(open_bench(&b), b.err);
	T_INT(try_read(&b, KEY), -1);
	T_INT(b.err.code, RCD_NOENT);
	T_DO(put(&b, KEY, RCD_SV("OggS\0\xff not text")), b.err);
	T_DO(read_type(&b, KEY, type), b.err);
	T_STR(type, "audio/ogg");
	T_DO(read_all(&b, KEY, &got), b.err);
	T_OK(rcd_sv_eq(rcd_buf_view(&got), RCD_SV("OggS\0\xff not text")));
	for (int i = 0; i < 60000; i++)
		rcd_buf_str(&big, "0123456789");
	T_DO(put(&b, KEY, rcd_buf_view(&big)), b.err);
	rcd_buf_reset(&got);
	T_DO(read_all(&b, KEY, &got), b.err);
	T_OK(rcd_sv_eq(rcd_buf_view(&got), rcd_buf_view(&big)));
	T_DO(rcd_s3_delete(b.http, &b.s3, KEY, soon(), &b.err), b.err);
	T_DO(rcd_s3_delete(b.http, &b.s3, KEY, soon(), &b.err), b.err);
	T_OK(read_all(&b, KEY, &got) != 0);
	T_INT(b.err.code, RCD_NOENT);
	T_DO(put(&b, KEY, RCD_SV("")), b.err);
	rcd_buf_reset(&got);
	T_DO(read_all(&b, KEY, &got), b.err);
	T_INT(got.n, 0);
out:
	rcd_buf_free(&got);
	rcd_buf_free(&big);
	close_bench(&b);
	return ret;
}

static int with_a_session_token(void)
{
	struct bench b;
	char *ledger = NULL;
	int ret = 0;

	T_DO(open_bench(&b), b.err);
	T_DO(rcd_secret_put(&b.s3.session, RCD_SV("FwoGZXIvYXdzEBc+/=secret"), &b.err), b.err);
	T_DO(put(&b, KEY, RCD_SV("OggS")), b.err);
	ledger = rcd_sandbox_ledger(b.box);
	T_OK(ledger != NULL && strstr(ledger, "\"op\":\"s3.put\"") != NULL);
	T_OK(strstr(ledger, "FwoGZ") == NULL &&
	     strstr(ledger, setting(&b, "AWS_SECRET_ACCESS_KEY")) == NULL);
out:
	free(ledger);
	close_bench(&b);
	return ret;
}

/* --- listing ------------------------------------------------------------------------------- */

struct listing {
	int n, enough;
	char first[128], last[128];
	bool ordered;
};

static int see(void *arg, const struct rcd_s3_object *o)
{
	struct listing *l = arg;
	char key[128];

	(void)snprintf(key, sizeof(key), "%.*s", RCD_SV_ARG(o->key));
	if (l->n++ == 0)
		memcpy(l->first, key, sizeof(key));
	else if (strcmp(l->last, key) >= 0)
		l->ordered = false;
	memcpy(l->last, key, sizeof(key));
	return l->n == l->enough || o->modified_ms > rcd_now_ms() ||
	               o->modified_ms < rcd_now_ms() - 60000
	           ? -1
	           : 0;
}

static int list(struct bench *b, const char *prefix, struct listing *l)
{
	*l = (struct listing){.ordered = true, .enough = l->enough};
	return rcd_s3_list(b->http, &b->s3, prefix, soon(), see, l, &b->err);
}

static int listed_in_pages(void)
{
	struct listing l = {0};
	struct bench b;
	char key[64];
	int ret = 0;

	T_DO(open_bench(&b), b.err);
	T_DO(list(&b, "shop/audio/", &l), b.err);
	T_INT(l.n, 0);
	for (int i = 0; i < 1203; i++) {
		(void)snprintf(key, sizeof(key), "shop/audio/%04d.ogg", i);
		T_DO(put(&b, key, RCD_SV("x")), b.err);
	}
	T_DO(put(&b, "shop/inbound/1", RCD_SV("x")), b.err);
	T_DO(list(&b, "shop/audio/", &l), b.err);
	T_INT(l.n, 1203);
	T_OK(l.ordered);
	T_STR(l.first, "shop/audio/0000.ogg");
	T_STR(l.last, "shop/audio/1202.ogg");
	l.enough = 5;
	T_DO(list(&b, "shop/audio/", &l), b.err);
	T_INT(l.n, 5);
out:
	close_bench(&b);
	return ret;
}

/* --- links --------------------------------------------------------------------------------- */

/* Asks for KEY with method by a link for made; the status, or -1. */
static int by_link(struct bench *b, const char *made, const char *method, int64_t age_ms,
                   const char *more)
{
	char origin[RCD_S3_ORIGIN];
	struct rcd_buf target, url;
	struct rcd_http_req req = {.method = method};
	int ret;

	rcd_buf_init(&target, 4096);
	rcd_buf_init(&url, 4096);
	ret = rcd_s3_link(&b->s3, made, KEY, 60, rcd_now_ms() - age_ms, origin, &target, &b->err);
	if (ret == 0) {
		rcd_buf_fmt(&url, "%s%s%s", origin, target.p, more);
		req.url = url.p;
		req.deadline = soon();
		rcd_http_res_free(&b->res);
		ret = url.bad ? rcd_fail_nomem(&b->err) : rcd_http_do(b->http, &req, &b->res, &b->err);
	}
	rcd_buf_free(&target);
	rcd_buf_free(&url);
	return ret == 0 ? b->res.status : -1;
}

static bool says(const struct bench *b, const char *code)
{
	return b->res.body.p != NULL && strstr(b->res.body.p, code) != NULL;
}

static int links(void)
{
	struct bench b;
	int ret = 0;

	T_DO(open_bench(&b), b.err);
	T_DO(put(&b, KEY, RCD_SV("OggS")), b.err);
	T_INT(by_link(&b, "GET", "GET", 0, ""), 200);
	T_OK(rcd_sv_is(rcd_buf_view(&b.res.body), "OggS"));
	T_STR(b.res.type, "audio/ogg");
	T_INT(by_link(&b, "HEAD", "HEAD", 0, ""), 200);
	T_INT(by_link(&b, "GET", "HEAD", 0, ""), 403);
	T_INT(by_link(&b, "HEAD", "GET", 0, ""), 403);
	T_OK(says(&b, "SignatureDoesNotMatch"));
	T_INT(by_link(&b, "GET", "DELETE", 0, ""), 403);
	T_INT(by_link(&b, "GET", "GET", 120000, ""), 403);
	T_OK(says(&b, "expired"));
	T_INT(by_link(&b, "GET", "GET", -3600000, ""), 403);
	T_INT(by_link(&b, "GET", "GET", 0, "&response-content-type=text%2Fhtml"), 403);
	T_DO(rcd_secret_put(&b.s3.session, RCD_SV("a+b/c=="), &b.err), b.err);
	T_INT(by_link(&b, "GET", "GET", 0, ""), 200);
out:
	close_bench(&b);
	return ret;
}

/* --- refusals ------------------------------------------------------------------------------ */

static int wrong_credentials(void)
{
	struct bench b;
	int ret = 0;

	T_DO(open_bench(&b), b.err);
	T_DO(rcd_secret_put(&b.s3.secret, RCD_SV("not the one"), &b.err), b.err);
	T_OK(put(&b, KEY, RCD_SV("OggS")) != 0);
	T_INT(b.err.code, RCD_DENIED);
	T_OK(strstr(b.err.msg, "AWS_SECRET_ACCESS_KEY") != NULL &&
	     strstr(b.err.msg, "not the one") == NULL);
	b.s3.key_id = "AKIASOMEBODYELSE";
	T_OK(put(&b, KEY, RCD_SV("OggS")) != 0);
	T_INT(b.err.code, RCD_DENIED);
	T_OK(strstr(b.err.msg, "AWS_ACCESS_KEY_ID") != NULL);
	T_INT(try_read(&b, KEY), -1);
	T_INT(b.err.code, RCD_DENIED);
out:
	close_bench(&b);
	return ret;
}

/* What a store says, and what of it reaches the operator. */
static int told_in_words(void)
{
	static const struct {
		const char *plan, *text;
		enum rcd_code code;
	} faults[] = {
		{"s3.put status=403 code=RequestTimeTooSkewed", "clock", RCD_DENIED},
		{"s3.put status=301", "AWS_REGION=sandbox-west-1", RCD_DENIED},
		{"s3.put status=307", "AWS_REGION=sandbox-west-1", RCD_DENIED},
		{"s3.put status=404 code=NoSuchBucket", "bucket in the setting media", RCD_DENIED},
		{"s3.put status=403 code=ExpiredToken", "AWS_SESSION_TOKEN", RCD_DENIED},
		{"s3.put status=400 code=Weird/<b>", "HTTP 400", RCD_INVAL},
		{"s3.put status=503", "SlowDown", RCD_DOWN},
		{"s3.put 500-after", "HTTP 500", RCD_DOWN},
	};
	struct bench b;
	int ret = 0;

	T_DO(open_bench(&b), b.err);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		T_DO(rcd_sandbox_plan(b.box, faults[i].plan, &b.err), b.err);
		T_OK(put(&b, KEY, RCD_SV("OggS")) != 0);
		T_INT(b.err.code, faults[i].code);
		if (strstr(b.err.msg, faults[i].text) == NULL || strchr(b.err.msg, '<') != NULL)
			T_FAIL("%s: %s", faults[i].plan, b.err.msg);
	}
	T_DO(rcd_sandbox_plan(b.box, "", &b.err), b.err);
	b.s3.region = "eu-central-9";
	T_OK(put(&b, KEY, RCD_SV("OggS")) != 0);
	T_INT(b.err.code, RCD_DENIED);
	T_OK(strstr(b.err.msg, "AWS_REGION=us-east-1") != NULL);
out:
	close_bench(&b);
	return ret;
}

static int done_again_once(void)
{
	struct bench b;
	struct rcd_buf got;
	char *ledger = NULL;
	int ret = 0, n = 0;

	rcd_buf_init(&got, 4096);
	T_DO(open_bench(&b), b.err);
	T_DO(rcd_sandbox_plan(b.box, "s3.put 500-before times=1", &b.err), b.err);
	T_DO(put(&b, KEY, RCD_SV("OggS")), b.err);
	T_DO(rcd_sandbox_plan(b.box, "s3.put status=503", &b.err), b.err);
	T_OK(put(&b, KEY, RCD_SV("OggS")) != 0);
	T_INT(b.err.code, RCD_DOWN);
	ledger = rcd_sandbox_ledger(b.box);
	for (const char *p = ledger; p != NULL && (p = strstr(p, "\"op\":\"s3.put\"")) != NULL; p++)
		n++;
	T_INT(n, 4);
	T_DO(rcd_sandbox_plan(b.box, "s3.get cut", &b.err), b.err);
	T_OK(read_all(&b, KEY, &got) != 0);
	T_INT(b.err.code, RCD_DOWN);
	T_DO(rcd_sandbox_plan(b.box, "s3.list garbage", &b.err), b.err);
	T_OK(rcd_s3_list(b.http, &b.s3, "shop/", soon(), see, &(struct listing){0}, &b.err) != 0);
	T_INT(b.err.code, RCD_PROTO);
	T_DO(rcd_sandbox_plan(b.box, "s3.put never", &b.err), b.err);
	T_OK(rcd_s3_put(b.http, &b.s3, KEY, "audio/ogg", RCD_SV("x"), rcd_deadline_in(300), &b.err) !=
	     0);
	T_INT(b.err.code, RCD_TIMEOUT);
out:
	free(ledger);
	rcd_buf_free(&got);
	close_bench(&b);
	return ret;
}

/* --- the simulated store itself -------------------------------------------------------------- */

/* A PUT whose signed parts are given: the status, or -1. */
static int hand_made(struct bench *b, int64_t now_ms, const char *names, const char *hash,
                     const char *body)
{
	const struct rcd_sigv4_key key = {b->s3.key_id, &b->s3.secret, b->s3.region, "s3"};
	char lines[400], auth[500], date[40], sum[96], url[200], signature[RCD_SIGV4_N];
	const char *const headers[] = {auth, date, sum, NULL};
	const char *host = strstr(b->s3.endpoint, "://") + 3;
	struct rcd_http_req req = {.method = "PUT",
	                           .url = url,
	                           .headers = headers,
	                           .body = rcd_sv(body),
	                           .body_type = "audio/ogg",
	                           .deadline = soon()};
	struct rcd_sigv4_time t;

	if (rcd_sigv4_time(now_ms, &t, &b->err) != 0)
		return -1;
	(void)snprintf(lines, sizeof(lines), "host:%.*s\n%s%s%s%s%s%s", (int)strcspn(host, "/"), host,
	               strstr(names, "sha256") ? "x-amz-content-sha256:" : "",
	               strstr(names, "sha256") ? hash : "", strstr(names, "sha256") ? "\n" : "",
	               strstr(names, "date") ? "x-amz-date:" : "", strstr(names, "date") ? t.stamp : "",
	               strstr(names, "date") ? "\n" : "");
	if (rcd_sigv4_sign(&key, &t,
	                   &(struct rcd_sigv4_req){"PUT", RCD_SV("/s3/recado-test/k"), RCD_SV(""),
	                                           rcd_sv(lines), names, hash},
	                   signature, &b->err) != 0)
		return -1;
	(void)snprintf(
		auth, sizeof(auth),
		"Authorization: AWS4-HMAC-SHA256 Credential=%s/%s/%s/s3/aws4_request, SignedHeaders=%s, "
		"Signature=%s",
		b->s3.key_id, t.day, b->s3.region, names, signature);
	(void)snprintf(date, sizeof(date), "x-amz-date: %s", t.stamp);
	(void)snprintf(sum, sizeof(sum), "x-amz-content-sha256: %s", hash);
	(void)snprintf(url, sizeof(url), "%s/recado-test/k", b->s3.endpoint);
	rcd_http_res_free(&b->res);
	return rcd_http_do(b->http, &req, &b->res, &b->err) == 0 ? b->res.status : -1;
}

static int the_store_looks_closely(void)
{
	static const char all[] = "host;x-amz-content-sha256;x-amz-date";
	uint8_t digest[RCD_SHA256_N];
	char hash[65], other[65];
	struct bench b;
	int ret = 0;

	T_DO(open_bench(&b), b.err);
	T_INT(rcd_sha256(RCD_SV("OggS"), digest), 0);
	rcd_hex(digest, sizeof(digest), hash);
	T_INT(rcd_sha256(RCD_SV("else"), digest), 0);
	rcd_hex(digest, sizeof(digest), other);
	T_INT(hand_made(&b, rcd_now_ms(), all, hash, "OggS"), 200);
	T_INT(hand_made(&b, rcd_now_ms(), all, "UNSIGNED-PAYLOAD", "OggS"), 200);
	T_INT(hand_made(&b, rcd_now_ms(), all, other, "OggS"), 400);
	T_OK(says(&b, "XAmzContentSHA256Mismatch"));
	T_INT(hand_made(&b, rcd_now_ms() - 16 * 60000, all, hash, "OggS"), 403);
	T_OK(says(&b, "RequestTimeTooSkewed"));
	T_INT(hand_made(&b, rcd_now_ms(), "host;x-amz-date", hash, "OggS"), 403);
	T_OK(says(&b, "AccessDenied"));
	T_INT(hand_made(&b, rcd_now_ms(), "x-amz-content-sha256;x-amz-date", hash, "OggS"), 403);
out:
	close_bench(&b);
	return ret;
}

/* --- media in it ----------------------------------------------------------------------------- */

#define NAME "00112233445566778899aabbccddeeff.ogg"

static int names(void *arg, const char *name)
{
	int *n = arg;

	*n += strcmp(name, NAME) == 0 ? 1 : 100;
	return 0;
}

static int media_in_the_store(void)
{
	struct bench b;
	struct rcd_blob_conf conf = {.s3 = &b.s3};
	struct rcd_blob_store store;
	struct rcd_blob w = {0};
	char origin[RCD_BLOB_ORIGIN];
	struct rcd_buf target;
	int ret = 0, n = 0;

	rcd_buf_init(&target, 4096);
	T_DO(open_bench(&b), b.err);
	rcd_blob_open(&store, &conf, b.http);
	T_DO(rcd_blob_begin(&w, &store, RCD_BLOB_AUDIO NAME, "audio/ogg", soon(), &b.err), b.err);
	T_DO(rcd_blob_add(&w, "Og", 2, &b.err), b.err);
	T_DO(rcd_blob_add(&w, "gS", 2, &b.err), b.err);
	T_INT(try_read(&b, KEY), -1);
	T_DO(rcd_blob_commit(&w, &b.err), b.err);
	T_DO(read_all(&b, KEY, &target), b.err);
	T_OK(rcd_sv_is(rcd_buf_view(&target), "OggS"));
	rcd_buf_reset(&target);
	T_DO(rcd_blob_read(&store, RCD_BLOB_AUDIO NAME, soon(), &target, &b.err), b.err);
	T_OK(rcd_sv_is(rcd_buf_view(&target), "OggS"));
	T_OK(rcd_blob_read(&store, "audio/none.ogg", soon(), &target, &b.err) != 0);
	T_INT(b.err.code, RCD_NOENT);
	T_DO(rcd_blob_write(&store, "inbound/2026-11/7-0", "x/y", RCD_SV("a"), soon(), &b.err), b.err);
	T_DO(rcd_blob_each(&store, RCD_BLOB_AUDIO, rcd_now_ms() - 60000, names, &n, &b.err), b.err);
	T_INT(n, 0);
	T_DO(rcd_blob_each(&store, RCD_BLOB_AUDIO, rcd_now_ms() + 60000, names, &n, &b.err), b.err);
	T_INT(n, 1);
	rcd_buf_reset(&target);
	T_DO(rcd_blob_link(&store, "HEAD", RCD_BLOB_AUDIO NAME, origin, &target, &b.err), b.err);
	T_OK(rcd_sv_starts(rcd_buf_view(&target), RCD_SV("/s3/recado-test/" KEY "?X-Amz-")));
	T_DO(rcd_blob_remove(&store, RCD_BLOB_AUDIO NAME, &b.err), b.err);
	T_DO(rcd_blob_remove(&store, RCD_BLOB_AUDIO NAME, &b.err), b.err);
	T_INT(try_read(&b, KEY), -1);
	T_INT(b.err.code, RCD_NOENT);
	T_DO(rcd_blob_begin(&w, &store, RCD_BLOB_AUDIO NAME, "audio/ogg", soon(), &b.err), b.err);
	T_DO(rcd_blob_add(&w, "x", 1, &b.err), b.err);
	rcd_blob_drop(&w);
	T_INT(try_read(&b, KEY), -1);
out:
	rcd_blob_drop(&w);
	rcd_buf_free(&target);
	close_bench(&b);
	return ret;
}

static int media_have_a_maximum(void)
{
	static char piece[1 << 20];
	struct bench b;
	struct rcd_blob_conf conf = {.s3 = &b.s3};
	struct rcd_blob_store store;
	struct rcd_blob w = {0};
	int ret = 0, rc = 0;

	T_DO(open_bench(&b), b.err);
	rcd_blob_open(&store, &conf, b.http);
	T_DO(rcd_blob_begin(&w, &store, RCD_BLOB_AUDIO NAME, "audio/ogg", soon(), &b.err), b.err);
	for (int i = 0; i < 64 && rc == 0; i++)
		rc = rcd_blob_add(&w, piece, sizeof(piece), &b.err);
	T_INT(rc, -1);
	T_INT(b.err.code, RCD_LIMIT);
out:
	rcd_blob_drop(&w);
	close_bench(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"there_and_back", there_and_back, 0},
	{"with_a_session_token", with_a_session_token, 0},
	{"listed_in_pages", listed_in_pages, 0},
	{"links", links, 0},
	{"wrong_credentials", wrong_credentials, 0},
	{"told_in_words", told_in_words, 0},
	{"done_again_once", done_again_once, 0},
	{"the_store_looks_closely", the_store_looks_closely, 0},
	{"media_in_the_store", media_in_the_store, 0},
	{"media_have_a_maximum", media_have_a_maximum, 0},
	{NULL, NULL, 0},
};
