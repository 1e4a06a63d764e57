#ifndef RCD_STORE_TOMBSTONE_KEY_H
#define RCD_STORE_TOMBSTONE_KEY_H

#include "base/crypto.h"
#include "base/err.h"

/* Phone numbers are few: whoever has a plain hash of one finds it by trying them all. So a
 * tombstone is an HMAC, and its key lies outside the store. */

#define RCD_TOMBSTONE_KEY 32
/* "2", hex, NUL; without the "2" it is a plain one */
#define RCD_TOMBSTONE_HASH (1 + 2 * RCD_SHA256_N + 1)

/* The key of the tombstones in file, which lies beside it as FILE.key, mode 0600; made at the first
 * use, and by one of several processes that want it at once. */
int rcd_tombstone_key(const char *file, uint8_t key[RCD_TOMBSTONE_KEY], struct rcd_err *err);

int rcd_tombstone_hash(const uint8_t key[RCD_TOMBSTONE_KEY], struct rcd_sv kind,
                       struct rcd_sv value, char out[RCD_TOMBSTONE_HASH], struct rcd_err *err);
/* As it was until 2026: without a key. */
int rcd_tombstone_plain_hash(struct rcd_sv kind, struct rcd_sv value, char out[RCD_TOMBSTONE_HASH],
                             struct rcd_err *err);
bool rcd_tombstone_is_hash(struct rcd_sv v);
bool rcd_tombstone_is_plain(struct rcd_sv v);

#endif
