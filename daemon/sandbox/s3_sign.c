/* Simulated S3: verifies Signature Version 4. */

#include "daemon/sandbox/s3_int.h"

#include "base/clock.h"
#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SKEW_MS (15 * 60 * 1000)
#define MAX_EXPIRES 604800
#define MAX_ARGS 32
#define MAX_NAMES 32
#define MAX_CANONICAL ((size_t)64 * 1024)
#define ALGORITHM "AWS4-HMAC-SHA256"

/* The signature of a request, from its headers or its query. */
struct claim {
	bool in_query;
	struct rcd_sv credential, names, signature, date;
	struct rcd_sv id, day, region, service, end; /* of the credential */
	const char *payload;
	int64_t when_ms, expires_s;
};

static int set_verdict(struct rcd_sb_verdict *out, int status, const char *code,
                       const char *message)
{
	*out = (struct rcd_sb_verdict){status, code, message};
	return 0;
}

/* --- reading the claim ----------------------------------------------------------------- */

/* "name=value" of a list with commas. */
static struct rcd_sv find_field(struct rcd_sv list, const char *name)
{
	struct rcd_sv part, key;

	while (rcd_sv_cut(&list, ',', &part)) {
		part = rcd_sv_trim(part);
		if (rcd_sv_cut(&part, '=', &key) && rcd_sv_is(key, name))
			return part;
	}
	return (struct rcd_sv){NULL, 0};
}

static void read_header(struct rcd_sb_req *req, struct rcd_sv authorization, struct claim *c)
{
	authorization = rcd_sv_skip(authorization, sizeof(ALGORITHM));
	c->credential = find_field(authorization, "Credential");
	c->names = find_field(authorization, "SignedHeaders");
	c->signature = find_field(authorization, "Signature");
	c->date = rcd_sv(rcd_sb_req_header(req, "x-amz-date"));
	c->payload = rcd_sb_req_header(req, "x-amz-content-sha256");
}

static void read_query(struct rcd_sb_req *req, struct claim *c)
{
	c->in_query = true;
	c->credential = rcd_sv(rcd_sb_req_arg(req, "X-Amz-Credential"));
	c->names = rcd_sv(rcd_sb_req_arg(req, "X-Amz-SignedHeaders"));
	c->signature = rcd_sv(rcd_sb_req_arg(req, "X-Amz-Signature"));
	c->date = rcd_sv(rcd_sb_req_arg(req, "X-Amz-Date"));
	c->payload = "UNSIGNED-PAYLOAD";
	if (rcd_parse_i64(rcd_sv(rcd_sb_req_arg(req, "X-Amz-Expires")), 1, MAX_EXPIRES,
	                  &c->expires_s) != 0)
		c->expires_s = 0;
}

/* "20130524T000000Z" */
static bool parse_moment(struct rcd_sv v, int64_t *ms)
{
	struct tm tm = {0};
	char text[17];

	if (v.n != 16)
		return false;
	memcpy(text, v.p, 16);
	text[16] = '\0';
	if (strptime(text, "%Y%m%dT%H%M%SZ", &tm) != text + 16)
		return false;
	*ms = (int64_t)timegm(&tm) * 1000;
	return true;
}

static bool is_complete(struct claim *c)
{
	struct rcd_sv rest = c->credential;

	return rcd_sv_cut(&rest, '/', &c->id) && rcd_sv_cut(&rest, '/', &c->day) &&
	       rcd_sv_cut(&rest, '/', &c->region) && rcd_sv_cut(&rest, '/', &c->service) &&
	       rcd_sv_cut(&rest, '/', &c->end) && rest.p == NULL && rcd_sv_is(c->service, "s3") &&
	       rcd_sv_is(c->end, "aws4_request") && c->names.n > 0 && c->signature.n == 64 &&
	       c->payload != NULL && parse_moment(c->date, &c->when_ms) && c->day.n == 8 &&
	       memcmp(c->day.p, c->date.p, 8) == 0 && (!c->in_query || c->expires_s > 0);
}

/* --- the canonical request -------------------------------------------------------------- */

struct args {
	char *pair[MAX_ARGS]; /* encoded "name=value" */
	size_t n;
	bool bad;
};

