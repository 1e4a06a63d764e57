#include "net/s3_int.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "net/form.h"
#include "net/guard.h"

#include <stdio.h>
#include <string.h>

#define SERVICE "s3"

/* --- where ---------------------------------------------------------------------------- */

/* A proxy that normalises paths would turn "", "." and ".." into another key. */
static bool has_plain_parts(struct rcd_sv path)
{
	struct rcd_sv part;

	while (rcd_sv_cut(&path, '/', &part))
		if (part.n == 0 || rcd_sv_is(part, ".") || rcd_sv_is(part, ".."))
			return false;
	return true;
}

static bool is_valid_key(struct rcd_sv key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] == '\0' || strchr(RCD_S3_KEY_CHARS, key.p[i]) == NULL)
			return false;
	return has_plain_parts(key);
}

static bool is_valid_bucket(struct rcd_sv v)
{
	bool ok = v.n >= 3 && v.n <= RCD_S3_MAX_BUCKET;

	for (size_t i = 0; i < v.n; i++)
		ok = ok && strchr("abcdefghijklmnopqrstuvwxyz0123456789-._", v.p[i]) != NULL &&
		     v.p[i] != '\0';
	return ok && v.p[0] != '.' && v.p[v.n - 1] != '.' && v.p[0] != '-';
}

int rcd_s3_place(const char *url, struct rcd_s3_conf *conf, struct rcd_err *err)
{
	struct rcd_sv prefix = rcd_sv(url), bucket;

	if (!rcd_sv_starts(prefix, RCD_SV("s3://")))
		return rcd_fail(err, RCD_INVAL, 0, "must be s3://bucket or s3://bucket/prefix");
	prefix = rcd_sv_skip(prefix, 5);
	(void)rcd_sv_cut(&prefix, '/', &bucket);
	if (!is_valid_bucket(bucket))
		return rcd_fail(err, RCD_INVAL, 0,
		                "a bucket has 3 to %d lower-case letters, digits and \"-\"",
		                RCD_S3_MAX_BUCKET);
	while (prefix.n > 0 && prefix.p[prefix.n - 1] == '/')
		prefix.n--;
	if (prefix.n >= RCD_S3_MAX_PREFIX)
		return rcd_fail(err, RCD_LIMIT, 0, "a prefix of more than %d bytes", RCD_S3_MAX_PREFIX - 1);
	if (prefix.n > 0 && !is_valid_key(prefix))
		return rcd_fail(err, RCD_INVAL, 0,
		                "a prefix has letters, digits, \"-\", \"_\", \".\" and single \"/\"");
	(void)snprintf(conf->bucket, sizeof(conf->bucket), "%.*s", RCD_SV_ARG(bucket));
	(void)snprintf(conf->prefix, sizeof(conf->prefix), "%.*s%s", (int)prefix.n,
	               prefix.n > 0 ? prefix.p : "", prefix.n > 0 ? "/" : "");
	return 0;
}

/* Splits an endpoint; the default port of the scheme is left out, as in the Host header. */
static int parse_endpoint(const char *url, struct rcd_s3_target *out, const char **path,
                          struct rcd_err *err)
{
	const char *rest = strstr(url, "://");
	struct rcd_origin o;
	bool v6, usual;

	if (rcd_origin_parse(url, &o, err) != 0)
		return -1;
	v6 = strchr(o.host, ':') != NULL;
	usual = o.port == (strcmp(o.scheme, "https") == 0 ? 443 : 80);
	(void)snprintf(out->origin, sizeof(out->origin), "%s://%s%s%s", o.scheme, v6 ? "[" : "", o.host,
	               v6 ? "]" : "");
	if (!usual)
		(void)snprintf(out->origin + strlen(out->origin), 8, ":%d", o.port);
	rest = rest != NULL ? strchr(rest + 3, '/') : NULL;
	*path = rest != NULL && rest[1] != '\0' ? rest : "";
	return 0;
}

int rcd_s3_target(const struct rcd_s3_conf *conf, const char *key, struct rcd_s3_target *out,
                  struct rcd_err *err)
{
	bool in_path = conf->endpoint[0] != '\0' || strchr(conf->bucket, '.') != NULL;
	const char *path = "";
	int n;

