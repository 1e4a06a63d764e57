#ifndef RCD_CRYPTO_H
#define RCD_CRYPTO_H

#include "base/buf.h"
#include "base/sv.h"

#include <stdint.h>

/* Digests and encodings, by OpenSSL. None of them blocks. rcd_random aborts the process when the
 * kernel gives no randomness: nothing that needs it would be safe. */

#define RCD_SHA1_N 20
#define RCD_SHA256_N 32

void rcd_random(void *p, size_t n);
/* HMAC of the concatenation of n pieces, which are not copied. */
int rcd_hmac_sha1_pieces(struct rcd_sv key, const struct rcd_sv *piece, size_t n,
                         uint8_t out[RCD_SHA1_N]);
int rcd_hmac_sha256(struct rcd_sv key, struct rcd_sv msg, uint8_t out[RCD_SHA256_N]);
int rcd_sha1(struct rcd_sv msg, uint8_t out[RCD_SHA1_N]); /* only where a protocol requires it */
int rcd_sha256(struct rcd_sv msg, uint8_t out[RCD_SHA256_N]);

void rcd_hex(const void *p, size_t n, char *out); /* writes 2n + 1 bytes, lower case */
void rcd_random_hex(char *out, size_t bytes);     /* writes 2·bytes + 1 */

void rcd_base64(struct rcd_sv in, struct rcd_buf *out); /* standard alphabet, padded */
/* The same into the caller's memory: (n + 2) / 3 * 4 + 1 bytes with the NUL. */
void rcd_base64_text(const void *p, size_t n, char *out);
int rcd_base64_decode(struct rcd_sv in,
                      struct rcd_buf *out); /* strict: -1 for anything malformed */

/* Constant-time comparison; only a difference in length returns early. Two empty views differ. */
bool rcd_same_secret(struct rcd_sv a, struct rcd_sv b);
void rcd_wipe(void *p, size_t n);

#endif
