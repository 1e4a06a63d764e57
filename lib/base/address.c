#include "base/address.h"

#include <string.h>

#define MAX_BSUID 140 /* Twilio's own limit for a channel address */
#define MAX_CHANNEL (RCD_CHANNEL_NAME - 1)
#define MAX_SHORT_CODE 8

struct rcd_sv rcd_address_bare(struct rcd_sv v)
{
	static const char *const channel[] = {"whatsapp:", "sms:", "tel:"};

	for (size_t i = 0; i < sizeof(channel) / sizeof(channel[0]); i++)
		if (rcd_sv_starts(v, rcd_sv(channel[i])))
			return rcd_sv_skip(v, strlen(channel[i]));
	return v;
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

struct rcd_sv rcd_address_prefix(struct rcd_sv v)
{
	size_t n = 0;

	while (n < v.n && n < MAX_CHANNEL && is_lower(v.p[n]))
		n++;
	return n > 0 && n < v.n && v.p[n] == ':' ? (struct rcd_sv){v.p, n + 1}
	                                         : (struct rcd_sv){NULL, 0};
}

struct rcd_sv rcd_address_channel(struct rcd_sv v)
{
	struct rcd_sv prefix = rcd_address_prefix(v);

	return prefix.n > 0 ? (struct rcd_sv){prefix.p, prefix.n - 1} : RCD_SV("sms");
}

/* Up to 15 digits with "+" in front, or without it where they are too many for a short code. A
 * number that begins with 0 is a national one and leads nowhere. */
static bool is_number(struct rcd_sv v)
{
	bool plus = rcd_sv_starts(v, RCD_SV("+"));

	v = plus ? rcd_sv_skip(v, 1) : v;
	return rcd_sv_is_digits(v) && v.n >= (plus ? 3 : MAX_SHORT_CODE + 1) && v.n <= 15 &&
	       v.p[0] != '0';
}

enum rcd_address_kind rcd_address_kind(struct rcd_sv v)
{
	struct rcd_sv channel = rcd_address_prefix(v), bare = rcd_sv_skip(v, channel.n);

	/* ids of some channels are digits alone */
	if (is_number(bare) && (channel.n == 0 || bare.p[0] == '+'))
		return RCD_ADDRESS_PHONE;
	if (channel.n > 0 && bare.n > 0)
		return RCD_ADDRESS_ID;
	return rcd_sv_is_digits(v) && v.n >= 3 && v.n <= MAX_SHORT_CODE ? RCD_ADDRESS_SHORT
	                                                                : RCD_ADDRESS_NAME;
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
