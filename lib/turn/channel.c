#include "turn/channel.h"

#include "base/address.h"

struct rcd_sv rcd_turn_channel(const struct rcd_turn *t)
{
	return rcd_address_channel(t->gather->n > 0 && t->gather->msg != NULL
	                               ? t->gather->msg[t->gather->n - 1].from
	                               : rcd_sv(t->job.key));
}

bool rcd_turn_is_sms(const struct rcd_turn *t)
{
	return rcd_sv_is(rcd_turn_channel(t), "sms");
}

enum rcd_turns_of rcd_turn_reach(const struct rcd_turn *t)
{
	return rcd_turn_is_sms(t) ? RCD_TURNS_SMS : RCD_TURNS_OTHER;
}

enum rcd_marks_style rcd_turn_marks(const struct rcd_turn *t)
{
	return rcd_sv_is(rcd_turn_channel(t), "whatsapp") ? RCD_MARKS_WHATSAPP : RCD_MARKS_PLAIN;
}

struct rcd_finish rcd_turn_form(const struct rcd_turn *t)
{
	const struct rcd_turn_conf *conf = t->env->conf;

	return (struct rcd_finish){rcd_turn_marks(t),
	                           rcd_turn_is_sms(t),
	                           {conf->sms_plain, (size_t)conf->sms_segments}};
}

struct rcd_person rcd_turn_person(const struct rcd_turn *t)
{
	return (struct rcd_person){.db = t->env->db,
	                           .tenant = t->job.tenant,
	                           .contact_id = t->job.contact_id,
	                           .reach = rcd_turn_reach(t),
	                           .lang = t->env->conf->lang};
}

const char *rcd_turn_zone(const struct rcd_turn *t)
{
	if (t->recall->zone != NULL)
		return t->recall->zone;
	return t->env->conf->zone != NULL ? t->env->conf->zone : "UTC";
}

const char *rcd_turn_text(const struct rcd_turn *t, enum rcd_text which)
{
	return t->env->conf->text[which];
}
