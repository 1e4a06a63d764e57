/* Responses of a store: pages of a listing, and refusals. Their XML is small and flat, so elements
 * are found by text search; one that is not found counts as absent. */

#include "net/s3_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORD 64

/* --- XML ------------------------------------------------------------------------------- */

static const char *find_text(struct rcd_sv in, const char *what)
{
	return in.n > 0 ? memmem(in.p, in.n, what, strlen(what)) : NULL;
}

/* The first <name>text</name>; *rest moves behind it. None of the names that are read nests in
 * itself. */
static bool take_element(struct rcd_sv *rest, const char *name, struct rcd_sv *text)
{
	char open[32], close[32];
	const char *from, *to;

	(void)snprintf(open, sizeof(open), "<%s>", name);
	(void)snprintf(close, sizeof(close), "</%s>", name);
	from = find_text(*rest, open);
	if (from == NULL)
		return false;
	from += strlen(open);
	to = find_text((struct rcd_sv){from, (size_t)(rest->p + rest->n - from)}, close);
	if (to == NULL)
		return false;
	*text = (struct rcd_sv){from, (size_t)(to - from)};
	*rest = rcd_sv_skip(*rest, (size_t)(to - rest->p) + strlen(close));
	return true;
}

/* The text of an element when it has the form of a code word or region, else "": error texts quote
 * it. */
static void read_code(struct rcd_sv xml, const char *name, char out[WORD])
{
	struct rcd_sv v;

	out[0] = '\0';
	if (!take_element(&xml, name, &v) || v.n == 0 || v.n >= WORD)
		return;
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == '\0' || v.p[i] == '/' || strchr(RCD_S3_KEY_CHARS, v.p[i]) == NULL)
			return;
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
}

/* --- listings -------------------------------------------------------------------------- */

/* "2026-11-21T13:05:09.000Z" */
static int64_t parse_time(struct rcd_sv v)
{
	struct tm tm = {0};
	char text[20];
	time_t when;

	if (v.n < 20)
		return -1;
	memcpy(text, v.p, 19);
	text[19] = '\0';
	if (strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) != text + 19)
		return -1;
	when = timegm(&tm);
	return when >= 0 ? (int64_t)when * 1000 : -1;
}

static bool is_own_key(struct rcd_sv key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] == '\0' || strchr(RCD_S3_KEY_CHARS, key.p[i]) == NULL)
			return false;
	return key.n > 0;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = rcd_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "&amp;", "&#38;", "&#x26;" at the front of *text. 0 and *text unchanged: not a reference. */