	*out = (struct rcd_s3_target){.host = ""};
	if (key[0] != '\0' && !is_valid_key(rcd_sv(key)))
		return rcd_fail(err, RCD_INVAL, 0, "s3: a key that is not made of plain parts");
	if (conf->endpoint[0] != '\0') {
		if (parse_endpoint(conf->endpoint, out, &path, err) != 0)
			return -1;
	} else {
		(void)snprintf(out->origin, sizeof(out->origin), "https://%s%ss3.%s.amazonaws.com",
		               in_path ? "" : conf->bucket, in_path ? "" : ".", conf->region);
	}
	out->host = strstr(out->origin, "://") + 3;
	n = snprintf(out->path, sizeof(out->path), "%s%s%s/%s", path, in_path ? "/" : "",
	             in_path ? conf->bucket : "", key);
	if (n < 0 || (size_t)n >= sizeof(out->path))
		return rcd_fail(err, RCD_LIMIT, 0, "s3: a path of %d bytes", n);
	return 0;
}

/* --- signed in its headers ------------------------------------------------------------- */

static struct rcd_sigv4_key get_signing_key(const struct rcd_s3_conf *conf)
{
	return (struct rcd_sigv4_key){conf->key_id, &conf->secret, conf->region, SERVICE};
}

/* The signed header lines, sorted by name; names lists them. */
static void write_signed_headers(const struct rcd_s3_request *r, const struct rcd_s3_conf *conf,
                                 const char *type, struct rcd_buf *out, char names[128])
{
	bool session = rcd_secret_set(&conf->session);

	(void)snprintf(names, 128, "%shost;x-amz-content-sha256;x-amz-date%s",
	               type != NULL ? "content-type;" : "", session ? ";x-amz-security-token" : "");
	if (type != NULL)
		rcd_buf_fmt(out, "content-type:%s\n", type);
	rcd_buf_fmt(out, "host:%s\nx-amz-content-sha256:%s\nx-amz-date:%s\n", r->at.host, r->payload,
	            r->now.stamp);
	if (session) {
		(void)rcd_buf_room(out, 32 + rcd_secret_view(&conf->session).n);
		rcd_buf_str(out, "x-amz-security-token:");
		rcd_buf_sv(out, rcd_secret_view(&conf->session));
		rcd_buf_ch(out, '\n');
	}
}

static int sign_request(struct rcd_s3_request *r, const struct rcd_s3_conf *conf,
                        const struct rcd_s3_call *call, struct rcd_err *err)
{
	const struct rcd_sigv4_key key = get_signing_key(conf);
	char names[128], signature[RCD_SIGV4_N] = "";
	struct rcd_buf lines;
	int ret;

	rcd_buf_init(&lines, 8 * 1024);
	write_signed_headers(r, conf, call->type, &lines, names);
	ret = lines.bad ? rcd_fail_nomem(err)
	                : rcd_sigv4_sign(&key, &r->now,
	                                 &(struct rcd_sigv4_req){.method = call->method,
	                                                         .path = rcd_sv(r->at.path),
	                                                         .query = rcd_sv(call->query),
	                                                         .headers = rcd_buf_view(&lines),
	                                                         .signed_headers = names,
	                                                         .payload = r->payload},
	                                 signature, err);
	if (lines.p != NULL)
		rcd_wipe(lines.p, lines.n);
	rcd_buf_free(&lines);
	if (ret != 0)
		return -1;
	rcd_buf_str(&r->authorization, "Authorization: AWS4-HMAC-SHA256 Credential=");
	rcd_sigv4_credential(&key, &r->now, &r->authorization);
	rcd_buf_fmt(&r->authorization, ", SignedHeaders=%s, Signature=%s", names, signature);
	return r->authorization.bad ? rcd_fail_nomem(err) : 0;
}

