#include "provider/twilio_fields.h"

#include "base/address.h"

#include <stdio.h>
#include <string.h>

#define WHATSAPP RCD_SV("whatsapp:")
#define MAX_SID 64

static struct rcd_sv strip_channel(struct rcd_sv v)
{
	return rcd_sv_starts(v, WHATSAPP) ? rcd_sv_skip(v, WHATSAPP.n) : v;
}

static void copy_bytes(char *out, struct rcd_sv v)
{
	if (v.n > 0)
		memcpy(out, v.p, v.n);
	out[v.n] = '\0';
}

int rcd_twilio_number(struct rcd_sv v, char out[RCD_MAX_ADDRESS + 1], struct rcd_err *err)
{
	struct rcd_sv number = strip_channel(rcd_sv_trim(v));

	if (rcd_sv_starts(number, RCD_SV("+")))
		number = rcd_sv_skip(number, 1);
	if (!rcd_sv_is_digits(number) || number.n < 3 || number.n > 15)
		return rcd_fail(err, RCD_INVAL, 0,
		                "not a phone number: 3 to 15 digits with the country code, "
		                "as in +14155238886");
	out[0] = '+';
	copy_bytes(out + 1, number);
	return 0;
}

/* A field that must be there once, is not empty and holds visible ASCII alone: it becomes a
 * key, a log field and part of a request. */
static int get_identifier(const struct rcd_form *form, const char *name, size_t max,
                          struct rcd_sv *out, struct rcd_err *err)
{
	struct rcd_sv v = rcd_form_get(form, name);

	if (v.n == 0)
		return rcd_fail(err, RCD_PROTO, 0, "twilio webhook: no %s", name);
	if (rcd_form_has_twice(form, name))
		return rcd_fail(err, RCD_PROTO, 0, "twilio webhook: more than one %s", name);
	if (v.n > max)
		return rcd_fail(err, RCD_PROTO, 0, "twilio webhook: %s of more than %zu bytes", name, max);
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] <= ' ' || v.p[i] > '~')
			return rcd_fail(err, RCD_PROTO, 0, "twilio webhook: %s is not plain text", name);
	*out = v;
	return 0;
}

/* The business-scoped user id: told in a field of its own, or instead of the number. */
static struct rcd_sv get_bsuid(const struct rcd_form *form, struct rcd_sv from)
{
	struct rcd_sv told = strip_channel(rcd_form_get(form, "ExternalUserId"));

	if (rcd_bsuid_ok(told))
		return told;
	if (rcd_sv_starts(from, WHATSAPP) && rcd_bsuid_ok(strip_channel(from)))
		return strip_channel(from);
	return (struct rcd_sv){NULL, 0};
}

/* Short codes and names of senders are addresses, not phones. WaId has the number's digits also
 * where From shows a business-scoped id instead. */
static void set_phone(const struct rcd_form *form, struct rcd_twilio_msg *m)
{
	struct rcd_sv number = rcd_sv_skip(m->from, rcd_address_prefix(m->from).n);
	struct rcd_sv wa_id = rcd_form_get(form, "WaId");

	if (m->from_kind == RCD_ADDRESS_PHONE)
		(void)rcd_twilio_number(number, m->phone, RCD_UNREAD_ERR);
	else if (m->whatsapp && rcd_address_kind(wa_id) == RCD_ADDRESS_PHONE)
		(void)rcd_twilio_number(wa_id, m->phone, RCD_UNREAD_ERR);
}

bool rcd_twilio_is_own(const struct rcd_twilio_msg *m, const char *own)
{
	return rcd_sv_eq(m->from, m->to) || (own[0] != '\0' && rcd_sv_is(rcd_sv(m->phone), own));
}

static struct rcd_sv get_numbered(const struct rcd_form *form, const char *name, int i)
{
	char full[32];

	(void)snprintf(full, sizeof(full), "%s%d", name, i);
	return rcd_form_get(form, full);
}

bool rcd_twilio_has_audio(const struct rcd_twilio_msg *m)
{
	for (int i = 0; i < m->n_media; i++)
		if (rcd_sv_starts(m->media[i].type, RCD_SV("audio/")))
			return true;
	return false;
}

static void set_media(const struct rcd_form *form, struct rcd_twilio_msg *m)
{
	int64_t n;

	if (rcd_parse_i64(rcd_form_get(form, "NumMedia"), 0, INT32_MAX, &n) != 0)
		return;
	if (n > RCD_MAX_MEDIA_COUNT)
		n = RCD_MAX_MEDIA_COUNT;
	for (int i = 0; i < n; i++) {
		struct rcd_sv url = get_numbered(form, "MediaUrl", i);

		if (url.n == 0 || url.n > RCD_MAX_URL)
			continue;
		m->media[m->n_media].url = url;
		m->media[m->n_media++].type = get_numbered(form, "MediaContentType", i);
	}
}

int rcd_twilio_parse(const struct rcd_form *form, struct rcd_twilio_msg *out, struct rcd_err *err)
{
	struct rcd_twilio_msg m = {.n_media = 0};
	struct rcd_sv bsuid;

	if (get_identifier(form, "MessageSid", MAX_SID, &m.sid, err) != 0 ||
	    get_identifier(form, "From", RCD_MAX_ADDRESS, &m.from, err) != 0 ||
	    get_identifier(form, "To", RCD_MAX_ADDRESS, &m.to, err) != 0)
		return -1;
	m.whatsapp = rcd_sv_starts(m.from, WHATSAPP);
	m.from_kind = rcd_address_kind(m.from);
	set_phone(form, &m);
	bsuid = get_bsuid(form, m.from);
	if (bsuid.n > 0)
		copy_bytes(m.bsuid, bsuid);
	if (m.phone[0] == '\0' && m.bsuid[0] == '\0')
		copy_bytes(m.other, m.from);
	rcd_twilio_fields_read(form, &m);
	set_media(form, &m);
	*out = m;
	return 0;
}

int rcd_twilio_sender(const struct rcd_form *form, char out[RCD_MAX_ADDRESS + 1],
                      struct rcd_err *err)
{
	struct rcd_sv from = {NULL, 0}, bsuid;

	if (get_identifier(form, "From", RCD_MAX_ADDRESS, &from, err) != 0)
		return -1;
	bsuid = get_bsuid(form, from);
	if (bsuid.n > 0) {
		copy_bytes(out, WHATSAPP);
		copy_bytes(out + WHATSAPP.n, bsuid);
	} else {
		copy_bytes(out, from);
	}
	return 0;
}
