#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
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

static int hmac(const EVP_MD *md, struct rcd_sv key, struct rcd_sv msg, uint8_t *out)
{
	unsigned int n = 0;

	if (key.n > INT32_MAX)
		return -1;
	return HMAC(md, key.p != NULL ? key.p : "", (int)key.n, (const unsigned char *)msg.p, msg.n,
	            out, &n) != NULL ? 0 : -1;
}

int rcd_hmac_sha1(struct rcd_sv key, struct rcd_sv msg, uint8_t out[RCD_SHA1_N])
{
	return hmac(EVP_sha1(), key, msg, out);
}

int rcd_hmac_sha256(struct rcd_sv key, struct rcd_sv msg, uint8_t out[RCD_SHA256_N])
{
	return hmac(EVP_sha256(), key, msg, out);
}

int rcd_sha256(struct rcd_sv msg, uint8_t out[RCD_SHA256_N])
{
	return EVP_Digest(msg.p != NULL ? msg.p : "", msg.n, out, NULL, EVP_sha256(), NULL) == 1 ? 0 : -1;
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

void rcd_base64(struct rcd_sv in, struct rcd_buf *out)
{
	const uint8_t *p = (const uint8_t *)in.p;
	char *at = rcd_buf_room(out, (in.n + 2) / 3 * 4);

	if (at == NULL)
		return;
	for (size_t i = 0; i < in.n; i += 3) {
		size_t left = in.n - i;
		uint32_t v = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
		             (left > 2 ? p[i + 2] : 0);

		*at++ = alphabet[v >> 18];
		*at++ = alphabet[v >> 12 & 63];
		*at++ = left > 1 ? alphabet[v >> 6 & 63] : '=';
		*at++ = left > 2 ? alphabet[v & 63] : '=';
	}
	out->n += (in.n + 2) / 3 * 4;
	out->p[out->n] = '\0';
}

static int value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
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
			int x = k >= 4 - drop ? 0 : value(in.p[i + k]);

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
