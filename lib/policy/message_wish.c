#include "policy/message_wish.h"

#include "base/address.h"
#include "policy/optout.h"

/* What one kind of words does. */
static const struct {
	enum rcd_scope scope;
	bool on;
} act[RCD_N_OPTOUTS] = {
	[RCD_OPTOUT_STOP] = {RCD_SCOPE_ALL, true},
	[RCD_OPTOUT_START] = {RCD_SCOPE_ALL, false},
	[RCD_OPTOUT_NO_OFFERS] = {RCD_SCOPE_MARKETING, true},
	[RCD_OPTOUT_OFFERS] = {RCD_SCOPE_MARKETING, false},
};

/* Twilio's advanced opt-out knows the words of its own list, and has confirmed them. */
int rcd_wish_of_message(const struct rcd_wish_message *m, struct rcd_suppress *out, bool *asks,
                        struct rcd_err *err)
{
	const bool stop = rcd_sv_is(m->opt_out, "STOP");
	const bool by_sms = rcd_sv_is(rcd_address_channel(m->from), "sms");
	enum rcd_optout what = RCD_OPTOUT_NONE;

	*asks = stop || rcd_sv_is(m->opt_out, "START");
	*out = (struct rcd_suppress){.scope = RCD_SCOPE_ALL,
	                             .on = stop,
	                             .by_sms = by_sms,
	                             .source = RCD_BY_PROVIDER,
	                             .reason = stop ? "OptOutType=STOP" : "OptOutType=START"};
	if (m->opt_out.n > 0)
		return 0;
	if (rcd_optout_of(m->words, &what, err) != 0)
		return -1;
	*asks = what != RCD_OPTOUT_NONE;
	*out = (struct rcd_suppress){.scope = act[what].scope,
	                             .on = act[what].on,
	                             .by_sms = by_sms,
	                             .source = RCD_BY_CUSTOMER,
	                             .reason = rcd_optout_reason[what]};
	return 0;
}

static struct rcd_sv view_or_absent(const char *text)
{
	return text[0] != '\0' ? rcd_sv(text) : rcd_sv(NULL);
}

bool rcd_wish_holds(const struct rcd_wish_message *m, const char *phone, const char *bsuid,
                    struct rcd_inbox_wish *out)
{
	struct rcd_err err;
	bool asks = false;

	*out = (struct rcd_inbox_wish){.phone = view_or_absent(phone), .bsuid = view_or_absent(bsuid)};
	return rcd_wish_of_message(m, &out->what, &asks, &err) == 0 && asks && out->what.on;
}
