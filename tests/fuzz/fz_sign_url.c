#include "base/limits.h"
#include "provider/sign.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static char key[] = "12345", wrong_key[] = "12346";

/* Two lines, the URL that was signed and the URL that is seen, then a form. What was signed
 * as it is seen must pass; nothing passes with another token or a longer signature. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct rcd_secret token = {key, 5}, other = {wrong_key, 5};
	struct rcd_sv rest = {(const char *)p, n}, first, second, none = {NULL, 0};
	struct rcd_form form = {0};
	char sum[32], *was = NULL, *seen = NULL;

	if (n == 0 || !rcd_sv_cut(&rest, '\n', &first) || !rcd_sv_cut(&rest, '\n', &second))
		return 0;
	if (rcd_form_parse(rest, &form, RCD_UNREAD_ERR) != 0)
		return 0;
	was = rcd_sv_dup(first);
	seen = rcd_sv_dup(second);
	if (was == NULL || seen == NULL || rcd_sign_twilio_make(&token, was, &form, sum) != 0)
		abort();
	if (strlen(was) <= RCD_MAX_URL && strstr(was, "bodySHA256=") == NULL &&
	    !rcd_sign_twilio(&token, was, &form, none, rcd_sv(sum)))
		abort();
	(void)rcd_sign_twilio(&token, seen, &form, none, rcd_sv(sum));
	(void)rcd_sign_twilio(&token, seen, NULL, second, rcd_sv(sum));
	if (rcd_sign_twilio(&other, seen, &form, none, rcd_sv(sum)) ||
	    rcd_sign_twilio(&other, was, &form, none, rcd_sv(sum)) ||
	    rcd_sign_twilio(&token, was, &form, none, (struct rcd_sv){sum, 29}))
		abort();
	free(was);
	free(seen);
	rcd_form_free(&form);
	return 0;
}