int rcd_s3_request_init(struct rcd_s3_request *r, const struct rcd_s3_conf *conf,
                        const struct rcd_s3_call *call, struct rcd_err *err)
{
	uint8_t digest[RCD_SHA256_N];

	*r = (struct rcd_s3_request){.payload = ""};
	rcd_buf_init(&r->url, RCD_S3_ORIGIN + RCD_S3_MAX_PATH + 4096);
	rcd_buf_init(&r->authorization, 1024);
	if (rcd_s3_target(conf, call->key, &r->at, err) != 0 ||
	    rcd_sigv4_time(rcd_now_ms(), &r->now, err) != 0)
		return -1;
	if (rcd_sha256(call->body, digest) != 0)
		return rcd_fail_nomem(err);
	rcd_hex(digest, sizeof(digest), r->payload);
	(void)snprintf(r->hash_line, sizeof(r->hash_line), "x-amz-content-sha256: %s", r->payload);
	(void)snprintf(r->date_line, sizeof(r->date_line), "x-amz-date: %s", r->now.stamp);
	rcd_buf_fmt(&r->url, "%s%s%s%s", r->at.origin, r->at.path, call->query != NULL ? "?" : "",
	            call->query != NULL ? call->query : "");
	if (r->url.bad)
		return rcd_fail_nomem(err);
	if (sign_request(r, conf, call, err) != 0)
		return -1;
	r->headers[0] = r->hash_line;
	r->headers[1] = r->date_line;
	r->headers[2] = r->authorization.p;
	r->http = (struct rcd_http_req){.method = call->method,
	                                .url = r->url.p,
	                                .headers = r->headers,
	                                .key_header = "x-amz-security-token: ",
	                                .key = &conf->session,
	                                .body = call->body,
	                                .body_type = call->type,
	                                .repeatable = true, /* the same bytes under the same key */
	                                .deadline = call->deadline};
	return 0;
}

void rcd_s3_request_done(struct rcd_s3_request *r)
{
	rcd_buf_free(&r->url);
	rcd_buf_free(&r->authorization);
}

/* --- signed in its query --------------------------------------------------------------- */

/* Sorted by the encoded names. */
static void write_link_query(const struct rcd_s3_conf *conf, const struct rcd_sigv4_time *now,
                             int seconds, struct rcd_buf *out)
{
	const struct rcd_sigv4_key key = get_signing_key(conf);
	struct rcd_buf credential;
	char text[16];

	rcd_buf_init(&credential, 512);
	rcd_sigv4_credential(&key, now, &credential);
	(void)snprintf(text, sizeof(text), "%d", seconds);
	rcd_form_add(out, "X-Amz-Algorithm", RCD_SV("AWS4-HMAC-SHA256"));
	rcd_form_add(out, "X-Amz-Credential", rcd_buf_view(&credential));
	rcd_form_add(out, "X-Amz-Date", rcd_sv(now->stamp));
	rcd_form_add(out, "X-Amz-Expires", rcd_sv(text));
	if (rcd_secret_set(&conf->session))
		rcd_form_add(out, "X-Amz-Security-Token", rcd_secret_view(&conf->session));
	rcd_form_add(out, "X-Amz-SignedHeaders", RCD_SV("host"));
	out->bad = out->bad || credential.bad;
	rcd_buf_free(&credential);
}

int rcd_s3_link(const struct rcd_s3_conf *conf, const char *method, const char *key, int seconds,
                int64_t now_ms, char origin[RCD_S3_ORIGIN], struct rcd_buf *target,
                struct rcd_err *err)
{
	const struct rcd_sigv4_key k = get_signing_key(conf);
	char signature[RCD_SIGV4_N] = "", host[RCD_S3_ORIGIN];
	struct rcd_sigv4_time now;
	struct rcd_s3_target at;
	struct rcd_buf query;
	int ret = -1;

	if (rcd_s3_target(conf, key, &at, err) != 0 || rcd_sigv4_time(now_ms, &now, err) != 0)
		return -1;
	rcd_buf_init(&query, 8 * 1024);
	write_link_query(conf, &now, seconds, &query);
	(void)snprintf(host, sizeof(host), "host:%s\n", at.host);
	if (query.bad)
		(void)rcd_fail_nomem(err);
	else
		ret = rcd_sigv4_sign(&k, &now,
		                     &(struct rcd_sigv4_req){method, rcd_sv(at.path), rcd_buf_view(&query),
		                                             rcd_sv(host), "host", "UNSIGNED-PAYLOAD"},
		                     signature, err);
	if (ret == 0) {
		rcd_buf_fmt(target, "%s?%s&X-Amz-Signature=%s", at.path, query.p, signature);
		ret = target->bad ? rcd_fail_nomem(err) : 0;
	}
	if (ret == 0)
		memcpy(origin, at.origin, sizeof(at.origin));
	rcd_buf_free(&query);
	return ret;
}