static void take_arg(void *arg, const char *name, const char *value)
{
	struct args *a = arg;
	struct rcd_buf b;

	if (strcmp(name, "X-Amz-Signature") == 0)
		return;
	rcd_buf_init(&b, MAX_CANONICAL);
	rcd_form_add(&b, name, value != NULL ? rcd_sv(value) : RCD_SV(""));
	if (a->n == MAX_ARGS || b.bad) {
		a->bad = true;
		rcd_buf_free(&b);
		return;
	}
	a->pair[a->n++] = b.p;
}

static int match_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_query(struct rcd_sb_req *req, struct rcd_buf *out)
{
	struct args a = {.n = 0};

	rcd_sb_req_args(req, take_arg, &a);
	qsort(a.pair, a.n, sizeof(a.pair[0]), match_text);
	for (size_t i = 0; i < a.n; i++) {
		rcd_buf_fmt(out, "%s%s", i > 0 ? "&" : "", a.pair[i]);
		free(a.pair[i]);
	}
	out->bad = out->bad || a.bad;
}

static void add_path(struct rcd_sv path, struct rcd_buf *out)
{
	struct rcd_sv part;
	bool first = true;

	while (rcd_sv_cut(&path, '/', &part)) {
		if (!first)
			rcd_buf_ch(out, '/');
		rcd_form_escape(part, out);
		first = false;
	}
}

/* false: one of the names is not there, or too long. */
static bool add_headers(struct rcd_sb_req *req, struct rcd_sv names, struct rcd_buf *out)
{
	struct rcd_sv name;

	while (rcd_sv_cut(&names, ';', &name)) {
		char text[64];
		const char *value;

		if (name.n == 0 || name.n >= sizeof(text))
			return false;
		memcpy(text, name.p, name.n);
		text[name.n] = '\0';
		value = rcd_sb_req_header(req, text);
		if (value == NULL)
			return false;
		rcd_buf_fmt(out, "%s:%.*s\n", text, RCD_SV_ARG(rcd_sv_trim(rcd_sv(value))));
	}
	return true;
}

static bool has_names(struct rcd_sv names, const char *name)
{
	struct rcd_sv part;

	while (rcd_sv_cut(&names, ';', &part))
		if (rcd_sv_is(part, name))
			return true;
	return false;
}

/* Headers and query parameters that name the caller or the object must be among the signed ones. */
static bool has_signed_headers(struct rcd_sb_req *req, const struct claim *c)
{
	static const char *const must[] = {"x-amz-date", "x-amz-content-sha256",
	                                   "x-amz-security-token"};

	for (size_t i = 0; i < 3; i++)
		if (rcd_sb_req_header(req, must[i]) != NULL && !has_names(c->names, must[i]))
			return false;
	return has_names(c->names, "host");
}

/* --- the signature ----------------------------------------------------------------------- */

static int sign_request(const struct claim *c, const char *secret, const struct rcd_buf *canonical,
                        char out[65])
{
	const struct rcd_sv step[] = {c->day, c->region, c->service, c->end};
	uint8_t hash[RCD_SHA256_N], key[RCD_SHA256_N], next[RCD_SHA256_N];
	char hex[65], text[400], first[200];
	struct rcd_sv k;

	(void)snprintf(first, sizeof(first), "AWS4%s", secret);
	k = rcd_sv(first);
	for (size_t i = 0; i < 4; i++) {
		if (rcd_hmac_sha256(k, step[i], next) != 0)
			return -1;
		memcpy(key, next, sizeof(key));
		k = (struct rcd_sv){(const char *)key, sizeof(key)};
	}
	if (rcd_sha256(rcd_buf_view(canonical), hash) != 0)
		return -1;
	rcd_hex(hash, sizeof(hash), hex);
	(void)snprintf(text, sizeof(text), ALGORITHM "\n%.*s\n%.*s/%.*s/%.*s/%.*s\n%s",
	               RCD_SV_ARG(c->date), RCD_SV_ARG(c->day), RCD_SV_ARG(c->region),
	               RCD_SV_ARG(c->service), RCD_SV_ARG(c->end), hex);
	if (rcd_hmac_sha256(k, rcd_sv(text), hash) != 0)
		return -1;
	rcd_hex(hash, sizeof(hash), out);
	return 0;
}

static int check_signature(struct rcd_sb_call *call, const struct claim *c,
                           struct rcd_sb_verdict *out)
{
	struct rcd_sb_req *req = call->req;
	struct rcd_buf b;
	bool there;
	char want[65];
	int ret = -1;

