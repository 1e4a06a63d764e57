/* What a store says: pages of a listing, and why it refuses. Its XML is small and flat; what is
 * not found in it is simply not there. */

#include "net/s3_int.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define WORD 64

/* --- XML ------------------------------------------------------------------------------- */

static const char *find(struct rcd_sv in, const char *what)
{
	return in.n > 0 ? memmem(in.p, in.n, what, strlen(what)) : NULL;
}

/* The first <name>text</name> of *rest, which then begins behind it. Nothing that is looked for
 * stands inside another of the same name. */
static bool element(struct rcd_sv *rest, const char *name, struct rcd_sv *text)
{
	char open[32], close[32];
	const char *from, *to;

	(void)snprintf(open, sizeof(open), "<%s>", name);
	(void)snprintf(close, sizeof(close), "</%s>", name);
	from = find(*rest, open);
	if (from == NULL)
		return false;
	from += strlen(open);
	to = find((struct rcd_sv){from, (size_t)(rest->p + rest->n - from)}, close);
	if (to == NULL)
		return false;
	*text = (struct rcd_sv){from, (size_t)(to - from)};
	*rest = rcd_sv_skip(*rest, (size_t)(to - rest->p) + strlen(close));
	return true;
}

/* A code word or a region when it looks like one, else "": it goes into error texts. */
static void word(struct rcd_sv xml, const char *name, char out[WORD])
{
	struct rcd_sv v;

	out[0] = '\0';
	if (!element(&xml, name, &v) || v.n == 0 || v.n >= WORD)
		return;
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == '\0' || v.p[i] == '/' || strchr(RCD_S3_KEY_CHARS, v.p[i]) == NULL)
			return;
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
}

/* --- listings -------------------------------------------------------------------------- */

/* "2026-11-21T13:05:09.000Z" */
static int64_t moment(struct rcd_sv v)
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

static bool ours(struct rcd_sv key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] == '\0' || strchr(RCD_S3_KEY_CHARS, key.p[i]) == NULL)
			return false;
	return key.n > 0;
}

int rcd_s3_page(struct rcd_sv xml, rcd_s3_each_fn *fn, void *arg, char last[RCD_S3_MAX_KEY + 1],
                struct rcd_err *err)
{
	struct rcd_sv rest = xml, item, key, when, more = {NULL, 0};

	last[0] = '\0';
	if (find(xml, "<ListBucketResult") == NULL)
		return rcd_fail(err, RCD_PROTO, 0, "s3: the listing is none");
	while (element(&rest, "Contents", &item)) {
		struct rcd_sv at = item;
		struct rcd_s3_object o;

		if (!element(&at, "Key", &key) || key.n > RCD_S3_MAX_KEY)
			return rcd_fail(err, RCD_PROTO, 0, "s3: an object without a key in a listing");
		(void)snprintf(last, RCD_S3_MAX_KEY + 1, "%.*s", RCD_SV_ARG(key));
		at = item;
		o = (struct rcd_s3_object){key, element(&at, "LastModified", &when) ? moment(when) : -1};
		if (o.modified_ms >= 0 && ours(key) && fn(arg, &o) != 0)
			return 0;
	}
	rest = xml;
	(void)element(&rest, "IsTruncated", &more);
	return rcd_sv_is(more, "true") && last[0] != '\0';
}

/* --- refusals -------------------------------------------------------------------------- */

/* The region in "bucket.s3.eu-west-1.amazonaws.com", else "". */
static void region_in(struct rcd_sv text, char out[WORD])
{
	const char *from = find(text, "s3."), *to;

	out[0] = '\0';
	if (from == NULL)
		from = find(text, "s3-");
	if (from == NULL)
		return;
	from += 3;
	to = find((struct rcd_sv){from, (size_t)(text.p + text.n - from)}, ".amazonaws.com");
	if (to == NULL || to - from >= WORD)
		return;
	for (const char *p = from; p < to; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *p) == NULL || *p == '\0')
			return;
	memcpy(out, from, (size_t)(to - from));
	out[to - from] = '\0';
}

/* Where the bucket is, as far as the store says so. */
static void other_region(const struct rcd_http_res *res, struct rcd_sv body, char out[WORD])
{
	char endpoint[WORD * 2];
	struct rcd_sv v;

	word(body, "Region", out);
	if (out[0] == '\0')
		region_in(rcd_sv(res->location), out);
	if (out[0] == '\0' && element(&body, "Endpoint", &v) && v.n < sizeof(endpoint))
		region_in(v, out);
}

static int elsewhere(const struct rcd_s3_conf *conf, const struct rcd_http_res *res,
                     struct rcd_sv body, struct rcd_err *err)
{
	char region[WORD];

	other_region(res, body, region);
	if (region[0] == '\0')
		return rcd_fail(err, RCD_DENIED, res->status,
		                "s3: bucket %s is not in region %s: set AWS_REGION to where it is",
		                conf->bucket, conf->region);
	return rcd_fail(err, RCD_DENIED, res->status,
	                "s3: bucket %s is in region %s: set AWS_REGION=%s", conf->bucket, region,
	                region);
}

static enum rcd_code code_of(int status, const char *word)
{
	if (status == 404 && strcmp(word, "NoSuchBucket") != 0)
		return RCD_NOENT;
	if (status == 401 || status == 403 || status == 404)
		return RCD_DENIED;
	if (status == 408 || status == 429 || status >= 500 || strcmp(word, "RequestTimeout") == 0)
		return RCD_DOWN;
	return status >= 400 ? RCD_INVAL : RCD_PROTO;
}

static const char *advice(const char *word)
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

	word(body, "Code", code);
	if (strcmp(code, "RequestTimeTooSkewed") == 0)
		return rcd_fail(err, RCD_DENIED, res->status,
		                "s3: this machine's clock and the store's are more than 15 minutes apart: "
		                "set the clock (timedatectl set-ntp true)");
	if ((res->status >= 300 && res->status < 400) ||
	    strcmp(code, "AuthorizationHeaderMalformed") == 0)
		return elsewhere(conf, res, body, err);
	(void)rcd_fail(err, code_of(res->status, code), res->status, "s3: %s: HTTP %d%s%s%s", method,
	               res->status, code[0] != '\0' ? ", " : "", code, advice(code));
	if (err != NULL)
		err->retry_after = res->retry_after;
	return -1;
}
