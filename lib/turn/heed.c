/* What a customer may ask of their own data, and of messages themselves (wishes.c), is answered by
 * rule, before any model is asked. To forget takes a yes to our question, which is the contact's
 * last turn then. */

#include "base/clock.h"
#include "policy/wish.h"
#include "store/contact.h"
#include "store/memory.h"
#include "store/sms_past.h"
#include "turn/steps.h"

#include <stdlib.h>
#include <string.h>

#define YES_MS (30 * 60000LL) /* how long our question may be answered */

static const char *const label[2][RCD_N_FACT_KINDS] = {
	{[RCD_FACT_NAME] = "nome",
     [RCD_FACT_BUSINESS] = "negócio",
     [RCD_FACT_ANSWERS] = "como prefere ser atendido",
     [RCD_FACT_NEED] = "precisa de",
     [RCD_FACT_PREFERENCE] = "prefere",
     [RCD_FACT_DATE] = "data"},
	{[RCD_FACT_NAME] = "name",
     [RCD_FACT_BUSINESS] = "business",
     [RCD_FACT_ANSWERS] = "how you like to be answered",
     [RCD_FACT_NEED] = "needs",
     [RCD_FACT_PREFERENCE] = "prefers",
     [RCD_FACT_DATE] = "date"},
};

static const char *label_of(const struct rcd_turn *t, const char *kind)
{
	for (int i = 0; i < RCD_N_FACT_KINDS; i++)
		if (strcmp(kind, rcd_fact_kind_name[i]) == 0)
			return label[t->env->conf->lang][i];
	return kind;
}

/* What a model has kept of them by save_contact. */
static void tell_card(struct rcd_turn *t, const struct rcd_memory *m)
{
	const bool en = t->env->conf->lang == RCD_EN;
	struct rcd_sv notes = rcd_sv(m->notes), line;

	if (m->name != NULL)
		rcd_buf_fmt(&t->rules.reply, "- %s: %s\n", label[en][RCD_FACT_NAME], m->name);
	if (m->email != NULL)
		rcd_buf_fmt(&t->rules.reply, "- e-mail: %s\n", m->email);
	while (notes.p != NULL && rcd_sv_cut(&notes, '\n', &line))
		rcd_buf_fmt(&t->rules.reply, en ? "- note: %.*s\n" : "- anotação: %.*s\n",
		            RCD_SV_ARG(line));
}

static void tell(struct rcd_turn *t, const struct rcd_contact_row *who, const struct rcd_memory *m)
{
	const bool en = t->env->conf->lang == RCD_EN;
	char first[RCD_TIME_TEXT];

	rcd_time_text(who->first_ms, first);
	first[10] = '\0';
	rcd_buf_fmt(&t->rules.reply, "%s\n", rcd_turn_text(t, RCD_TEXT_KNOWN));
	if (who->first_name != NULL)
		rcd_buf_fmt(&t->rules.reply, "- %s: %s %s\n", label[en][RCD_FACT_NAME], who->first_name,
		            who->last_name != NULL ? who->last_name : "");
	rcd_buf_fmt(&t->rules.reply,
	            en ? "- messages since %s: %lld\n" : "- mensagens desde %s: %lld\n", first,
	            (long long)who->messages);
	tell_card(t, m);
	for (size_t i = 0; i < m->n_facts; i++)
		rcd_buf_fmt(&t->rules.reply, "- %s: %s (\"%s\")\n", label_of(t, m->fact[i].kind),
		            m->fact[i].value, m->fact[i].quote);
	if (m->summary != NULL)
		rcd_buf_fmt(&t->rules.reply, "%s\n", m->summary);
}

static int known(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_contact_row *who = NULL;
	struct rcd_memory m = {0};
	int ret = rcd_contact_get(t->env->db, t->job.tenant, t->job.contact_id, &who, err);

	if (ret == 0)
		ret = rcd_memory_get(t->env->db, t->job.tenant, t->job.contact_id, &m, err);
	if (ret == 0)
		tell(t, who, &m);
	if (ret == 0 && t->rules.reply.bad)
		ret = rcd_fail_nomem(err);
	rcd_memory_free(&m);
	free(who);
	t->outcome.rung = "known";
	return ret;
}

/* An SMS is told what came by SMS, which is in its history already. */
static int tell_sms(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_sms_past past = {0};
	char first[RCD_TIME_TEXT];

	t->outcome.rung = "known";
	if (rcd_sms_past_get(t->env->db, t->job.tenant, t->job.contact_id, &past, err) != 0)
		return -1;
	rcd_time_text(past.first_ms, first);
	first[10] = '\0';
	rcd_buf_fmt(&t->rules.reply, "%s\n- SMS (%s): %lld\n%s", rcd_turn_text(t, RCD_TEXT_KNOWN),
	            first, (long long)past.messages, rcd_turn_text(t, RCD_TEXT_BY_SMS));
	return t->rules.reply.bad ? rcd_fail_nomem(err) : 0;
}

/* Is this the yes to our question? */
static int confirmed(struct rcd_turn *t, bool *yes, struct rcd_err *err)
{
	char rung[RCD_RUNG_NAME];
	int64_t ms;

	if (rcd_history_last_rung(t->env->db, t->job.tenant, t->job.contact_id, rcd_turn_reach(t), rung,
	                          &ms, err) != 0)
		return -1;
	*yes = strcmp(rung, RCD_RUNG_ASKS) == 0 && rcd_now_ms() - ms < YES_MS;
	return 0;
}

static int fixed(struct rcd_turn *t, const char *rung, enum rcd_text text, struct rcd_err *err)
{
	t->outcome.rung = rung;
	rcd_buf_str(&t->rules.reply, rcd_turn_text(t, text));
	if (rcd_turn_is_sms(t))
		rcd_buf_fmt(&t->rules.reply, " %s", rcd_turn_text(t, RCD_TEXT_BY_SMS));
	return t->rules.reply.bad ? rcd_fail_nomem(err) : 0;
}

static int answer(struct rcd_turn *t, enum rcd_wish wish, struct rcd_err *err)
{
	bool yes = false;

	switch (wish) {
	case RCD_WISH_KNOWN:
		return rcd_turn_is_sms(t) ? tell_sms(t, err) : known(t, err);
	case RCD_WISH_FORGET:
		return fixed(t, RCD_RUNG_ASKS, RCD_TEXT_FORGET, err);
	case RCD_WISH_YES:
		if (confirmed(t, &yes, err) != 0)
			return -1;
		return yes ? fixed(t, RCD_RUNG_FORGETS, RCD_TEXT_FORGOTTEN, err) : 0;
	default:
		return 0;
	}
}

int rcd_turn_heed(struct rcd_turn *t, struct rcd_err *err)
{
	enum rcd_wish wish;

	if (rcd_turn_keep_wishes(t, err) != 0)
		return -1;
	if (t->outcome.silent)
		return 0;
	if (t->rules.reply.n == 0 &&
	    (rcd_wish(rcd_received_own_words(&t->hear), &wish, err) != 0 || answer(t, wish, err) != 0))
		return -1;
	if (t->rules.reply.n > 0) /* what was spoken is for no model, and leaves the session at once */
		t->live.session = rcd_realtime_give(t->live.session);
	return 0;
}
