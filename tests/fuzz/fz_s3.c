/* What a store of objects may answer: a page of a listing, a refusal. */

#include "net/s3_int.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int see(void *arg, const struct rcd_s3_object *o)
{
	int *left = arg;

	if (o->key.n == 0 || o->key.n > RCD_S3_MAX_KEY || o->modified_ms < 0)
		abort();
	for (size_t i = 0; i < o->key.n; i++)
		if (o->key.p[i] == '\0' || strchr(RCD_S3_KEY_CHARS, o->key.p[i]) == NULL)
			abort();
	return --*left == 0 ? -1 : 0;
}

/* The first byte is a status and how many objects are enough, the rest is the body. A peer's text
 * must not get into an error as it is. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const int status[] = {200, 301, 307, 400, 403, 404, 500, 503};
	const struct rcd_s3_conf conf = {.region = "r", .bucket = "b"};
	struct rcd_http_res res = {0};
	char last[RCD_S3_MAX_KEY + 1];
	struct rcd_err err = {0};
	struct rcd_sv body;
	int left;

	if (n == 0)
		return 0;
	res.status = status[p[0] & 7];
	left = (p[0] >> 3) + 1;
	body = (struct rcd_sv){(const char *)p + 1, n - 1};
	if (rcd_s3_page(body, see, &left, last, &err) == 1 && last[0] == '\0')
		abort();
	if (rcd_s3_refused(&conf, "GET", &res, body, &err) != -1)
		abort();
	for (const char *c = err.msg; *c != '\0'; c++)
		if (*c < ' ' || *c == '<' || (unsigned char)*c >= 0x7f)
			abort();
	return 0;
}
