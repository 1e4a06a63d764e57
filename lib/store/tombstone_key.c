#include "store/tombstone_key.h"

#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_PATH 1100
#define PLAIN ((size_t)2 * RCD_SHA256_N)

/* --- the key ------------------------------------------------------------------------------ */

static int read_key(const char *path, uint8_t key[RCD_TOMBSTONE_KEY], struct rcd_err *err)
{
	struct rcd_buf b;
	int ret;

	rcd_buf_init(&b, 16384); /* it is read by pages */
	ret = rcd_file_read(path, RCD_TOMBSTONE_KEY, &b, err);
	if (ret == 0 && b.n != RCD_TOMBSTONE_KEY)
		ret = rcd_fail(err, RCD_PROTO, 0,
		               "%.200s: not a key of %d bytes; put it back from a backup", path,
		               RCD_TOMBSTONE_KEY);
	if (ret == 0)
		memcpy(key, b.p, RCD_TOMBSTONE_KEY);
	if (b.n > 0)
		rcd_wipe(b.p, b.n);
	rcd_buf_free(&b);
	return ret;
}

static int write_new(int fd, const char *path)
{
	uint8_t key[RCD_TOMBSTONE_KEY];
	ssize_t n;

	rcd_random(key, sizeof(key));
	n = write(fd, key, sizeof(key));
	rcd_wipe(key, sizeof(key));
	rcd_file_keep_owner(fd, path);
	return n == RCD_TOMBSTONE_KEY && fsync(fd) == 0 ? 0 : -1;
}

/* A link is made once: whoever comes second reads the first one's. */
static int make_key(const char *path, struct rcd_err *err)
{
	char tmp[MAX_PATH + 16];
	int fd, ret;

	(void)snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path);
	fd = mkstemp(tmp); /* 0600 */
	if (fd < 0)
		return rcd_fail(err, RCD_IO, errno, "%.200s: cannot be made", path);
	ret = write_new(fd, path) == 0 && (link(tmp, path) == 0 || errno == EEXIST)
	          ? 0
	          : rcd_fail(err, RCD_IO, errno, "%.200s: cannot be written", path);
	(void)unlink(tmp);
	(void)close(fd);
	return ret;
}

int rcd_tombstone_key(const char *file, uint8_t key[RCD_TOMBSTONE_KEY], struct rcd_err *err)
{
	char path[MAX_PATH];
	int n = snprintf(path, sizeof(path), "%s.key", file);

	if (n < 0 || (size_t)n >= sizeof(path))
		return rcd_fail(err, RCD_LIMIT, 0, "the path of the tombstones is too long");
	if (access(path, F_OK) != 0 && errno == ENOENT && make_key(path, err) != 0)
		return -1;
	return read_key(path, key, err);
}

/* --- hashes ------------------------------------------------------------------------------- */

static int name_id(struct rcd_sv kind, struct rcd_sv value, struct rcd_buf *out,
                   struct rcd_err *err)
{
	rcd_buf_init(out, 1024);
	rcd_buf_fmt(out, "%.*s:%.*s", RCD_SV_ARG(kind), RCD_SV_ARG(value));
	return out->bad ? rcd_fail_nomem(err) : 0;
}

int rcd_tombstone_hash(const uint8_t key[RCD_TOMBSTONE_KEY], struct rcd_sv kind,
                       struct rcd_sv value, char out[RCD_TOMBSTONE_HASH], struct rcd_err *err)
{
	const struct rcd_sv k = {(const char *)key, RCD_TOMBSTONE_KEY};
	uint8_t code[RCD_SHA256_N];
	struct rcd_buf b;
	int ret = name_id(kind, value, &b, err);

	if (ret == 0 && rcd_hmac_sha256(k, rcd_buf_view(&b), code) != 0)
		ret = rcd_fail_nomem(err);
	rcd_buf_free(&b);
	if (ret != 0)
		return -1;
	out[0] = '2';
	rcd_hex(code, sizeof(code), out + 1);
	return 0;
}

int rcd_tombstone_plain_hash(struct rcd_sv kind, struct rcd_sv value, char out[RCD_TOMBSTONE_HASH],
                             struct rcd_err *err)
{
	uint8_t digest[RCD_SHA256_N];
	struct rcd_buf b;
	int ret = name_id(kind, value, &b, err);

	if (ret == 0 && rcd_sha256(rcd_buf_view(&b), digest) != 0)
		ret = rcd_fail_nomem(err);
	rcd_buf_free(&b);
	if (ret == 0)
		rcd_hex(digest, sizeof(digest), out);
	return ret;
}

bool rcd_tombstone_is_plain(struct rcd_sv v)
{
	return v.n == PLAIN;
}

bool rcd_tombstone_is_hash(struct rcd_sv v)
{
	return rcd_tombstone_is_plain(v) || (v.n == PLAIN + 1 && v.p[0] == '2');
}
