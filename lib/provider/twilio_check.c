#include "provider/twilio_check.h"

#include "base/address.h"
#include "base/limits.h"
#include "provider/sign.h"

#include <string.h>

#define SID_HEX 32
#define MAX_NAME 64
#define MAX_SENDER_ID 11 /* characters of an alphanumeric sender */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* --- the form of one value -------------------------------------------------------------- */

static bool is_sid(struct rcd_sv v)
{
	if (v.n != 2 + SID_HEX || !is_letter(v.p[0]) || !is_letter(v.p[1]))
		return false;
	for (size_t i = 2; i < v.n; i++)
		if (!is_hex(v.p[i]))
			return false;
	return true;
}

static bool is_account(struct rcd_sv v)
{
	return is_sid(v) && rcd_sv_starts(v, RCD_SV("AC"));
}

static bool is_count(struct rcd_sv v)
{
	int64_t n;

	return v.n > 0 && v.n <= 2 && is_digit(v.p[0]) &&
	       rcd_parse_i64(v, 0, RCD_MAX_MEDIA_COUNT, &n) == 0;
}

static bool is_number(struct rcd_sv v)
{
	v = rcd_sv_starts(v, RCD_SV("+")) ? rcd_sv_skip(v, 1) : v;
	for (size_t i = 0; i < v.n; i++)
		if (!is_digit(v.p[i]))
			return false;
	return v.n >= 3 && v.n <= 15;
}

/* An id of a channel, "messenger:1234": one word. */
static bool is_word(struct rcd_sv v, size_t max)
{
	for (size_t i = 0; i < v.n; i++)
		if (!is_letter(v.p[i]) && !is_digit(v.p[i]) &&
		    (v.p[i] == '\0' || strchr("._-+&@:", v.p[i]) == NULL))
			return false;
	return v.n > 0 && v.n <= max;
}

static bool is_address(struct rcd_sv v)
{
	const struct rcd_sv prefix = rcd_address_prefix(v), rest = rcd_sv_skip(v, prefix.n);

	if (v.n > RCD_MAX_ADDRESS)
		return false;
	if (is_number(rest) || rcd_bsuid_ok(rest))
		return true;
	return prefix.n > 0 ? !rcd_sv_is(prefix, "whatsapp:") && is_word(rest, RCD_MAX_ADDRESS)
	                    : is_word(rest, MAX_SENDER_ID);
}

static bool is_wa_id(struct rcd_sv v)
{
	return is_number(v) || rcd_bsuid_ok(v);
}

static const struct {
	const char *name;
	bool (*is_good)(struct rcd_sv v);
} shapes[] = {
	{"MessageSid", is_sid},     {"SmsSid", is_sid},     {"SmsMessageSid", is_sid},
	{"AccountSid", is_account}, {"From", is_address},   {"To", is_address},
	{"WaId", is_wa_id},         {"NumMedia", is_count},
};

/* --- the form ------------------------------------------------------------------------------ */

static bool is_name(struct rcd_sv name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!is_letter(name.p[i]) && !is_digit(name.p[i]) && name.p[i] != '_')
			return false;
	return name.n > 0 && name.n <= MAX_NAME && is_letter(name.p[0]);
}

static int check_field(const struct rcd_pair *f, struct rcd_err *err)
{
	if (!is_name(f->name))
		return rcd_fail(err, RCD_PROTO, 0,
		                "twilio webhook: a field whose name is none of Twilio's");
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (rcd_sv_is(f->name, shapes[i].name) && f->value.n > 0 && !shapes[i].is_good(f->value))
			return rcd_fail(err, RCD_PROTO, 0, "twilio webhook: %s is not of Twilio's form",
			                shapes[i].name);
	return 0;
}

static int check_doubled(const struct rcd_form *form, struct rcd_err *err)
{
	for (size_t i = 0; i < form->n; i++)
		for (size_t k = 0; k < i; k++)
			if (rcd_sv_eq(form->pair[i].name, form->pair[k].name))
				return rcd_fail(err, RCD_PROTO, 0, "twilio webhook: a doubled field");
	return 0;
}

/* Reads what follows "MessageSid" as a sid: two letters and hex digits as far as they go. */
static struct rcd_sv read_sid(struct rcd_sv text)
{
	size_t n = 2;

	if (text.n < 2 + SID_HEX || !is_letter(text.p[0]) || !is_letter(text.p[1]))
		return (struct rcd_sv){NULL, 0};
	while (n < text.n && n < 2 + SID_HEX && is_hex(text.p[n]))
		n++;
	return n == 2 + SID_HEX ? (struct rcd_sv){text.p, n} : (struct rcd_sv){NULL, 0};
}

/* "MessageSid" is also the end of the name SmsMessageSid; of a reply the quoted one is named. */
static bool is_other_name(struct rcd_sv text, struct rcd_sv sid)
{
	const struct rcd_sv word = RCD_SV("MessageSid"), quoted = RCD_SV("OriginalReplied");
	const char *start = text.p, *at;

	while (text.n > 0 && (at = memmem(text.p, text.n, word.p, word.n)) != NULL) {
		const bool of_reply = (size_t)(at - start) >= quoted.n &&
		                      memcmp(at - quoted.n, quoted.p, quoted.n) == 0;
		struct rcd_sv found;

		text = rcd_sv_skip(text, (size_t)(at - text.p) + word.n);
		found = read_sid(text);
		if (found.n > 0 && !of_reply && !rcd_sv_eq(found, sid))
			return true;
	}
	return false;
}

static int check_signed_bytes(const struct rcd_form *form, struct rcd_err *err)
{
	struct rcd_buf text;
	bool another, bad;

	rcd_buf_init(&text, 2 * RCD_MAX_WEBHOOK);
	rcd_sign_twilio_text(form, &text);
	bad = text.bad;
	another = !bad && is_other_name(rcd_buf_view(&text), rcd_form_get(form, "MessageSid"));
	rcd_buf_free(&text);
	if (bad)
		return rcd_fail_nomem(err);
	return another ? rcd_fail(err, RCD_PROTO, 0,
	                          "twilio webhook: more than one MessageSid in what is signed")
	               : 0;
}

int rcd_twilio_check(const struct rcd_form *form, struct rcd_err *err)
{
	for (size_t i = 0; i < form->n; i++)
		if (check_field(&form->pair[i], err) != 0)
			return -1;
	return check_doubled(form, err) != 0 ? -1 : check_signed_bytes(form, err);
}
