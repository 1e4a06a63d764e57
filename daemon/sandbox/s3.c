/* Simulated S3, path style, below /s3/. Every bucket exists. */

#include "daemon/sandbox/s3_int.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define MAX_NAME 1200 /* bucket, "/" and key */
#define MAX_PAGE 1000

/* --- requests ------------------------------------------------------------------------------ */

/* "bucket/key"; it stays as it came, behind "/s3/". */
static struct rcd_sv get_object_name(const struct rcd_sb_call *c)
{
	return rcd_sv_skip(rcd_sv(rcd_sb_req_path(c->req)), sizeof("/s3/") - 1);
}

/* 1: the request may be carried out; 0: it was answered; -1. */
static int check_request(struct rcd_sb_call *c)
{
	struct rcd_sb_verdict v;

	rcd_sb_note_sv(c, "bucket", c->star[0]);
	rcd_sb_note_sv(c, "key", c->star[1]);
	if (rcd_sb_s3_verify(c, &v) != 0)
		return -1;
	if (v.status != 0)
		return rcd_sb_refuse(c, v.status, v.code, v.message);
	if (get_object_name(c).n > MAX_NAME)
		return rcd_sb_refuse(c, 400, "KeyTooLongError", "Your key is too long");
	return 1;
}

static struct tm to_utc(int64_t ms)
{
	time_t when = (time_t)(ms / 1000);
	struct tm tm = {0};

	(void)gmtime_r(&when, &tm);
	return tm;
}

/* Headers of real stores that must not reach customers. */
static void add_own_headers(struct rcd_sb_call *c)
{
	rcd_sb_header(c, "x-amz-request-id", "5A9DB0C5");
	rcd_sb_header(c, "x-amz-id-2", "c2FuZGJveA==");
	rcd_sb_header(c, "Set-Cookie", "store=1; Path=/");
}

int rcd_sb_s3_put(struct rcd_sb_call *c)
{
	struct rcd_sv bytes = rcd_sb_req_body(c->req),
				  type = rcd_sv(rcd_sb_req_header(c->req, "Content-Type"));
	const struct rcd_sb_object *o = NULL;
	struct rcd_err err = {0};
	int go = check_request(c);

	rcd_sb_note_sv(c, "type", type);
	rcd_sb_note(c, "bytes", json_integer((json_int_t)bytes.n));
	if (go != 1)
		return go;
	if (c->dry)
		return rcd_sb_reply(c, 200, NULL, RCD_SV(""));
	if (type.p == NULL)
		type = RCD_SV("binary/octet-stream");
	if (rcd_sb_objects_put(c->box->objects, get_object_name(c), type, bytes, &o, &err) != 0)
		return err.code == RCD_NOMEM ? -1 : rcd_sb_refuse(c, 400, "EntityTooLarge", err.msg);
	add_own_headers(c);
	rcd_sb_header(c, "ETag", "%s", o->etag);
	return rcd_sb_reply(c, 200, NULL, RCD_SV(""));
}

/* HEAD too: the server below leaves the body out. */
int rcd_sb_s3_get(struct rcd_sb_call *c)
{
	const struct rcd_sb_object *o = NULL;
	struct tm tm;
	char when[40];
	int go = check_request(c);

	if (go != 1)
		return go;
	o = rcd_sb_objects_get(c->box->objects, get_object_name(c));
	if (o == NULL)
		return rcd_sb_refuse(c, 404, "NoSuchKey", "The specified key does not exist.");
	tm = to_utc(o->modified_ms);
	(void)strftime(when, sizeof(when), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	add_own_headers(c);
	rcd_sb_header(c, "ETag", "%s", o->etag);
	rcd_sb_header(c, "Last-Modified", "%s", when);
	rcd_sb_header(c, "Content-Type", "%s", o->type);
	return rcd_sb_reply(c, 200, NULL, (struct rcd_sv){o->bytes, o->n});
}

int rcd_sb_s3_delete(struct rcd_sb_call *c)
{
	int go = check_request(c);

	if (go != 1)
		return go;
	if (!c->dry)
		rcd_sb_objects_remove(c->box->objects, get_object_name(c));
	add_own_headers(c);
	c->out->status = 204;
	return 0;
}

/* --- listing -------------------------------------------------------------------------------- */

static void add_item(struct rcd_buf *b, const struct rcd_sb_object *o, size_t bucket_n)
{
	struct tm tm = to_utc(o->modified_ms);
	char when[40];

	(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S.000Z", &tm);
	rcd_buf_fmt(b,
	            "<Contents><Key>%s</Key><LastModified>%s</LastModified>"
	            "<ETag>%s</ETag><Size>%zu</Size></Contents>",
	            o->name + bucket_n, when, o->etag, o->n);
}

/* Appends a page and says whether there is more. Keys that XML would have to escape are not
 * among those that Recado makes. */
static bool add_page(struct rcd_sb_call *c, const char *bucket, struct rcd_buf *b)
{
	const char *prefix = rcd_sb_req_arg(c->req, "prefix"),
			   *after = rcd_sb_req_arg(c->req, "start-after");
	int64_t max = MAX_PAGE, n = 0;
	const struct rcd_sb_object *o;
	char from[MAX_NAME], begin[MAX_NAME];

	(void)rcd_parse_i64(rcd_sv(rcd_sb_req_arg(c->req, "max-keys")), 1, MAX_PAGE, &max);
	(void)snprintf(from, sizeof(from), "%s/%s", bucket, after != NULL ? after : "");
	(void)snprintf(begin, sizeof(begin), "%s/%s", bucket, prefix != NULL ? prefix : "");
	for (o = rcd_sb_objects_after(c->box->objects, rcd_sv(from)); o != NULL;
	     o = rcd_sb_objects_after(c->box->objects, rcd_sv(o->name))) {
		if (!rcd_sv_starts(rcd_sv(o->name), rcd_sv(begin)))
			continue;
		if (n++ == max)
			return true;
		add_item(b, o, strlen(bucket) + 1);
	}
	return false;
}

int rcd_sb_s3_list(struct rcd_sb_call *c)
{
	struct rcd_buf b;
	char bucket[80];
	int go = check_request(c), ret = -1;
	bool more;

	if (go != 1)
		return go;
	(void)snprintf(bucket, sizeof(bucket), "%.*s", RCD_SV_ARG(c->star[0]));
	rcd_buf_init(&b, 4 * 1024 * 1024);
	rcd_buf_fmt(
		&b,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>%s</Name>",
		bucket);
	more = add_page(c, bucket, &b);
	rcd_buf_fmt(&b, "<IsTruncated>%s</IsTruncated></ListBucketResult>", more ? "true" : "false");
	if (!b.bad)
		ret = rcd_sb_reply(c, 200, "application/xml", rcd_buf_view(&b));
	rcd_buf_free(&b);
	return ret;
}
