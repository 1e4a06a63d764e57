/* What a contact asks of messages themselves is kept before anything is answered: STOP and START,
 * advertising, voice notes. The store's check (suppression.h) is what holds messages back; this
 * file decides what is kept, and what is said about it. */

#include "policy/audio_wish.h"
#include "policy/message_wish.h"
#include "turn/steps.h"

#include <stdio.h>

/* How it is confirmed: [scope][on]. */
static const enum rcd_text confirmation[2][2] = {
	[RCD_SCOPE_ALL] = {RCD_TEXT_STARTED, RCD_TEXT_STOPPED},
	[RCD_SCOPE_MARKETING] = {RCD_TEXT_OFFERS, RCD_TEXT_NO_OFFERS},
};

struct wishes {
	struct rcd_turn *t;
	bool person;    /* has the conversation */
	bool answered;  /* by the provider: the last message asks for nothing more */
	int tell;       /* enum rcd_text to be said; -1 */
	size_t told_by; /* the message that asks for it */
};

static int keep_one(struct wishes *w, const struct rcd_suppress *what, size_t i,
                    struct rcd_err *err)
{
	struct rcd_turn *t = w->t;
	struct rcd_suppress in = *what;
	const bool was = t->rules->suppressed.on[what->scope];
	bool tell = false;

	in.tenant = t->job.tenant;
	in.contact_id = t->job.contact_id;
	in.turn_id = w->person || in.scope > RCD_SCOPE_MARKETING
	                 ? 0
	                 : t->job.turn_id; /* the others are not confirmed */
	if (rcd_suppression_set(t->env->db, &t->job, &in, &tell, err) != 0 ||
	    rcd_suppression_get(t->env->db, t->job.tenant, t->job.contact_id, rcd_turn_is_sms(t),
	                        &t->parts->rules.suppressed, err) != 0)
		return -1;
	if (t->rules->suppressed.on[in.scope] != was)
		rcd_turn_log(t, "suppression_changed scope=%s on=%d source=%s reason=%s",
		             rcd_suppress_scope(&in), in.on, rcd_wish_source_name[in.source], in.reason);
	w->tell = tell && in.scope <= RCD_SCOPE_MARKETING ? (int)confirmation[in.scope][in.on] : -1;
	w->told_by = i;
	return 0;
}

static int keep_of_message(struct wishes *w, size_t i, struct rcd_sv words, struct rcd_err *err)
{
	const struct rcd_turn *t = w->t;
	const struct rcd_wish_message message = {.opt_out = t->gather->msg[i].opt_out,
	                                         .from = t->gather->msg[i].from,
	                                         .words = words};
	struct rcd_suppress in;
	bool asks;

	w->answered = t->gather->msg[i].opt_out.n > 0;
	if (rcd_wish_of_message(&message, &in, &asks, err) != 0)
		return -1;
	/* START ends what holds: all of it, or else no advertising */
	if (asks && !in.on && !t->rules->suppressed.on[RCD_SCOPE_ALL] &&
	    t->rules->suppressed.on[RCD_SCOPE_MARKETING])
		in.scope = RCD_SCOPE_MARKETING;
	in.inbox_id = t->gather->row[i].id;
	return asks ? keep_one(w, &in, i, err) : 0;
}

/* Nothing is said about these: the answer itself is as was asked. A request for one voice note ends
 * a wish for none. By SMS there is no voice, and what a forged one asks for is not for WhatsApp. */
static int keep_of_audio(struct wishes *w, size_t i, struct rcd_sv words, struct rcd_err *err)
{
	struct rcd_turn *t = w->t;
	struct rcd_suppress in = {.source = RCD_BY_CUSTOMER, .inbox_id = t->gather->row[i].id};
	struct rcd_audio_said said;
	const int tell = w->tell;

	if (rcd_turn_is_sms(t))
		return 0;
	if (rcd_audio_wish_of(words, &said, err) != 0)
		return -1;
	if (said.wish == RCD_AUDIO_NONE)
		return 0;
	t->parts->rules.wants_audio = said.wish != RCD_AUDIO_NEVER;
	in.reason = said.reason;
	in.on = said.wish != RCD_AUDIO_ASKED;
	in.scope = said.wish == RCD_AUDIO_ALWAYS ? RCD_SCOPE_TEXT : RCD_SCOPE_AUDIO;
	if (!in.on && !t->rules->suppressed.on[in.scope])
		return 0;
	if (keep_one(w, &in, i, err) != 0)
		return -1;
	w->tell = tell;
	return 0;
}

/* Whoever has blocked us cannot write: the block is over. By SMS there is none to end. */
static int end_block(struct wishes *w, struct rcd_err *err)
{
	const struct rcd_suppress in = {.scope = RCD_SCOPE_ALL,
	                                .on = false,
	                                .source = RCD_BY_PROVIDER,
	                                .reason = "wrote_again"};

	return w->t->rules->suppressed.by_block ? keep_one(w, &in, 0, err) : 0;
}

static int keep_all(struct wishes *w, struct rcd_err *err)
{
	const struct rcd_turn *t = w->t;

	for (size_t i = 0, from = 0; i < t->gather->n; from = t->hear->own_words_end[i++]) {
		const struct rcd_sv words = {t->hear->own_words.p + from, t->hear->own_words_end[i] - from};

		if (keep_of_message(w, i, words, err) != 0 || keep_of_audio(w, i, words, err) != 0)
			return -1;
	}
	return 0;
}

/* The confirmation is all the answer, unless something else was said after it. */
static void confirm_wish(struct wishes *w)
{
	struct rcd_turn *t = w->t;
	const bool all = t->rules->suppressed.on[RCD_SCOPE_ALL];

	if (w->tell >= 0 && (all || w->told_by + 1 == t->gather->n)) {
		t->outcome.rung = RCD_RUNG_WISH;
		rcd_buf_str(&t->parts->rules.reply, rcd_turn_text(t, (enum rcd_text)w->tell));
	} else if (all || w->answered) {
		t->outcome.silent = true;
	}
}

int rcd_turn_read_wishes(struct rcd_turn *t, struct rcd_err *err)
{
	return rcd_suppression_get(t->env->db, t->job.tenant, t->job.contact_id, rcd_turn_is_sms(t),
	                           &t->parts->rules.suppressed, err);
}

void rcd_turn_refuse_voice(struct rcd_turn *t)
{
	t->parts->rules.suppressed.on[RCD_SCOPE_AUDIO] = true;
}

int rcd_turn_keep_wishes(struct rcd_turn *t, struct rcd_err *err)
{
	struct wishes w = {.t = t, .person = t->outcome.silent, .tell = -1};

	t->parts->rules.wants_audio = t->parts->rules.suppressed.on[RCD_SCOPE_TEXT];
	if (end_block(&w, err) != 0 || keep_all(&w, err) != 0)
		return -1;
	if (!w.person)
		confirm_wish(&w);
	return t->rules->reply.bad ? rcd_fail_nomem(err) : 0;
}
