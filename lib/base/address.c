#include "base/address.h"

#include <string.h>

#define MAX_BSUID 140 /* Twilio's own limit for a channel address */

struct rcd_sv rcd_address_bare(struct rcd_sv v)
{
	static const char *const channel[] = {"whatsapp:", "sms:", "tel:"};

	for (size_t i = 0; i < sizeof(channel) / sizeof(channel[0]); i++)
		if (rcd_sv_starts(v, rcd_sv(channel[i])))
			return rcd_sv_skip(v, strlen(channel[i]));
	return v;
}

struct rcd_sv rcd_address_channel(struct rcd_sv v)
{
	return rcd_sv_starts(v, RCD_SV("whatsapp:")) ? RCD_SV("whatsapp") : RCD_SV("sms");
}

int rcd_phone_clean(struct rcd_sv v, char out[RCD_PHONE_TEXT])
{
	char text[RCD_PHONE_TEXT] = "+";
	size_t n = 1;

	v = rcd_sv_trim(rcd_address_bare(rcd_sv_trim(v)));
	if (rcd_sv_starts(v, RCD_SV("+")))
		v = rcd_sv_skip(v, 1);
	else if (rcd_sv_starts(v, RCD_SV("00")))
		v = rcd_sv_skip(v, 2);
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] != '\0' && strchr(" ()-./", v.p[i]) != NULL)
			continue;
		if (v.p[i] < '0' || v.p[i] > '9' || n == RCD_PHONE_TEXT - 1)
			return -1;
		text[n++] = v.p[i];
	}
	if (n < 1 + 3)
		return -1;
	memcpy(out, text, sizeof(text));
	return 0;
}

bool rcd_bsuid_ok(struct rcd_sv v)
{
	if (v.n < 4 || v.n > MAX_BSUID || v.p[2] != '.')
		return false;
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!letter && (i < 2 || ((c < '0' || c > '9') && c != '.')))
			return false;
	}
	return true;
}
