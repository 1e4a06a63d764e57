/* Is this message answered? By what the contact's last turns were like, before any model is asked.
 * One query, of rows that the turn reads anyway a moment later; nothing is written for it. */

#include "base/address.h"
#include "turn/steps.h"

#include <string.h>

static bool is_on(const struct rcd_turn *t)
{
	const struct rcd_brake_conf *conf = &t->env->conf->brake;

	/* an observer sits in front of it and can stop */
	return !t->outcome.silent && t->env->watch == NULL &&
	       (conf->loop_answers | conf->answers | conf->fast_answers) != 0;
}

/* Whoever wants no more messages, or to be forgotten, is told so, unless without end. */
static bool must_confirm(const struct rcd_turn *t, enum rcd_brake why)
{
	return t->outcome.rung != NULL && why != RCD_BRAKE_RATE &&
	       (strcmp(t->outcome.rung, RCD_RUNG_FORGETS) == 0 ||
	        strcmp(t->outcome.rung, RCD_RUNG_WISH) == 0);
}

static int64_t begun_ms(const struct rcd_turn *t)
{
	return t->gather->row[0].received_ms;
}

/* Once per turn. */
static int load_recent(struct rcd_turn *t, struct rcd_err *err)
{
	const struct rcd_recent_in in = {.tenant = t->job.tenant,
	                                 .contact_id = t->job.contact_id,
	                                 .except = t->job.turn_id,
	                                 .since_ms = begun_ms(t) - RCD_BRAKE_MEMORY_MS,
	                                 .channel = rcd_address_channel(rcd_sv(t->job.key)),
	                                 .max = RCD_BRAKE_TURNS};

	if (t->rules->looked_back)
		return 0;
	if (rcd_recent_turns(t->env->db, &in, &t->parts->rules.recent, &t->parts->rules.n_recent,
	                     err) != 0)
		return -1;
	t->parts->rules.looked_back = true;
	return 0;
}

static struct rcd_brake_turn make_brake_turn(const struct rcd_recent *r)
{
	return (struct rcd_brake_turn){.started_ms = r->started_ms,
	                               .messages = r->messages,
	                               .audio = r->audio,
	                               .braked = strcmp(r->rung, RCD_RUNG_BRAKE) == 0,
	                               .in = rcd_sv(r->said),
	                               .out = rcd_sv(r->answer)};
}

static bool was_braked(const struct rcd_turn *t)
{
	return t->rules->n_recent > 0 &&
	       make_brake_turn(&t->rules->recent[t->rules->n_recent - 1]).braked;
}

int rcd_turn_spares_note(struct rcd_turn *t, bool *yes, struct rcd_err *err)
{
	struct rcd_brake_turn last;

	*yes = false;
	if (!is_on(t))
		return 0;
	if (load_recent(t, err) != 0)
		return -1;
	if (t->rules->n_recent > 0) {
		last = make_brake_turn(&t->rules->recent[t->rules->n_recent - 1]);
		*yes = rcd_brake_holds(&t->env->conf->brake, &last, begun_ms(t));
	}
	return 0;
}

/* The operator is told when it begins, and not with each message. */
static void fall_silent(struct rcd_turn *t, enum rcd_brake why)
{
	if (!was_braked(t))
		t->outcome.waits |= RCD_WAITS_LOOP;
	(void)json_object_set_new(t->outcome.why, "brake", json_string(rcd_brake_name[why]));
	t->outcome.silent = true;
	t->parts->rules.braked = true;
	t->live.session = rcd_realtime_give(t->live.session);
	rcd_buf_reset(&t->parts->rules.reply);
	rcd_typing_end(t->env->typing_sender, &t->typing);
}

int rcd_turn_brake(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_brake_turn turn[RCD_BRAKE_TURNS + 1];
	enum rcd_brake why;
	size_t n = 0;

	if (!is_on(t))
		return 0;
	if (load_recent(t, err) != 0)
		return -1;
	for (; n < t->rules->n_recent; n++)
		turn[n] = make_brake_turn(&t->rules->recent[n]);
	turn[n++] = (struct rcd_brake_turn){.started_ms = begun_ms(t),
	                                    .messages = (int64_t)t->gather->n,
	                                    .audio = t->hear->has_voice_note,
	                                    .in = rcd_buf_view(&t->hear->customer_text)};
	if (rcd_brake(&t->env->conf->brake, turn, n, &why, err) != 0)
		return -1;
	if (why != RCD_BRAKE_NONE && !must_confirm(t, why))
		fall_silent(t, why);
	return 0;
}
