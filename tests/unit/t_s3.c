/* Signatures by AWS' published example, places, links, and what stores say. */

#include "base/crypto.h"
#include "net/s3.h"
#include "net/sigv4.h"
#include "provider/blob.h"
#include "tests/t.h"

#include <stdlib.h>

#define DAY_MS 1369353600000 /* 2013-05-24T00:00:00Z */

static int example(struct rcd_s3_conf *c, struct rcd_err *err)
{
	*c = (struct rcd_s3_conf){.endpoint = "",
	                          .region = "us-east-1",
	                          .key_id = "AKIAIOSFODNN7EXAMPLE",
	                          .bucket = "examplebucket"};
	return rcd_secret_put(&c->secret, RCD_SV("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), err);
}

static int signature_of_the_example(void)
{
	static const char headers[] =
		"host:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n"
		"x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
		"x-amz-date:20130524T000000Z\n";
	const struct rcd_sigv4_req req =
		{"GET",
	     RCD_SV("/test.txt"),
	     RCD_SV(""),
	     RCD_SV(headers),
	     "host;range;x-amz-content-sha256;x-amz-date",
	     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"};
	struct rcd_sigv4_key key;
	struct rcd_sigv4_time t;
	struct rcd_s3_conf c = {0};
	char got[RCD_SIGV4_N];
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(example(&c, &err), err);
	key = (struct rcd_sigv4_key){c.key_id, &c.secret, c.region, "s3"};
	T_DO(rcd_sigv4_time(DAY_MS, &t, &err), err);
	T_STR(t.stamp, "20130524T000000Z");
	T_DO(rcd_sigv4_sign(&key, &t, &req, got, &err), err);
	T_STR(got, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
out:
	rcd_secret_wipe(&c.secret);
	return ret;
}

#define QUERY                                                                                      \
	"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"         \
	"us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"                \
	"&X-Amz-SignedHeaders=host"

/* The published link has a host without a region, which we never make: its query is compared
 * with ours, and its signature with the one over that host. */
static int link_query_of_the_example(void)
{
	struct rcd_sigv4_key key;
	struct rcd_sigv4_time t;
	struct rcd_s3_conf c = {0};
	char got[RCD_SIGV4_N], origin[RCD_S3_ORIGIN];
	struct rcd_buf target;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_buf_init(&target, 4096);
	T_DO(example(&c, &err), err);
	key = (struct rcd_sigv4_key){c.key_id, &c.secret, c.region, "s3"};
	T_DO(rcd_s3_link(&c, "GET", "test.txt", 86400, DAY_MS, origin, &target, &err), err);
	T_STR(origin, "https://examplebucket.s3.us-east-1.amazonaws.com");
	T_OK(rcd_sv_starts(rcd_buf_view(&target), RCD_SV("/test.txt?" QUERY "&X-Amz-Signature=")));
	T_INT(target.n, sizeof("/test.txt?" QUERY "&X-Amz-Signature=") - 1 + 64);
	T_DO(rcd_sigv4_time(DAY_MS, &t, &err), err);
	T_DO(rcd_sigv4_sign(&key, &t,
	                    &(struct rcd_sigv4_req){"GET", RCD_SV("/test.txt"), RCD_SV(QUERY),
	                                            RCD_SV("host:examplebucket.s3.amazonaws.com\n"),
	                                            "host", "UNSIGNED-PAYLOAD"},
	                    got, &err),
	     err);
	T_STR(got, "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
out:
	rcd_buf_free(&target);
	rcd_secret_wipe(&c.secret);
	return ret;
}

/* Of one configuration: where a key is, as the link to it says. */
static int leads_to(const char *endpoint, const char *bucket, const char *origin, const char *path)
{
	struct rcd_s3_conf c = {0};
	char got[RCD_S3_ORIGIN];
	struct rcd_buf target;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_buf_init(&target, 4096);
	T_DO(example(&c, &err), err);
	c.endpoint = endpoint;
	(void)snprintf(c.bucket, sizeof(c.bucket), "%s", bucket);
	T_DO(rcd_s3_link(&c, "HEAD", "p/audio/x.ogg", 60, DAY_MS, got, &target, &err), err);
	T_STR(got, origin);
	target.p[strcspn(target.p, "?")] = '\0';
	T_STR(target.p, path);
out:
	rcd_buf_free(&target);
	rcd_secret_wipe(&c.secret);
	return ret;
}

static int where_a_key_is(void)
{
	int ret = 0;

	T_INT(leads_to("", "photos", "https://photos.s3.us-east-1.amazonaws.com", "/p/audio/x.ogg"), 0);
	T_INT(leads_to("", "my.photos", "https://s3.us-east-1.amazonaws.com",
	               "/my.photos/p/audio/x.ogg"),
	      0);
	T_INT(leads_to("https://storage.googleapis.com", "b12", "https://storage.googleapis.com",
	               "/b12/p/audio/x.ogg"),
	      0);
	T_INT(leads_to("https://HOST.example:443/", "b12", "https://host.example",
	               "/b12/p/audio/x.ogg"),
	      0);
	T_INT(leads_to("http://127.0.0.1:9000/s3", "b12", "http://127.0.0.1:9000",
	               "/s3/b12/p/audio/x.ogg"),
	      0);
	T_INT(leads_to("http://[::1]:9000", "b12", "http://[::1]:9000", "/b12/p/audio/x.ogg"), 0);
out:
	return ret;
}

static int keys_that_lead_elsewhere(void)
{
	static const char *const bad[] = {"../x", "a//b", "a/./b",  "/a",   "a/",
	                                  "a b",  "a?b",  "a\r\nb", "a%2e", "\xc3\xa9"};
	struct rcd_s3_conf c = {0};
	char origin[RCD_S3_ORIGIN];
	struct rcd_buf target;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_buf_init(&target, 4096);
	T_DO(example(&c, &err), err);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		T_OK(rcd_s3_link(&c, "GET", bad[i], 60, DAY_MS, origin, &target, &err) != 0);
		T_INT(err.code, RCD_INVAL);
		T_INT(target.n, 0);
	}
out:
	rcd_buf_free(&target);
	rcd_secret_wipe(&c.secret);
	return ret;
}

static int links_have_a_method_and_a_session(void)
{
	struct rcd_s3_conf c = {0};
	char origin[RCD_S3_ORIGIN];
	struct rcd_buf get, head;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_buf_init(&get, 4096);
	rcd_buf_init(&head, 4096);
	T_DO(example(&c, &err), err);
	T_DO(rcd_s3_link(&c, "GET", "k", 60, DAY_MS, origin, &get, &err), err);
	T_DO(rcd_s3_link(&c, "HEAD", "k", 60, DAY_MS, origin, &head, &err), err);
	T_INT(get.n, head.n);
	T_OK(strcmp(get.p, head.p) != 0);
	T_OK(strstr(get.p, "wJalr") == NULL);
	rcd_buf_reset(&get);
	T_DO(rcd_secret_put(&c.session, RCD_SV("a+b/c=="), &err), err);
	T_DO(rcd_s3_link(&c, "GET", "k", 60, DAY_MS, origin, &get, &err), err);
	T_OK(strstr(get.p, "&X-Amz-Security-Token=a%2Bb%2Fc%3D%3D&X-Amz-SignedHeaders=host&") != NULL);
out:
	rcd_buf_free(&get);
	rcd_buf_free(&head);
	rcd_secret_wipe(&c.secret);
	rcd_secret_wipe(&c.session);
	return ret;
}

/* With memory running out on the way. */
static int a_link_for_media(void)
{
	struct rcd_s3_conf c = {0};
	struct rcd_blob_conf conf = {.s3 = &c};
	struct rcd_blob_store store;
	char origin[RCD_BLOB_ORIGIN];
	struct rcd_buf target;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_buf_init(&target, 4096);
	T_DO(example(&c, &err), err);
	T_DO(rcd_s3_place("s3://examplebucket/shop", &c, &err), err);
	rcd_blob_open(&store, &conf, NULL);
	T_DO(rcd_blob_link(&store, "GET", RCD_BLOB_AUDIO "x.ogg", origin, &target, &err), err);
	T_STR(origin, "https://examplebucket.s3.us-east-1.amazonaws.com");
	T_OK(rcd_sv_starts(rcd_buf_view(&target), RCD_SV("/shop/audio/x.ogg?X-Amz-Algorithm=")));
	T_OK(rcd_blob_link(&store, "GET", RCD_BLOB_AUDIO "../x", origin, &target, &err) != 0);
	conf.s3 = NULL;
	rcd_blob_open(&store, &conf, NULL);
	T_OK(rcd_blob_link(&store, "GET", RCD_BLOB_AUDIO "x.ogg", origin, &target, &err) != 0);
	T_INT(err.code, RCD_NOENT);
out:
	rcd_buf_free(&target);
	rcd_secret_wipe(&c.secret);
	return ret;
}

static int places(void)
{
	static const char *const bad[] = {"",
	                                  "s3://",
	                                  "s3:///x",
	                                  "s3://ab",
	                                  "s3://Bucket/x",
	                                  "s3://b..",
	                                  "s3://buck et/",
	                                  "https://bucket/x",
	                                  "s3://bucket/a//b",
	                                  "s3://bucket/../x",
	                                  "s3://bucket/a b"};
	struct rcd_s3_conf c = {0};
	struct rcd_err err = {0};
	char url[400];
	int ret = 0;

	T_DO(rcd_s3_place("s3://bucket", &c, &err), err);
	T_STR(c.bucket, "bucket");
	T_STR(c.prefix, "");
	T_DO(rcd_s3_place("s3://my.bucket-1/shop/media//", &c, &err), err);
	T_STR(c.bucket, "my.bucket-1");
	T_STR(c.prefix, "shop/media/");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		T_OK(rcd_s3_place(bad[i], &c, &err) != 0);
	memset(url, 'p', sizeof(url) - 1);
	url[sizeof(url) - 1] = '\0';
	memcpy(url, "s3://bucket/", 12);
	T_OK(rcd_s3_place(url, &c, &err) != 0);
	T_STR(c.prefix, "shop/media/");
out:
	return ret;
}

/* --- pages of a listing ----------------------------------------------------------------- */

#define ITEM(key, when)                                                                            \
	"<Contents><Key>" key "</Key><LastModified>" when "</LastModified><Size>4</Size></Contents>"
#define LISTING(more, items)                                                                       \
	"<?xml version=\"1.0\"?><ListBucketResult xmlns=\"x\"><Name>b</Name><IsTruncated>" more        \
	"</IsTruncated>" items "</ListBucketResult>"

struct seen {
	char keys[200];
	int64_t last_ms;
	int enough;
};

static int see(void *arg, const struct rcd_s3_object *o)
{
	struct seen *s = arg;
	size_t n = strlen(s->keys);

	(void)snprintf(s->keys + n, sizeof(s->keys) - n, "%.*s ", RCD_SV_ARG(o->key));
	s->last_ms = o->modified_ms;
	return --s->enough == 0 ? -1 : 0;
}

static int page(const char *xml, struct seen *s, char last[RCD_S3_MAX_KEY + 1])
{
	struct rcd_err err = {0};

	*s = (struct seen){.enough = s->enough};
	return rcd_s3_page(rcd_sv(xml), see, s, last, &err);
}

static int pages(void)
{
	static const char two[] = LISTING("true", ITEM("p/a.ogg", "2026-11-21T13:05:09.000Z")
	                                              ITEM("p/b.ogg", "2026-11-21T13:05:10Z"));
	char last[RCD_S3_MAX_KEY + 1];
	struct seen s = {{0}, 0, 0};
	int ret = 0;

	T_INT(page(two, &s, last), 1);
	T_STR(s.keys, "p/a.ogg p/b.ogg ");
	T_STR(last, "p/b.ogg");
	T_INT(s.last_ms, 1795266310000);
	s.enough = 1;
	T_INT(page(two, &s, last), 0);
	T_STR(s.keys, "p/a.ogg ");
	s.enough = 0;
	T_INT(page(LISTING("false", ""), &s, last), 0);
	T_INT(page(LISTING("true", ""), &s, last), 0); /* nothing to go on from */
	T_INT(page(LISTING("false", ITEM("caf\xc3\xa9", "2026-11-21T13:05:10Z")
	                                ITEM("ok", "2026-11-21T13:05:10Z")),
	           &s, last),
	      0);
	T_STR(s.keys, "ok ");
	/* references are decoded: start-after wants the key itself */
	T_INT(page(LISTING("true",
	                   ITEM("p/a&#45;b", "2026-11-21T13:05:10Z")
	                       ITEM("p/&quot;R&amp;D&#x22; &lt;\xc3\xa9&#233;&#x1F600;&gt;&apos;",
	                            "2026-11-21T13:05:10Z")),
	           &s, last),
	      1);
	T_STR(s.keys, "p/a-b ");
	T_STR(last, "p/\"R&D\" <\xc3\xa9\xc3\xa9\xf0\x9f\x98\x80>'");
	/* what is none stands for itself */
	T_INT(page(LISTING("true",
	                   ITEM("a&b;&#0;&#xD800;&#x110000;&#-1;&#38&", "2026-11-21T13:05:10Z")),
	           &s, last),
	      1);
	T_STR(last, "a&b;&#0;&#xD800;&#x110000;&#-1;&#38&");
	T_INT(page(LISTING("false", ITEM("k", "yesterday")), &s, last), 0);
	T_STR(s.keys, "");
	T_INT(page("<html>", &s, last), -1);
	T_INT(page("", &s, last), -1);
	T_INT(page(LISTING("false", "<Contents></Contents>"), &s, last), -1);
	T_INT(page("<ListBucketResult><Contents><Key>a", &s, last), 0);
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"signature_of_the_example", signature_of_the_example, T_OOM},
	{"link_query_of_the_example", link_query_of_the_example, T_OOM},
	{"where_a_key_is", where_a_key_is, 0},
	{"keys_that_lead_elsewhere", keys_that_lead_elsewhere, 0},
	{"links_have_a_method_and_a_session", links_have_a_method_and_a_session, T_OOM},
	{"a_link_for_media", a_link_for_media, T_OOM},
	{"places", places, 0},
	{"pages", pages, 0},
	{NULL, NULL, 0},
};
