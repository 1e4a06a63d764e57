#include "provider/twilio_api.h"

#include <string.h>

static enum rcd_delivery find_delivery(struct rcd_sv word)
{
	static const struct {
		const char *word;
		enum rcd_delivery delivery;
	} words[] = {
		{"accepted", RCD_DELIVERY_QUEUED},     {"scheduled", RCD_DELIVERY_QUEUED},
		{"queued", RCD_DELIVERY_QUEUED},       {"sending", RCD_DELIVERY_SENDING},
		{"sent", RCD_DELIVERY_SENT},           {"partially_delivered", RCD_DELIVERY_SENT},
		{"delivered", RCD_DELIVERY_DELIVERED}, {"read", RCD_DELIVERY_READ},
		{"undelivered", RCD_DELIVERY_FAILED},  {"canceled", RCD_DELIVERY_FAILED},
		{"failed", RCD_DELIVERY_FAILED},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (rcd_sv_is(word, words[i].word))
			return words[i].delivery;
	return RCD_DELIVERY_NONE;
}

static bool is_key(struct rcd_sv k)
{
	for (size_t i = 0; i < k.n; i++)
		if ((k.p[i] < '0' || k.p[i] > '9') && (k.p[i] < 'a' || k.p[i] > 'f'))
			return false;
	return k.n == 32;
}

/* A query that is not as we wrote it has no key. */
static int read_key(struct rcd_sv query, char key[33], struct rcd_err *err)
{
	struct rcd_err why = {.code = RCD_OK};
	struct rcd_form f = {0};
	struct rcd_sv k;

	key[0] = '\0';
	if (query.n == 0)
		return 0;
	if (rcd_form_parse(query, &f, &why) != 0)
		return why.code == RCD_NOMEM ? rcd_fail_nomem(err) : 0;
	k = rcd_form_get(&f, "k");
	if (is_key(k) && !rcd_form_has_twice(&f, "k")) {
		memcpy(key, k.p, 32);
		key[32] = '\0';
	}
	rcd_form_free(&f);
	return 0;
}

/* Either name, by the age of the callback; MessageStatus is the newer one. */
static struct rcd_sv get_status_word(const struct rcd_form *form)
{
	struct rcd_sv v = rcd_form_get(form, "MessageStatus");

	return v.n > 0 ? v : rcd_form_get(form, "SmsStatus");
}

/* A message that came in says "received", or nothing; only a callback has MessageStatus with any
 * other word, also one that is not known yet. */
bool rcd_twilio_is_status(const struct rcd_form *form)
{
	struct rcd_sv word = get_status_word(form);

	if (word.n == 0 || rcd_sv_is(word, "received") || rcd_sv_is(word, "receiving"))
		return false;
	return rcd_form_get(form, "MessageStatus").n > 0 || find_delivery(word) != RCD_DELIVERY_NONE;
}

int rcd_twilio_status(struct rcd_sv query, const struct rcd_form *form,
                      struct rcd_twilio_status *out, struct rcd_err *err)
{
	struct rcd_twilio_status s = {.error = 0};
	int64_t n = 0;

	if (rcd_form_has_twice(form, "MessageSid") || rcd_form_has_twice(form, "MessageStatus"))
		return rcd_fail(err, RCD_PROTO, 0, "twilio status: a doubled field");
	if (rcd_twilio_sid(rcd_form_get(form, "MessageSid"), s.sid) != 0)
		return rcd_fail(err, RCD_PROTO, 0, "twilio status: no MessageSid");
	s.delivery = find_delivery(get_status_word(form));
	if (s.delivery == RCD_DELIVERY_NONE)
		return rcd_fail(err, RCD_PROTO, 0, "twilio status: no MessageStatus that we know");
	if (rcd_parse_i64(rcd_form_get(form, "ErrorCode"), 1, 999999, &n) == 0)
		s.error = (int)n;
	if (read_key(query, s.key, err) != 0)
		return -1;
	*out = s;
	return 0;
}