	rcd_buf_init(&b, MAX_CANONICAL);
	rcd_buf_fmt(&b, "%s\n", rcd_sb_req_method(req));
	add_path(rcd_sv(rcd_sb_req_path(req)), &b);
	rcd_buf_ch(&b, '\n');
	add_query(req, &b);
	rcd_buf_ch(&b, '\n');
	there = add_headers(req, c->names, &b);
	rcd_buf_fmt(&b, "\n%.*s\n%s", RCD_SV_ARG(c->names), c->payload);
	if (!b.bad)
		ret = sign_request(c, call->box->value[RCD_SB_S3_SECRET], &b, want);
	if (ret == 0 && (!there || !rcd_same_secret(c->signature, rcd_sv(want))))
		(void)set_verdict(
			out, 403, "SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided.");
	rcd_buf_free(&b);
	return ret;
}

/* --- the whole ---------------------------------------------------------------------------- */

static int check_time(const struct claim *c, struct rcd_sb_verdict *out)
{
	int64_t off = rcd_now_ms() - c->when_ms;

	if (!c->in_query && (off > SKEW_MS || off < -SKEW_MS))
		return set_verdict(
			out, 403, "RequestTimeTooSkewed",
			"The difference between the request time and the current time is too large.");
	if (c->in_query && off < -SKEW_MS)
		return set_verdict(out, 403, "AccessDenied", "Request is not yet valid");
	if (c->in_query && off > c->expires_s * 1000)
		return set_verdict(out, 403, "AccessDenied", "Request has expired");
	return 0;
}

static int check_body(struct rcd_sb_req *req, const struct claim *c, struct rcd_sb_verdict *out)
{
	uint8_t digest[RCD_SHA256_N];
	char hex[65];

	if (strcmp(c->payload, "UNSIGNED-PAYLOAD") == 0)
		return 0;
	if (rcd_sha256(rcd_sb_req_body(req), digest) != 0)
		return -1;
	rcd_hex(digest, sizeof(digest), hex);
	if (strcmp(hex, c->payload) != 0)
		return set_verdict(
			out, 400, "XAmzContentSHA256Mismatch",
			"The provided 'x-amz-content-sha256' header does not match what was computed.");
	return 0;
}

static int check_claim(struct rcd_sb_call *call, struct claim *c, struct rcd_sb_verdict *out)
{
	int ret;

	if (!is_complete(c))
		return set_verdict(out, 400, "AuthorizationQueryParametersError",
		                   "The authorization is malformed.");
	if (!rcd_sv_is(c->id, call->box->value[RCD_SB_S3_KEY_ID]))
		return set_verdict(out, 403, "InvalidAccessKeyId",
		                   "The AWS Access Key Id you provided does not exist.");
	if (!rcd_sv_is(c->region, call->box->value[RCD_SB_S3_REGION]))
		return set_verdict(out, 400, "AuthorizationHeaderMalformed", "The region is wrong");
	if (!has_signed_headers(call->req, c))
		return set_verdict(out, 403, "AccessDenied",
		                   "There were headers present which were not signed");
	ret = check_time(c, out);
	if (ret == 0 && out->status == 0)
		ret = check_signature(call, c, out);
	if (ret == 0 && out->status == 0)
		ret = check_body(call->req, c, out);
	return ret;
}

int rcd_sb_s3_verify(struct rcd_sb_call *call, struct rcd_sb_verdict *out)
{
	struct rcd_sv authorization = rcd_sv(rcd_sb_req_header(call->req, "Authorization"));
	bool link = rcd_sb_req_arg(call->req, "X-Amz-Signature") != NULL;
	struct claim c = {.in_query = false};

	*out = (struct rcd_sb_verdict){0};
	rcd_sb_note(call, "link", json_boolean(link));
	if (link && authorization.p != NULL)
		return set_verdict(out, 400, "InvalidArgument", "Only one auth mechanism allowed");
	if (link)
		read_query(call->req, &c);
	else if (rcd_sv_starts(authorization, RCD_SV(ALGORITHM " ")))
		read_header(call->req, authorization, &c);
	else
		return set_verdict(out, 403, "AccessDenied", "Access Denied");
	return check_claim(call, &c, out);
}
