#include "provider/sign.h"

#include "base/crypto.h"
#include "base/limits.h"

#include <stdlib.h>

/* The schemes that sign the body with HMAC-SHA256. They differ in what else is signed, in
 * how the code is written and in where the time stands. Codes are compared as text, so that
 * there is exactly one spelling of each. */

#define TOLERANCE_MS (300 * 1000)

static bool is_fresh(struct rcd_sv time, int64_t unit_ms, int64_t now_ms)
{
	int64_t t;

	if (time.n == 0 || time.p[0] < '0' || time.p[0] > '9' ||
	    rcd_parse_i64(time, 0, INT64_MAX / 1000 / unit_ms, &t) != 0)
		return false;
	return t * unit_ms >= now_ms - TOLERANCE_MS && t * unit_ms <= now_ms + TOLERANCE_MS;
}

/* The code over all n parts in a row. */
static int compute_code(struct rcd_sv key, const struct rcd_sv *part, size_t n,
                        uint8_t out[RCD_SHA256_N])
{
	struct rcd_buf all;
	int ret;

	if (n == 1)
		return rcd_hmac_sha256(key, part[0], out);
	rcd_buf_init(&all, RCD_MAX_WEBHOOK + 1024);
	for (size_t i = 0; i < n; i++)
		rcd_buf_sv(&all, part[i]);
	ret = all.bad ? -1 : rcd_hmac_sha256(key, rcd_buf_view(&all), out);
	rcd_buf_free(&all);
	return ret;
}

static bool is_same_hex(const struct rcd_secret *key, const struct rcd_sv *part, size_t n,
                        struct rcd_sv hex)
{
	char want[2 * RCD_SHA256_N + 1];
	uint8_t code[RCD_SHA256_N];

	if (!rcd_secret_set(key) || compute_code(rcd_secret_view(key), part, n, code) != 0)
		return false;
	rcd_hex(code, sizeof(code), want);
	return rcd_same_secret(hex, (struct rcd_sv){want, sizeof(want) - 1});
}

/* "a=<time>,b=<code>": true when the two names stand there in this order and nothing else. */
static bool split_header(struct rcd_sv header, struct rcd_sv first, struct rcd_sv second,
                         struct rcd_sv *time, struct rcd_sv *code)
{
	struct rcd_sv rest = header, a;

	if (!rcd_sv_cut(&rest, ',', &a) || !rcd_sv_starts(a, first) || !rcd_sv_starts(rest, second))
		return false;
	*time = rcd_sv_skip(a, first.n);
	*code = rcd_sv_skip(rest, second.n);
	return true;
}

bool rcd_sign_meta(const struct rcd_secret *secret, struct rcd_sv body, struct rcd_sv header)
{
	struct rcd_sv prefix = RCD_SV("sha256=");

	return rcd_sv_starts(header, prefix) &&
	       is_same_hex(secret, &body, 1, rcd_sv_skip(header, prefix.n));
}

bool rcd_sign_retell(const struct rcd_secret *key, struct rcd_sv body, struct rcd_sv header,
                     int64_t now_ms)
{
	struct rcd_sv time, code;

	return split_header(header, RCD_SV("v="), RCD_SV("d="), &time, &code) &&
	       is_fresh(time, 1, now_ms) && is_same_hex(key, (struct rcd_sv[]){body, time}, 2, code);
}

bool rcd_sign_elevenlabs(const struct rcd_secret *secret, struct rcd_sv body, struct rcd_sv header,
                         int64_t now_ms)
{
	struct rcd_sv time, code;

	return split_header(header, RCD_SV("t="), RCD_SV("v0="), &time, &code) &&
	       is_fresh(time, 1000, now_ms) &&
	       is_same_hex(secret, (struct rcd_sv[]){time, RCD_SV("."), body}, 3, code);
}

/* The key behind "whsec_" is base64; a secret without that mark is taken as it is. */
static int decode_key(const struct rcd_secret *secret, struct rcd_buf *out)
{
	struct rcd_sv v = rcd_secret_view(secret), mark = RCD_SV("whsec_");

	if (rcd_sv_starts(v, mark))
		return rcd_base64_decode(rcd_sv_skip(v, mark.n), out);
	rcd_buf_sv(out, v);
	return out->bad ? -1 : 0;
}

static bool has_code(struct rcd_sv header, struct rcd_sv code)
{
	bool same = false;
	struct rcd_sv one;

	while (rcd_sv_cut(&header, ' ', &one))
		if (rcd_sv_starts(one, RCD_SV("v1,")))
			same |= rcd_same_secret(rcd_sv_skip(one, 3), code);
	return same;
}

bool rcd_sign_standard(const struct rcd_secret *secret, struct rcd_sv id, struct rcd_sv timestamp,
                       struct rcd_sv body, struct rcd_sv header, int64_t now_ms)
{
	const struct rcd_sv dot = RCD_SV("."), part[] = {id, dot, timestamp, dot, body};
	uint8_t code[RCD_SHA256_N];
	struct rcd_buf key, text;
	bool same = false;

	/* a dot inside the id could move the border between it and the time */
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] == '.')
			return false;
	if (!rcd_secret_set(secret) || id.n == 0 || !is_fresh(timestamp, 1000, now_ms))
		return false;
	rcd_buf_init(&key, secret->n);
	rcd_buf_init(&text, 64);
	if (decode_key(secret, &key) == 0 && key.n > 0 &&
	    compute_code(rcd_buf_view(&key), part, 5, code) == 0) {
		rcd_base64((struct rcd_sv){(const char *)code, sizeof(code)}, &text);
		same = !text.bad && has_code(header, rcd_buf_view(&text));
	}
	rcd_wipe(key.p, key.n);
	rcd_buf_free(&key);
	rcd_buf_free(&text);
	return same;
}
