#include "net/sigv4.h"

#include "base/crypto.h"

#include <string.h>
#include <time.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define MAX_CANONICAL (16 * 1024) /* a session token stands in it, once or twice */
#define MAX_SECRET 512            /* AWS' have 40 */

int rcd_sigv4_time(int64_t now_ms, struct rcd_sigv4_time *out, struct rcd_err *err)
{
	time_t when = (time_t)(now_ms / 1000);
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL || tm.tm_year > 9999 - 1900 ||
	    strftime(out->stamp, sizeof(out->stamp), "%Y%m%dT%H%M%SZ", &tm) == 0 ||
	    strftime(out->day, sizeof(out->day), "%Y%m%d", &tm) == 0)
		return rcd_fail(err, RCD_INVAL, 0, "the clock shows a time that cannot be signed");
	return 0;
}

static void write_scope(const struct rcd_sigv4_key *key, const struct rcd_sigv4_time *t,
                        struct rcd_buf *out)
{
	rcd_buf_fmt(out, "%s/%s/%s/aws4_request", t->day, key->region, key->service);
}

void rcd_sigv4_credential(const struct rcd_sigv4_key *key, const struct rcd_sigv4_time *t,
                          struct rcd_buf *out)
{
	rcd_buf_fmt(out, "%s/", key->id);
	write_scope(key, t, out);
}

static int hash_canonical(const struct rcd_sigv4_req *req, char hex[2 * RCD_SHA256_N + 1])
{
	uint8_t digest[RCD_SHA256_N];
	struct rcd_buf b;
	int ret = -1;

	rcd_buf_init(&b, MAX_CANONICAL);
	rcd_buf_fmt(&b, "%s\n", req->method);
	rcd_buf_sv(&b, req->path);
	rcd_buf_ch(&b, '\n');
	rcd_buf_sv(&b, req->query);
	rcd_buf_ch(&b, '\n');
	rcd_buf_sv(&b, req->headers);
	rcd_buf_fmt(&b, "\n%s\n%s", req->signed_headers, req->payload);
	if (!b.bad && rcd_sha256(rcd_buf_view(&b), digest) == 0) {
		rcd_hex(digest, sizeof(digest), hex);
		ret = 0;
	}
	if (b.p != NULL)
		rcd_wipe(b.p, b.n); /* a session token may stand in it */
	rcd_buf_free(&b);
	return ret;
}

/* Derives the signing key of a day, region and service. */
static int derive_key(const struct rcd_sigv4_key *key, const struct rcd_sigv4_time *t,
                      uint8_t out[RCD_SHA256_N])
{
	const struct rcd_sv step[] = {rcd_sv(t->day), rcd_sv(key->region), rcd_sv(key->service),
	                              RCD_SV("aws4_request")};
	struct rcd_sv secret = rcd_secret_view(key->secret);
	static const char begin[4] = {'A', 'W', 'S', '4'};
	char first[sizeof(begin) + MAX_SECRET];
	struct rcd_sv k = {first, sizeof(begin) + secret.n};
	int ret = 0;

	memcpy(first, begin, sizeof(begin));
	if (secret.n > 0)
		memcpy(first + sizeof(begin), secret.p, secret.n);
	for (size_t i = 0; i < 4 && ret == 0; i++) {
		uint8_t next[RCD_SHA256_N];

		ret = rcd_hmac_sha256(k, step[i], next);
		memcpy(out, next, sizeof(next));
		rcd_wipe(next, sizeof(next));
		k = (struct rcd_sv){(const char *)out, RCD_SHA256_N};
	}
	rcd_wipe(first, sizeof(first));
	return ret;
}

int rcd_sigv4_sign(const struct rcd_sigv4_key *key, const struct rcd_sigv4_time *t,
                   const struct rcd_sigv4_req *req, char out[RCD_SIGV4_N], struct rcd_err *err)
{
	char hash[2 * RCD_SHA256_N + 1];
	uint8_t k[RCD_SHA256_N] = {0}, sig[RCD_SHA256_N];
	struct rcd_buf text;
	int ret = -1;

	if (rcd_secret_view(key->secret).n > MAX_SECRET)
		return rcd_fail(err, RCD_LIMIT, 0, "a secret key of more than %d bytes", MAX_SECRET);
	rcd_buf_init(&text, 1024);
	if (hash_canonical(req, hash) == 0) {
		rcd_buf_fmt(&text, ALGORITHM "\n%s\n", t->stamp);
		write_scope(key, t, &text);
		rcd_buf_fmt(&text, "\n%s", hash);
		if (!text.bad && derive_key(key, t, k) == 0 &&
		    rcd_hmac_sha256((struct rcd_sv){(const char *)k, sizeof(k)}, rcd_buf_view(&text),
		                    sig) == 0) {
			rcd_hex(sig, sizeof(sig), out);
			ret = 0;
		}
	}
	rcd_wipe(k, sizeof(k));
	rcd_buf_free(&text);
	return ret == 0 ? 0 : rcd_fail_nomem(err);
}