static uint32_t take_reference(struct rcd_sv *text)
{
	static const struct {
		const char *name;
		char c;
	} named[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
	struct rcd_sv number;
	uint32_t cp = 0;
	int base = 10;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (rcd_sv_starts(*text, rcd_sv(named[i].name))) {
			*text = rcd_sv_skip(*text, strlen(named[i].name));
			return (unsigned char)named[i].c;
		}
	if (!rcd_sv_starts(*text, RCD_SV("&#")))
		return 0;
	for (number = rcd_sv_skip(*text, 2); number.n > 0 && number.p[0] != ';';
	     number = rcd_sv_skip(number, 1)) {
		int digit;

		if (number.p[0] == 'x' && base == 10 && number.p == text->p + 2) {
			base = 16;
			continue;
		}
		digit = digit_of(number.p[0]);
		if (digit < 0 || digit >= base || cp > 0x10FFFF)
			return 0;
		cp = cp * (uint32_t)base + (uint32_t)digit;
	}
	if (number.n == 0 || cp == 0 || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return 0;
	*text = rcd_sv_skip(number, 1);
	return cp;
}

/* Keys of other programs may hold any character, and start-after wants the key itself. */
static void decode_text(struct rcd_sv text, struct rcd_buf *out)
{
	while (text.n > 0) {
		uint32_t cp = text.p[0] == '&' ? take_reference(&text) : 0;

		if (cp != 0) {
			rcd_buf_code_point(out, cp);
		} else {
			rcd_buf_ch(out, text.p[0]);
			text = rcd_sv_skip(text, 1);
		}
	}
}

static int read_key(struct rcd_sv item, char key[RCD_S3_MAX_KEY + 1], struct rcd_err *err)
{
	struct rcd_sv text;
	struct rcd_buf b;
	int ret = 0;

	if (!take_element(&item, "Key", &text))
		return rcd_fail(err, RCD_PROTO, 0, "s3: an object without a key in a listing");
	rcd_buf_init(&b, RCD_S3_MAX_KEY);
	decode_text(text, &b);
	if (b.over)
		ret = rcd_fail(err, RCD_PROTO, 0, "s3: a key of more than %d bytes", RCD_S3_MAX_KEY);
	else if (b.bad)
		ret = rcd_fail_nomem(err);
	else
		(void)snprintf(key, RCD_S3_MAX_KEY + 1, "%.*s", RCD_SV_ARG(rcd_buf_view(&b)));
	rcd_buf_free(&b);
	return ret;
}

int rcd_s3_page(struct rcd_sv xml, rcd_s3_each_fn *fn, void *arg, char last[RCD_S3_MAX_KEY + 1],
                struct rcd_err *err)
{
	struct rcd_sv rest = xml, item, when, more = {NULL, 0};

	last[0] = '\0';
	if (find_text(xml, "<ListBucketResult") == NULL)
		return rcd_fail(err, RCD_PROTO, 0, "s3: the response is not a listing");
	while (take_element(&rest, "Contents", &item)) {
		struct rcd_sv at = item;
		struct rcd_s3_object o;

		if (read_key(item, last, err) != 0)
			return -1;
		o = (struct rcd_s3_object){rcd_sv(last), -1};
		if (take_element(&at, "LastModified", &when))
			o.modified_ms = parse_time(when);
		if (o.modified_ms >= 0 && is_own_key(o.key) && fn(arg, &o) != 0)
			return 0;
	}
	rest = xml;
	(void)take_element(&rest, "IsTruncated", &more);
	return rcd_sv_is(more, "true") && last[0] != '\0';
}

/* --- refusals -------------------------------------------------------------------------- */

/* The region in "bucket.s3.eu-west-1.amazonaws.com", else "". */
static void find_region(struct rcd_sv text, char out[WORD])
{
	const char *from = find_text(text, "s3."), *to;

	out[0] = '\0';
	if (from == NULL)
		from = find_text(text, "s3-");
	if (from == NULL)
		return;
	from += 3;
	to = find_text((struct rcd_sv){from, (size_t)(text.p + text.n - from)}, ".amazonaws.com");
	if (to == NULL || to - from >= WORD)
		return;
	for (const char *p = from; p < to; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *p) == NULL || *p == '\0')
			return;
	memcpy(out, from, (size_t)(to - from));
	out[to - from] = '\0';
}

/* The region of the bucket as the store names it, else "". */
static void find_bucket_region(const struct rcd_http_res *res, struct rcd_sv body, char out[WORD])
{
	char endpoint[WORD * 2];
	struct rcd_sv v;

	read_code(body, "Region", out);
	if (out[0] == '\0')
		find_region(rcd_sv(res->location), out);
	if (out[0] == '\0' && take_element(&body, "Endpoint", &v) && v.n < sizeof(endpoint))
		find_region(v, out);
}

static int fail_wrong_region(const struct rcd_s3_conf *conf, const struct rcd_http_res *res,
                             struct rcd_sv body, struct rcd_err *err)
{
	char region[WORD];

	find_bucket_region(res, body, region);
	if (region[0] == '\0')
		return rcd_fail(err, RCD_DENIED, res->status,
		                "s3: bucket %s is not in region %s: set AWS_REGION to where it is",
		                conf->bucket, conf->region);
	return rcd_fail(err, RCD_DENIED, res->status,
	                "s3: bucket %s is in region %s: set AWS_REGION=%s", conf->bucket, region,
	                region);
}

static enum rcd_code map_status(int status, const char *word)
{
	if (status == 404 && strcmp(word, "NoSuchBucket") != 0)
		return RCD_NOENT;
	if (status == 401 || status == 403 || status == 404)
		return RCD_DENIED;
	if (status == 408 || status == 429 || status >= 500 || strcmp(word, "RequestTimeout") == 0)
		return RCD_DOWN;
	return status >= 400 ? RCD_INVAL : RCD_PROTO;
}

static const char *get_advice(const char *word)
{
	static const struct {
		const char *word, *text;
	} known[] = {
		{"SignatureDoesNotMatch", "; is AWS_SECRET_ACCESS_KEY right?"},
		{"InvalidAccessKeyId", "; is AWS_ACCESS_KEY_ID right?"},
		{"InvalidToken", "; is AWS_SESSION_TOKEN right?"},
		{"ExpiredToken", "; AWS_SESSION_TOKEN is over"},
		{"AccessDenied", "; do these credentials have the bucket's objects?"},
		{"NoSuchBucket", "; is the bucket in the setting media right?"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].word, word) == 0)
			return known[i].text;
	return "";
}

int rcd_s3_refused(const struct rcd_s3_conf *conf, const char *method,
                   const struct rcd_http_res *res, struct rcd_sv body, struct rcd_err *err)
{
	char code[WORD];

	read_code(body, "Code", code);
	if (strcmp(code, "RequestTimeTooSkewed") == 0)
		return rcd_fail(err, RCD_DENIED, res->status,
		                "s3: this machine's clock and the store's are more than 15 minutes apart: "
		                "set the clock (timedatectl set-ntp true)");
	if ((res->status >= 300 && res->status < 400) ||
	    strcmp(code, "AuthorizationHeaderMalformed") == 0)
		return fail_wrong_region(conf, res, body, err);
	(void)rcd_fail(err, map_status(res->status, code), res->status, "s3: %s: HTTP %d%s%s%s", method,
	               res->status, code[0] != '\0' ? ", " : "", code, get_advice(code));
	err->retry_after = res->retry_after;
	return -1;
}
