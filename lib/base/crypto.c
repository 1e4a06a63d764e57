#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void rcd_random(void *p, size_t n)
{
	char *at = p;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got <= 0)
			abort();
		at += got;
		n -= (size_t)got;
	}
}

static int compute_hmac(const EVP_MD *md, struct rcd_sv key, struct rcd_sv msg, uint8_t *out)
{
	unsigned int n = 0;

	if (key.n > INT32_MAX)
		return -1;
	return HMAC(md, key.p != NULL ? key.p : "", (int)key.n, (const unsigned char *)msg.p, msg.n,
	            out, &n) != NULL
	           ? 0
	           : -1;
}

int rcd_hmac_sha1_pieces(struct rcd_sv key, const struct rcd_sv *piece, size_t n,
                         uint8_t out[RCD_SHA1_N])
{
	char digest[] = "SHA1";
	const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	                             OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	size_t len = 0;
	int ok = ctx != NULL && EVP_MAC_init(ctx, (const unsigned char *)key.p, key.n, params) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = piece[i].n == 0 ||
		     EVP_MAC_update(ctx, (const unsigned char *)piece[i].p, piece[i].n) == 1;
	ok = ok && EVP_MAC_final(ctx, out, &len, RCD_SHA1_N) == 1;
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return ok ? 0 : -1;
}

int rcd_hmac_sha256(struct rcd_sv key, struct rcd_sv msg, uint8_t out[RCD_SHA256_N])
{
	return compute_hmac(EVP_sha256(), key, msg, out);
}

int rcd_sha1(struct rcd_sv msg, uint8_t out[RCD_SHA1_N])
{
	return EVP_Digest(msg.p != NULL ? msg.p : "", msg.n, out, NULL, EVP_sha1(), NULL) == 1 ? 0 : -1;
}

int rcd_sha256(struct rcd_sv msg, uint8_t out[RCD_SHA256_N])
{
	return EVP_Digest(msg.p != NULL ? msg.p : "", msg.n, out, NULL, EVP_sha256(), NULL) == 1 ? 0
	                                                                                         : -1;
}

void rcd_hex(const void *p, size_t n, char *out)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digit[b[i] >> 4];
		out[2 * i + 1] = digit[b[i] & 15];
	}
	out[2 * n] = '\0';
}

void rcd_random_hex(char *out, size_t bytes)
{
	uint8_t r[64];

	if (bytes > sizeof(r))
		bytes = sizeof(r);
	rcd_random(r, bytes);
	rcd_hex(r, bytes, out);
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void rcd_base64_text(const void *p, size_t n, char *out)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)b[i] << 16 | (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) |
		             (left > 2 ? b[i + 2] : 0);

		*out++ = alphabet[v >> 18];
		*out++ = alphabet[v >> 12 & 63];
		*out++ = left > 1 ? alphabet[v >> 6 & 63] : '=';
		*out++ = left > 2 ? alphabet[v & 63] : '=';
	}
	*out = '\0';
}

void rcd_base64(struct rcd_sv in, struct rcd_buf *out)
{
	size_t n = (in.n + 2) / 3 * 4;
	char *at = rcd_buf_room(out, n);

	if (at == NULL)
		return;
	rcd_base64_text(in.p, in.n, at);
	out->n += n;
}

static int decode_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

int rcd_base64_decode(struct rcd_sv in, struct rcd_buf *out)
{
	size_t pad = 0;

	if (in.n % 4 != 0)
		return -1;
	while (pad < 2 && in.n > pad && in.p[in.n - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < in.n; i += 4) {
		bool last = i + 4 == in.n;
		size_t drop = last ? pad : 0;
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++) {
			int x = k >= 4 - drop ? 0 : decode_digit(in.p[i + k]);

			if (x < 0)
				return -1;
			v = v << 6 | (uint32_t)x;
		}
		if ((drop == 1 && (v & 0xFF) != 0) || (drop == 2 && (v & 0xFFFF) != 0))
			return -1;
		rcd_buf_add(out, (char[]){(char)(v >> 16), (char)(v >> 8), (char)v}, 3 - drop);
	}
	return out->bad ? -1 : 0;
}

bool rcd_same_secret(struct rcd_sv a, struct rcd_sv b)
{
	return a.n == b.n && a.n > 0 && CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}

void rcd_wipe(void *p, size_t n)
{
	if (p != NULL)
		OPENSSL_cleanse(p, n);
}
